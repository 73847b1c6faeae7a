import type { Increment } from "./increment.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { shareAt } from "./onset.ts";
import { medianInPlace, robustDeviationInPlace } from "./statistics/select.ts";

/** How a step compares on working days and on weekends and holidays. */
export interface WeekendNumbers {
  /** |median of the working days - of the others| over the step, less two deviations of that difference. NaN = days of one kind only. */
  readonly weekendDifferenceRatio: number;
  /** Days since the onset of the rarer kind. */
  readonly rarerDaysCount: number;
}

/** Days before the onset that tell how much days differ anyway. */
const daysBefore = 28;

/**
 * From the days as they were read: the filter takes the two days of a weekend among five for spikes, and load that works on five days would look
 * as if it worked on all.
 */
export function weekendNumbers(
  judged: JudgedBlock,
  stream: number,
  increment: Increment,
  { onsetDay, restDay, civilDay }: { onsetDay: number; restDay: number; civilDay: number },
): WeekendNumbers {
  const { calendar, residuals } = judged.fit;
  const types = calendar.dayTypes[calendar.areaRowOf[stream]];
  const kinds: [number[], number[]] = [[], []];
  for (let day = restDay + 1; day <= civilDay; day++) {
    const size = readSize(judged, stream, increment, day);
    if (!Number.isNaN(size)) kinds[types[day - calendar.firstDay] === 0 ? 0 : 1].push(size);
  }
  const [working, others] = kinds;
  const rarerDaysCount = Math.min(working.length, others.length);
  if (rarerDaysCount === 0) return { weekendDifferenceRatio: Number.NaN, rarerDaysCount };
  const before = Array.from({ length: daysBefore }, (_, i) => onsetDay - 1 - i)
    .filter((day) => day >= residuals.firstDay)
    .map((day) => readSize(judged, stream, increment, day))
    .filter((size) => !Number.isNaN(size));
  const difference = Math.abs(medianOf(working) - medianOf(others));
  const noise = deviationOf(before) * Math.sqrt(1 / working.length + 1 / others.length);
  return { weekendDifferenceRatio: Math.max(0, difference - 2 * noise) / Math.max(1e-9, Math.abs(increment.size)), rarerDaysCount };
}

/** Mean residual share of the running hours of a day; NaN where half of them are missing. */
function readSize(judged: JudgedBlock, stream: number, { template }: Increment, day: number): number {
  let sum = 0;
  let hours = 0;
  let running = 0;
  for (let hour = 0; hour < 24; hour++) {
    if (template.running[hour] === 0) continue;
    running += 1;
    const share = shareAt(judged, stream, day, hour);
    if (Number.isNaN(share)) continue;
    sum += share;
    hours += 1;
  }
  return hours * 2 > running ? sum / hours : Number.NaN;
}

function medianOf(values: readonly number[]): number {
  return medianInPlace(Float64Array.from(values), values.length);
}

/** Robust deviation; 0 of fewer than 7 days, so that little data excuses nothing. */
function deviationOf(values: readonly number[]): number {
  if (values.length < 7) return 0;
  const copy = Float64Array.from(values);
  return robustDeviationInPlace(copy, copy.length, medianOf(values));
}
