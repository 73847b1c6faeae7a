import { quantileSorted } from "simple-statistics";
import type { Block } from "./block.ts";
import type { FilteredDays } from "./day-filter.ts";
import { type DetectionState, historyLimitDays } from "./detection-state.ts";
import type { GroupView } from "./group-view.ts";
import type { DetectionParameters } from "./parameters.ts";
import type { Residuals } from "./residuals.ts";
import { invertSymmetric } from "./statistics/cholesky.ts";
import type { StepWeights } from "./step-weights.ts";

/**
 * How large a step each stream shows when nothing has happened. Tails, not the standard deviation, decide: two false alarms in 100
 * meter-years need z of 6-7 on substations and 14-18 on feeders if z is in plain deviations, so the scale is the larger of the robust
 * deviation and half the 95 % quantile of the stream's *own* past steps, shrunk to the median of its level.
 */
export interface Noise {
  /** Deviation of the flat 10-day step, share of the mean. */
  readonly flatSigma: Float64Array;
  /** Inverse covariance of the 24-hour step profile, [stream * 576 ..]. */
  readonly inverse: Float64Array;
  /** Weights that make the flat step of a 24-hour profile: C^-1 1 / (1' C^-1 1); [stream * 24 ..]. */
  readonly flatWeights: Float64Array;
  /** Deviation of the flat step that the covariance alone would give; flatSigma over it is the inflation of every template's z. */
  readonly shapeSigma: Float64Array;
  /** Deviation of each 4-hour block of the profile, [stream * 6 + block]. */
  readonly blockSigma: Float64Array;
  /** A young stream's noise is taken from days up to the refit: a late reading there changes it. Settled noise ends before the fit's lag. */
  readonly reachesRefit: boolean;
}

const profileSize = 24 * 24;
/** Onsets whose past profiles give the covariance: [week - 70, week - 31], so that a step under way is not taken for noise. */
const oldestOnset = 70;
const newestOnset = 31;
/** Below so many settled onsets a stream counts as young. */
const fewOnsets = 15;
/** History samples end this many days before the refit, for the same reason. */
const historyLag = 21;
/** Successive days share most of their window: so many of them count as one. */
const daysPerIndependentSample = 5;
const categories = 5; // four levels and the losses

export function measureNoise(
  view: GroupView,
  block: Block,
  source: { residuals: Residuals; filtered: FilteredDays; week: number; weights: StepWeights },
  state: DetectionState,
  parameters: DetectionParameters,
): Noise {
  const { streamCount } = block;
  const category = Uint8Array.from({ length: streamCount }, (_, s) =>
    s < block.meterCount ? view.levels[block.slots[s]] : categories - 1,
  );
  const onsets = Array.from({ length: streamCount }, (_, stream) => pastOnsets(source, stream, parameters.beforeDays));
  const newest = source.week - newestOnset - source.residuals.firstDay;
  const profiles = onsets.map((of, stream) => pastProfiles(source, stream, of, parameters.beforeDays));
  const { inverse, blockSigma } = shrunkInverses(profiles, category, parameters);
  const flatWeights = new Float64Array(streamCount * 24);
  const shapeSigma = new Float64Array(streamCount);
  const raw = new Float64Array(streamCount);
  const counts = new Float64Array(streamCount);
  for (let stream = 0; stream < streamCount; stream++) {
    const precision = rowSums(inverse.subarray(stream * profileSize), flatWeights.subarray(stream * 24, stream * 24 + 24));
    shapeSigma[stream] = 1 / Math.sqrt(precision);
    const samples = [
      ...flatSteps(profiles[stream], flatWeights.subarray(stream * 24, stream * 24 + 24)),
      ...historySamples(state, block.groupStreams[stream], source.week),
    ].toSorted((a, b) => a - b);
    counts[stream] = samples.length / daysPerIndependentSample;
    raw[stream] =
      samples.length >= 10
        ? Math.max(1.4826 * quantileSorted(samples, 0.5), quantileSorted(samples, 0.95) / 2, quantileSorted(samples, 0.99) / 3)
        : Number.NaN;
  }
  const flatSigma = shrinkToLevel(raw, counts, category, parameters);
  const reachesRefit = onsets.some((of) => of.length > 0 && of.at(-1)! > newest);
  return { flatSigma, inverse, flatWeights, shapeSigma, blockSigma, reachesRefit };
}

