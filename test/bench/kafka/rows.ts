import type { Meter } from "@hashwatt/contracts";

/** One row of the comparison: how many readings, of how many meters, how many in a message. */
export interface BenchRow {
  readonly name: "r1" | "r100" | "rbig";
  readonly readings: number;
  readonly meters: number;
  readonly readingsPerMessage: number;
}

export const benchRows: readonly BenchRow[] = [
  { name: "r1", readings: 3_000_000, meters: 10_000, readingsPerMessage: 1 },
  { name: "r100", readings: 6_000_000, meters: 10_000, readingsPerMessage: 100 },
  { name: "rbig", readings: 3_000_000, meters: 300_000, readingsPerMessage: 1 },
];

export const partitions = 12;
const areas = 48;
const intervalMs = 900_000;
const startMs = Date.UTC(2022, 0, 1);

function meterIdOf(meter: number): string {
  return `meter-${String(meter).padStart(6, "0")}`;
}

function areaOf(meter: number): string {
  return `area-${meter % areas}`;
}

export function benchMeters({ meters }: BenchRow): Meter[] {
  return Array.from({ length: meters }, (_, meter) => ({
    meterId: meterIdOf(meter),
    name: "",
    level: "substation" as const,
    parentId: null,
    areaId: areaOf(meter),
    region: "",
    timeZone: "Asia/Almaty",
    intervalMinutes: 15,
    ratedKw: null,
    latitude: null,
    longitude: null,
  }));
}

/** Messages in order of time; within an interval by area, as concentrators send. The last byte of each value is seeded, nothing else varies. */
export function* benchMessages({ readings, meters, readingsPerMessage }: BenchRow): Generator<{ key: string; value: string }> {
  const random = seeded(1);
  const byArea = Array.from({ length: areas }, (_, area) =>
    Array.from({ length: Math.ceil((meters - area) / areas) }, (__, i) => meterIdOf(area + i * areas)),
  );
  for (let slot = 0, sent = 0; sent < readings; slot++) {
    const intervalStart = new Date(startMs + slot * intervalMs).toISOString().replace(".000", "");
    const load = 1e5 * (1 + 0.3 * Math.sin((slot / 96) * 6.28));
    for (const [area, ids] of byArea.entries()) {
      for (let from = 0; from < ids.length && sent < readings; from += readingsPerMessage) {
        const rows = ids.slice(from, Math.min(from + readingsPerMessage, from + readings - sent)).map((meterId) => ({
          meterId,
          intervalStart,
          kw: Math.round(load + 5e3 * random()) / 1000,
          quality: "measured",
        }));
        sent += rows.length;
        yield { key: `area-${area}`, value: JSON.stringify(readingsPerMessage === 1 ? rows[0] : rows) };
      }
    }
  }
}

/** Park and Miller's generator, 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
