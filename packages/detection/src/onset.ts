import { dayTypeCount } from "./day-types.ts";
import type { Increment } from "./increment.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { medianInPlace } from "./statistics/select.ts";

/** When a step began. */
export interface Onset {
  readonly utcHour: number;
  readonly civilDay: number;
}

/** Days to either side of the age's day that the onset is looked for in; ages are up to 7 days apart. */
export const searchDays = 5;

/**
 * The hour that splits the residuals best into "as before" and "as before plus the increment": least absolute deviations, so single odd
 * hours do not move it. Looks from 5 days before the age's onset day to 5 after, never past the judged day.
 */
export function locateOnset(judged: JudgedBlock, stream: number, increment: Increment, onsetDay: number, civilDay: number): Onset {
  const { calendar } = judged.fit;
  const base = hourlyBase(judged, stream, onsetDay);
  const firstDay = onsetDay - searchDays;
  const lastDay = Math.min(civilDay, onsetDay + searchDays);
  const length = (lastDay - firstDay + 1) * 24;
  // cost(cut) = sum before of |e| + sum after of |e - step|: start with everything after, then move the cut hour by hour
  let cost = 0;
  let best = Infinity;
  let bestCut = searchDays * 24;
  for (let i = 0; i <= length; i++) {
    // of hours without data the last: what began in a gap is measured from the gap's end on
    if (cost <= best + 1e-12) {
      best = cost;
      bestCut = i;
    }
    if (i === length) break;
    const hour = i % 24;
    const value = shareAt(judged, stream, firstDay + Math.floor(i / 24), hour);
    if (Number.isNaN(value)) continue;
    const deviation = value - base[hour];
    cost += Math.abs(deviation) - Math.abs(deviation - increment.size * increment.template.running[hour]);
  }
  const day = Math.min(civilDay, firstDay + Math.floor(bestCut / 24));
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const at = (day - calendar.firstDay) * 24 + (bestCut % 24);
  const utcHour = table[at] >= 0 ? table[at] : table[at + 1];
  return { utcHour, civilDay: day };
}

/** Days a rise takes at least to be a build-up, and how much better than a step it must fit: what is a step is judged as one, by its own tests. */
const leastRiseDays = 3;
const maxRiseCostRatio = 0.85;

/**
 * When a build-up began: the straight rise from the level before to the level since that fits the daily sizes best, by least absolute deviations.
 * Looks from 10 days before the days it was allowed to take. undefined where the best rise takes fewer than 3 days or a step
 * fits nearly as well.
 */
export function locateBuildup(
  judged: JudgedBlock,
  stream: number,
  rise: { daily: Float64Array; onsetDay: number; restDay: number; levels: { before: number; after: number } },
): Onset | undefined {
  const { calendar, residuals } = judged.fit;
  const from = Math.max(residuals.firstDay, rise.onsetDay - 10);
  const days = rise.daily.subarray(from - residuals.firstDay, rise.restDay + 1 - residuals.firstDay);
  // a third of the days for long rises: their ends are not known to the day
  const stride = days.length > 40 ? 3 : 1;
  let best = { cost: Infinity, start: 0, end: 0 };
  let stepCost = Infinity;
  for (let start = 0; start < days.length; start += stride) {
    for (let end = start; end < days.length; end += stride) {
      const cost = riseCost(days, start, end, rise.levels);
      if (cost < best.cost) best = { cost, start, end };
      // a step within a day leaves a day between the levels, which is no rise
      if (end === start) stepCost = Math.min(stepCost, cost - Math.abs(days[start] - rise.levels.after));
    }
  }
  if (best.end - best.start + 1 < leastRiseDays || best.cost > maxRiseCostRatio * stepCost) return undefined;
  const civilDay = from + best.start;
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const at = (civilDay - calendar.firstDay) * 24;
  return { utcHour: table[at] >= 0 ? table[at] : table[at + 1], civilDay };
}

/** Sum of absolute deviations from a straight rise over days [start, end]. */
function riseCost(days: Float64Array, start: number, end: number, { before, after }: { before: number; after: number }): number {
  let cost = 0;
  for (let d = 0; d < days.length; d++) {
    const part = d < start ? 0 : d > end ? 1 : (d - start + 1) / (end - start + 1);
    cost += Math.abs(days[d] - before - part * (after - before));
  }
  return cost;
}

/** Median residual of each local hour over the fortnight that ends 2 days before the age's onset day. */
function hourlyBase(judged: JudgedBlock, stream: number, onsetDay: number): Float64Array {
  const values = new Float64Array(14);
  const base = new Float64Array(24);
  for (let hour = 0; hour < 24; hour++) {
    let count = 0;
    for (let day = onsetDay - 15; day < onsetDay - 1; day++) {
      const value = shareAt(judged, stream, day, hour);
      if (!Number.isNaN(value)) values[count++] = value;
    }
    base[hour] = count > 0 ? medianInPlace(values, count) : 0;
  }
  return base;
}

/** Residual of a local hour without its day-type offset; NaN = no data. */
export function shareAt(judged: JudgedBlock, stream: number, civilDay: number, hour: number): number {
  const { residuals, calendar } = judged.fit;
  const day = civilDay - residuals.firstDay;
  if (day < 0) return Number.NaN;
  const type = calendar.dayTypes[calendar.areaRowOf[stream]][civilDay - calendar.firstDay];
  return (
    residuals.values[(stream * residuals.days + day) * 24 + hour] - judged.filtered.offsets[(stream * dayTypeCount + type) * 24 + hour]
  );
}