/**
 * Past onsets of a stream, where it had data on most of the days that a step is measured on. A young stream also gives its latest onsets:
 * its own noise, even with a step under way in it, beats that of others.
 */
function pastOnsets(
  source: { residuals: Residuals; filtered: FilteredDays; week: number; weights: StepWeights },
  stream: number,
  before: number,
): number[] {
  const { residuals, week, weights } = source;
  const first = Math.max(week - oldestOnset - residuals.firstDay, before);
  const settled = listOnsets(source, stream, first, week - newestOnset - residuals.firstDay);
  const latest = week - weights.age - 1 - residuals.firstDay;
  return settled.length >= fewOnsets ? settled : listOnsets(source, stream, first, latest);
}

/** Profiles of the 10-day step at past onsets, one after the other, 24 values each. */
function pastProfiles(
  source: { residuals: Residuals; filtered: FilteredDays; weights: StepWeights },
  stream: number,
  onsets: readonly number[],
  before: number,
): Float64Array {
  const { residuals, filtered, weights } = source;
  const profiles = new Float64Array(onsets.length * 24);
  onsets.forEach((onset, i) => {
    const start = (stream * residuals.days + onset - before) * 24;
    for (let d = 0; d < weights.weights.length; d++) {
      const weight = weights.weights[d];
      for (let hour = 0; hour < 24; hour++) profiles[i * 24 + hour] += weight * filtered.values[start + d * 24 + hour];
    }
  });
  return profiles;
}

/** Onset days (of the residuals) in [first, last] with data on 80 % of the 10 days before and after. */
function listOnsets(source: { residuals: Residuals; filtered: FilteredDays }, stream: number, first: number, last: number): number[] {
  const onsets: number[] = [];
  for (let onset = first; onset <= last; onset++) {
    let present = 0;
    for (let day = onset - 10; day <= onset + 10; day++)
      if (source.filtered.presentHours[stream * source.residuals.days + day] >= 12) present += 1;
    if (present >= 17) onsets.push(onset);
  }
  return onsets;
}

/** Own second moments, outlying profiles weighted down, shrunk to the mean shape of the level, a little white noise added; inverted. */
function shrunkInverses(
  profiles: readonly Float64Array[],
  category: Uint8Array,
  parameters: DetectionParameters,
): { inverse: Float64Array; blockSigma: Float64Array } {
  const moments = profiles.map(secondMoments);
  const traces = moments.map(trace);
  const shapes = Array.from({ length: categories }, () => new Float64Array(profileSize));
  const members = new Float64Array(categories);
  moments.forEach((moment, stream) => {
    if (!(traces[stream] > 0)) return;
    const shape = shapes[category[stream]];
    for (let i = 0; i < profileSize; i++) shape[i] += moment[i] / traces[stream];
    members[category[stream]] += 1;
  });
  const inverse = new Float64Array(profiles.length * profileSize);
  const blockSigma = new Float64Array(profiles.length * 6);
  moments.forEach((moment, stream) => {
    const scale = traces[stream] > 0 ? traces[stream] : 24 * parameters.minNoiseRatio ** 2;
    const shape = shapes[category[stream]];
    const count = members[category[stream]];
    const own = profiles[stream].length / 24 / daysPerIndependentSample;
    const total = own + parameters.noisePseudoCount;
    const mixed = new Float64Array(profileSize);
    for (let i = 0; i < profileSize; i++) {
      const level = count > 0 ? (shape[i] / count) * scale : i % 25 === 0 ? scale / 24 : 0;
      mixed[i] = (own * moment[i] + parameters.noisePseudoCount * level) / total + (i % 25 === 0 ? (0.03 * scale) / 24 + 1e-10 : 0);
    }
    inverse.set(invertSymmetric(mixed, 24), stream * profileSize);
    for (let b = 0; b < 6; b++) blockSigma[stream * 6 + b] = blockDeviation(mixed, b * 4);
  });
  return { inverse, blockSigma };
}

