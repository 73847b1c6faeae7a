import type { Meter } from "@hashwatt/contracts";
import { createReadingBatch, type MeterRegistry, type ReadingBatch } from "@hashwatt/pipeline";

export const metersPerArea = 100;
export const partitions = 12;
const intervalsPerDay = 96;
const intervalMs = 900_000;
const startMs = Date.UTC(2022, 0, 3);

/** Meters of quarter hours in areas of 100. */
export function fleetOf(meters: number): Meter[] {
  return Array.from({ length: meters }, (_, meter) => ({
    meterId: `meter-${String(meter).padStart(6, "0")}`,
    name: "",
    level: "substation" as const,
    parentId: null,
    areaId: `area-${Math.floor(meter / metersPerArea)}`,
    region: "",
    timeZone: "Asia/Almaty",
    intervalMinutes: 15,
    ratedKw: null,
    latitude: null,
    longitude: null,
  }));
}

/** A day of one area, interval by interval. Loads have noise of 5 % and are told to the watt: smooth ones would pack to next to nothing. */
export function dayOf(registry: MeterRegistry, area: number, day: number): ReadingBatch {
  const batch = createReadingBatch(metersPerArea * intervalsPerDay);
  const first = registry.ordinalOf(`meter-${String(area * metersPerArea).padStart(6, "0")}`);
  for (let interval = 0; interval < intervalsPerDay; interval++) {
    const shape = 1 + 0.3 * Math.sin((interval / intervalsPerDay) * 2 * Math.PI) + 0.1 * Math.sin(day / 20);
    for (let column = 0; column < metersPerArea; column++) {
      const row = batch.count++;
      const noise = noiseAt((first + column) * 131_071 + day * intervalsPerDay + interval);
      batch.ordinals[row] = first + column;
      batch.startMs[row] = startMs + (day * intervalsPerDay + interval) * intervalMs;
      batch.values[row] = Math.round((50 + 9 * column) * 1000 * shape * (0.95 + 0.1 * noise)) / 1000;
    }
  }
  return batch;
}

/** 0 to 1, without a state: any cell in any order (a mixer of 32-bit integers). */
function noiseAt(cell: number): number {
  let bits = Math.imul(cell ^ (cell >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return ((bits ^ (bits >>> 16)) >>> 0) / 4_294_967_296;
}
