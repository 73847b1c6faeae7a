import type { FilteredDays } from "./day-filter.ts";
import type { Residuals } from "./residuals.ts";
import type { StepWeights } from "./step-weights.ts";

/** What past steps are measured on: the filtered residuals up to a refit, and the weights of the step. */
export interface PastSource {
  readonly residuals: Residuals;
  readonly filtered: FilteredDays;
  readonly week: number;
  readonly weights: StepWeights;
}

/** Profiles of the 10-day step at a stream's past onsets: values[hour * count + i]. Good until the next measurement. */
export interface PastSteps {
  count: number;
  values: Float64Array;
  /** An onset later than the settled ones is among them. */
  isYoung: boolean;
}

/** Onsets whose past profiles give the covariance: [week - 100, week - 31], so that a step under way is not taken for noise. */
export const oldestOnset = 100;
const newestOnset = 31;
/** Below so many settled onsets a stream counts as young. */
const fewOnsets = 15;
/** Days to either side of an onset, and how many of them all must have data. */
const presentDays = 10;
const minPresentDays = 17;

/** Onset days of one stream. One buffer for all: nothing in it outlives a call. */
let onsets = new Int32Array(128);

/**
 * Measures the steps of a stream at its past onsets, where it had data on most of the days that a step is measured on. A young stream also
 * gives its latest onsets: its own noise, even with a step under way in it, beats that of others.
 */
export function measurePastSteps(source: PastSource, stream: number, before: number, into: PastSteps): void {
  const { residuals, week, weights } = source;
  const first = Math.max(week - oldestOnset - residuals.firstDay, before);
  const newest = week - newestOnset - residuals.firstDay;
  let count = listOnsets(source, stream, first, newest);
  if (count < fewOnsets) count = listOnsets(source, stream, first, week - weights.age - 1 - residuals.firstDay);
  into.count = count;
  into.isYoung = count > 0 && onsets[count - 1] > newest;
  if (into.values.length < count * 24) into.values = new Float64Array(count * 24);
  fillProfiles(source, stream, before, into);
}

/** Lists the onset days (of the residuals) in [first, last] with data on 80 % of the 10 days before and after; returns how many. */
function listOnsets({ residuals, filtered }: PastSource, stream: number, first: number, last: number): number {
  if (onsets.length < residuals.days) onsets = new Int32Array(residuals.days);
  const { presentHours } = filtered;
  const start = stream * residuals.days;
  const isPresent = (day: number) => (presentHours[start + day] >= 12 ? 1 : 0);
  let present = 0;
  for (let day = first - presentDays; day < first + presentDays; day++) present += isPresent(day);
  let count = 0;
  for (let onset = first; onset <= last; onset++) {
    present += isPresent(onset + presentDays);
    if (present >= minPresentDays) onsets[count++] = onset;
    present -= isPresent(onset - presentDays);
  }
  return count;
}

/** Weights of the step with a zero behind them, so that two successive onsets can be summed in one pass. */
let padded = new Float64Array(0);

function fillProfiles({ residuals, filtered, weights }: PastSource, stream: number, before: number, into: PastSteps): void {
  const { count, values } = into;
  const length = weights.weights.length;
  if (padded.length !== length + 1) padded = new Float64Array(length + 1);
  padded.set(weights.weights);
  for (let i = 0; i < count; ) {
    const start = (stream * residuals.days + onsets[i] - before) * 24;
    const isPair = i + 1 < count && onsets[i + 1] === onsets[i] + 1;
    for (let hour = 0; hour < 24; hour += 4) {
      if (isPair) fillPair(filtered.values, start + hour, values, hour * count + i, count);
      else fillOne(filtered.values, start + hour, values, hour * count + i, count);
    }
    i += isPair ? 2 : 1;
  }
}

/** Steps of 4 hours at two successive onsets: each value is read once for both. */
function fillPair(days: Float32Array, start: number, values: Float64Array, out: number, count: number): void {
  const length = padded.length;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  let before = 0;
  for (let d = 0, at = start; d < length; d++, at += 24) {
    const weight = padded[d];
    const v0 = days[at];
    const v1 = days[at + 1];
    const v2 = days[at + 2];
    const v3 = days[at + 3];
    a0 += weight * v0;
    a1 += weight * v1;
    a2 += weight * v2;
    a3 += weight * v3;
    b0 += before * v0;
    b1 += before * v1;
    b2 += before * v2;
    b3 += before * v3;
    before = weight;
  }
  values[out] = a0;
  values[out + 1] = b0;
  values[out + count] = a1;
  values[out + count + 1] = b1;
  values[out + 2 * count] = a2;
  values[out + 2 * count + 1] = b2;
  values[out + 3 * count] = a3;
  values[out + 3 * count + 1] = b3;
}

function fillOne(days: Float32Array, start: number, values: Float64Array, out: number, count: number): void {
  const length = padded.length - 1;
  for (let hour = 0; hour < 4; hour++) {
    let sum = 0;
    for (let d = 0, at = start + hour; d < length; d++, at += 24) sum += padded[d] * days[at];
    values[out + hour * count] = sum;
  }
}