/** Deviation of the mean of 4 successive hours. */
function blockDeviation(covariance: Float64Array, from: number): number {
  let sum = 0;
  for (let a = from; a < from + 4; a++) for (let b = from; b < from + 4; b++) sum += covariance[a * 24 + b];
  return Math.sqrt(sum / 16);
}

function secondMoments(profiles: Float64Array): Float64Array {
  const count = profiles.length / 24;
  const moment = new Float64Array(profileSize);
  const sizes = Array.from({ length: count }, (_, i) =>
    profiles.subarray(i * 24, i * 24 + 24).reduce((sum, value) => sum + value * value, 0),
  );
  if (count === 0) return moment;
  const typical = quantileSorted(
    sizes.toSorted((a, b) => a - b),
    0.5,
  );
  for (let i = 0; i < count; i++) {
    const weight = Math.min(1, (4 * typical) / (sizes[i] + 1e-12)) / count;
    for (let a = 0; a < 24; a++) for (let b = 0; b < 24; b++) moment[a * 24 + b] += weight * profiles[i * 24 + a] * profiles[i * 24 + b];
  }
  return moment;
}

function trace(moment: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < 24; i++) sum += moment[i * 25];
  return sum;
}

/** Fills `weights` with C^-1 1 / (1' C^-1 1) and returns 1' C^-1 1. */
function rowSums(inverse: Float64Array, weights: Float64Array): number {
  let total = 0;
  for (let a = 0; a < 24; a++) {
    let sum = 0;
    for (let b = 0; b < 24; b++) sum += inverse[a * 24 + b];
    weights[a] = sum;
    total += sum;
  }
  for (let a = 0; a < 24; a++) weights[a] /= total;
  return total;
}

function flatSteps(profiles: Float64Array, weights: Float64Array): number[] {
  return Array.from({ length: profiles.length / 24 }, (_, i) => {
    let step = 0;
    for (let hour = 0; hour < 24; hour++) step += weights[hour] * profiles[i * 24 + hour];
    return Math.abs(step);
  });
}

/** |step| of judged days before the window that the profiles cover, without those that a raised and lasting step of the stream itself made. */
function historySamples(state: DetectionState, groupStream: number, week: number): number[] {
  const own = state.steps.filter((step) => step.groupStream === groupStream && step.endHour === Infinity);
  const newest = week - Math.max(historyLag, oldestOnset - 10);
  const oldest = week - (historyLimitDays - 40);
  const samples: number[] = [];
  state.days.forEach((day, i) => {
    if (day < oldest || day > newest) return;
    const value = state.pages[i][groupStream];
    const onset = day - 10;
    if (!Number.isNaN(value) && !own.some((step) => Math.abs(onset - step.onsetDay) <= 12)) samples.push(Math.abs(value));
  });
  return samples;
}

function shrinkToLevel(raw: Float64Array, counts: Float64Array, category: Uint8Array, parameters: DetectionParameters): Float64Array {
  const medians = Array.from({ length: categories }, (_, level) => {
    const known = [...raw].filter((sigma, stream) => category[stream] === level && !Number.isNaN(sigma)).toSorted((a, b) => a - b);
    return known.length > 0 ? quantileSorted(known, 0.5) : Number.NaN;
  });
  return raw.map((sigma, stream) => {
    const level = medians[category[stream]];
    if (Number.isNaN(sigma)) return Math.max(parameters.minNoiseRatio, Number.isNaN(level) ? 0.05 : level);
    const shrunk = (counts[stream] * sigma + parameters.noisePseudoCount * level) / (counts[stream] + parameters.noisePseudoCount);
    return Math.max(parameters.minNoiseRatio, Math.max(shrunk, sigma * 0.7));
  });
}
