import { DAY_MS, type Meter } from "@hashwatt/contracts";
import type { FleetBatch } from "./arrival.ts";

/** What was metered, as columns: one value for each interval of a meter, the latest version that arrived. Rows are by meter index. */
export interface LoadColumns {
  readonly meters: readonly Meter[];
  /** Midnight UTC at or before the first interval, and whole days from there. */
  readonly fromMs: number;
  readonly days: number;
  /** NaN = no reading. */
  readonly kw: readonly Float32Array[];
  readonly kvar: readonly Float32Array[];
}

export interface LoadColumnsBuilder {
  /** Takes readings in arrival order. */
  take(batch: FleetBatch): void;
  /** Throws RangeError where no reading was taken. */
  finish(): LoadColumns;
}

/** Readings this far before or after nearly all of their batch have a wrong clock: they would stretch the columns to nonsense. */
const slackDays = 45;

/** Days since 1970 between which 98 of 100 readings of a batch lie. */
function bulkOfDays(batch: FleetBatch): readonly [first: number, last: number] {
  const starts = batch.startMs.slice(0, batch.count).toSorted();
  const at = (share: number) => Math.floor(starts[Math.floor(share * (starts.length - 1))] / DAY_MS);
  return [at(0.01), at(0.99)];
}

function grown(row: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(length).fill(Number.NaN);
  longer.set(row);
  return longer;
}

/** Collects the readings of `meters`, of the qualities that are taken, into columns that grow with time. */
export function createLoadColumns(meters: readonly Meter[], isTaken: (quality: number) => boolean = () => true): LoadColumnsBuilder {
  const perDay = meters.map(({ intervalMinutes }) => 1440 / intervalMinutes);
  const kw = meters.map(() => new Float32Array(0));
  const kvar = meters.map(() => new Float32Array(0));
  let firstDay = Number.NaN;
  let lastDay = Number.NEGATIVE_INFINITY;
  let earliestDay = Number.POSITIVE_INFINITY;
  const put = (index: number, at: number, kwValue: number, kvarValue: number) => {
    if (at >= kw[index].length) {
      const length = Math.max(at + 1, 2 * kw[index].length, 64 * perDay[index]);
      kw[index] = grown(kw[index], length);
      kvar[index] = grown(kvar[index], length);
    }
    kw[index][at] = kwValue;
    kvar[index][at] = kvarValue;
  };
  const take = (batch: FleetBatch) => {
    if (batch.count === 0) return;
    const bulk = bulkOfDays(batch);
    if (Number.isNaN(firstDay)) firstDay = bulk[0] - slackDays;
    for (let row = 0; row < batch.count; row++) {
      const day = Math.floor(batch.startMs[row] / DAY_MS);
      if (day < firstDay || day > bulk[1] + slackDays || !isTaken(batch.quality[row])) continue;
      earliestDay = Math.min(earliestDay, day);
      lastDay = Math.max(lastDay, day);
      const index = batch.meterIndex[row];
      const at = Math.floor(((batch.startMs[row] - firstDay * DAY_MS) * perDay[index]) / DAY_MS);
      put(index, at, batch.kw[row], batch.kvar[row]);
    }
  };
  const finish = (): LoadColumns => {
    if (earliestDay > lastDay) throw new RangeError("there is no reading of these meters");
    const days = lastDay - earliestDay + 1;
    const cut = (row: Float32Array, index: number) => {
      const skip = (earliestDay - firstDay) * perDay[index];
      return grown(row.subarray(skip, Math.min(row.length, skip + days * perDay[index])), days * perDay[index]);
    };
    return { meters, fromMs: earliestDay * DAY_MS, days, kw: kw.map(cut), kvar: kvar.map(cut) };
  };
  return { take, finish };
}

/** The usual range of a meter: what lies beyond the ceiling is a fault of measurement, not load. */
export interface UsualLoad {
  /** Mean of the plausible readings, kW; 0 where there is none. */
  readonly meanKw: number;
  readonly ceilingKw: number;
}

/** 3 times the level that 98 of 100 readings stay below: daily and yearly peaks are under 2 times, unit errors over 10 times. */
export function usualLoad(row: Float32Array): UsualLoad {
  const known = row.filter((value) => value >= 0).toSorted();
  if (known.length === 0) return { meanKw: 0, ceilingKw: 0 };
  const ceilingKw = 3 * known[Math.floor(0.98 * (known.length - 1))];
  let sum = 0;
  let count = 0;
  for (const value of known) {
    if (value > ceilingKw) break;
    sum += value;
    count++;
  }
  return { meanKw: sum / count, ceilingKw };
}
