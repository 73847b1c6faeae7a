import { DAY_MS, HOUR_MS } from "@hashwatt/contracts";
import { type LoadColumns, usualLoad } from "./load-columns.ts";
import { zoneOffsets } from "./zone-clock.ts";

/** Daily means of a fleet's meters by local day. */
export interface DailySeries {
  /** Local midnight of the first day by meter, UTC milliseconds (days of 23 and 25 hours are not told apart). */
  readonly firstMs: readonly number[];
  readonly days: number;
  /** By meter index; NaN where fewer than 18 hours are usable. */
  readonly kw: readonly Float64Array[];
}

const usableHours = 18;

/** Mean of each local day of one meter; readings beyond its usual range are left out. */
function dailyMeans(load: LoadColumns, index: number, offsets: Int16Array): Float64Array {
  const row = load.kw[index];
  const perHour = row.length / load.days / 24;
  const { ceilingKw } = usualLoad(row);
  const firstLocal = Math.floor((load.fromMs + offsets[0] * 60_000) / DAY_MS);
  const sums = new Float64Array(load.days + 1);
  const counts = new Float64Array(load.days + 1);
  for (let slot = 0; slot < row.length; slot++) {
    const value = row[slot];
    if (!(value >= 0 && value <= ceilingKw)) continue;
    const hour = Math.floor(slot / perHour);
    const local = Math.floor((load.fromMs + hour * HOUR_MS + offsets[hour] * 60_000) / DAY_MS) - firstLocal;
    sums[local] += value;
    counts[local]++;
  }
  return sums.map((sum, day) => (counts[day] >= usableHours * perHour ? sum / counts[day] : Number.NaN));
}

export function dailySeries(load: LoadColumns): DailySeries {
  const offsets = new Map<string, Int16Array>();
  for (const { timeZone } of load.meters) {
    if (!offsets.has(timeZone)) offsets.set(timeZone, zoneOffsets(timeZone, load.fromMs, load.days * 24));
  }
  const of = (index: number) => offsets.get(load.meters[index].timeZone)!;
  const firstMs = load.meters.map((_, index) => {
    const shiftMs = of(index)[0] * 60_000;
    return Math.floor((load.fromMs + shiftMs) / DAY_MS) * DAY_MS - shiftMs;
  });
  return { firstMs, days: load.days + 1, kw: load.meters.map((_, index) => dailyMeans(load, index, of(index))) };
}

function median(values: number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** The level of a meter is that of its first days: known from then on, and not taken up by a later step. */
const levelDays = 60;
/** An area with fewer other meters is too small for a median: then the whole fleet is the peers. */
const fewestPeers = 4;

function centredLog(row: Float64Array): Float64Array {
  const level = median([...row].filter((kw) => kw > 0).slice(0, levelDays));
  return row.map((kw) => (kw > 0 ? Math.log(kw / level) : Number.NaN));
}

/**
 * How a meter's daily load departs from its peers', as a logarithm about 0: weather and holidays cancel, a step stays. One row a meter;
 * peers are the other meters of the area, or of the fleet where those are fewer than 4.
 */
export function peerCorrected(load: LoadColumns, daily: DailySeries): Float64Array[] {
  const logs = daily.kw.map(centredLog);
  const all = load.meters.map((_, index) => index);
  return logs.map((row, index) => {
    const others = all.filter((other) => other !== index);
    const near = others.filter((other) => load.meters[other].areaId === load.meters[index].areaId);
    const peers = near.length >= fewestPeers ? near : others;
    return row.map((value, day) => {
      const theirs = peers.map((other) => logs[other][day]).filter((log) => !Number.isNaN(log));
      return value - (theirs.length === 0 ? 0 : median(theirs));
    });
  });
}
