import type { Increment } from "./increment.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { shareAt } from "./onset.ts";
import { medianInPlace, robustDeviationInPlace } from "./statistics/select.ts";

/**
 * What the days since an onset say as they were read. The filter that sizes a step takes the two days of a weekend among five for spikes, and the
 * rests of a workshop: load that works on some days would look as if it worked on all.
 */
export interface ReadDayNumbers {
  /** |median of the working days - of the others| over the step, less two deviations of that difference. NaN = days of one kind only. */
  readonly weekendDifferenceRatio: number;
  /** Days since the onset of the rarer kind: working days, or weekends and holidays. */
  readonly rarerDaysCount: number;
  /** Share of the days that show half of the step, or would but for the noise of a day. NaN = none was read. */
  readonly runningDaysRatio: number;
}

/** Days before the onset that tell the level before and how much days differ anyway. */
const daysBefore = 28;

export function readDayNumbers(
  judged: JudgedBlock,
  stream: number,
  increment: Increment,
  days: { onsetDay: number; restDay: number; civilDay: number },
): ReadDayNumbers {
  const { calendar, residuals } = judged.fit;
  const types = calendar.dayTypes[calendar.areaRowOf[stream]];
  const sizesOf = (from: number, to: number, isAsked: (day: number) => boolean) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
      .filter(isAsked)
      .map((day) => readSize(judged, stream, increment, day))
      .filter((size) => !Number.isNaN(size));
  const isWorking = (day: number) => types[day - calendar.firstDay] === 0;
  const since = [days.restDay + 1, days.civilDay + 1] as const;
  const working = sizesOf(...since, isWorking);
  const others = sizesOf(...since, (day) => !isWorking(day));
  const before = sizesOf(Math.max(residuals.firstDay, days.onsetDay - daysBefore), days.onsetDay, () => true);
  const deviation = deviationOf(before);
  const size = Math.abs(increment.size) < 1e-9 ? 1e-9 : increment.size;
  const levelBefore = medianOf(before);
  const rise = (of: number) => ((of - levelBefore) * Math.sign(size) + deviation) / Math.abs(size);
  const all = [...working, ...others];
  return {
    ...compareKinds(working, others, { deviation, size }),
    runningDaysRatio: all.length === 0 || before.length === 0 ? Number.NaN : all.filter((of) => rise(of) >= 0.5).length / all.length,
  };
}

function compareKinds(
  working: readonly number[],
  others: readonly number[],
  { deviation, size }: { deviation: number; size: number },
): Pick<ReadDayNumbers, "weekendDifferenceRatio" | "rarerDaysCount"> {
  const rarerDaysCount = Math.min(working.length, others.length);
  if (rarerDaysCount === 0) return { weekendDifferenceRatio: Number.NaN, rarerDaysCount };
  const difference = Math.abs(medianOf(working) - medianOf(others));
  const noise = deviation * Math.sqrt(1 / working.length + 1 / others.length);
  return { weekendDifferenceRatio: Math.max(0, difference - 2 * noise) / Math.abs(size), rarerDaysCount };
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
