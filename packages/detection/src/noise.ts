import { quantileSorted } from "simple-statistics";
import type { Block } from "./block.ts";
import { type DetectionState, historyLimitDays } from "./detection-state.ts";
import { freshAge } from "./fresh-steps.ts";
import type { GroupView } from "./group-view.ts";
import type { DetectionParameters } from "./parameters.ts";
import { measurePastSteps, oldestOnset, type PastSource, type PastSteps } from "./past-steps.ts";
import { takeFloat64 } from "./rooms.ts";
import { invertInto } from "./statistics/cholesky.ts";
import { quantileInPlace } from "./statistics/select.ts";
import { blockDeviation, profileSize, secondMoments } from "./step-covariance.ts";
import { streamKinds, streamKindsOf } from "./stream-kinds.ts";

/**
 * How large a step each stream shows when nothing has happened. Tails, not the standard deviation, decide: two false alarms in 100
 * meter-years need z of 6-7 on substations and 14-18 on feeders if z is in plain deviations, so the scale is the larger of the robust
 * deviation and half the 95 % quantile of the stream's *own* past steps, shrunk to the median of its level.
 */
export interface Noise {
  /** Row of `streamKinds` of each stream. */
  readonly category: Uint8Array;
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

/** History samples end this many days before the refit, so that a step under way is not taken for noise. */
const historyLag = 21;
/** Successive days share most of their window: so many of them count as one. */
const daysPerIndependentSample = 5;
const categories = streamKinds.length;

/** Room for one block's past steps and second moments, and for one stream's samples. Shared by all: nothing in it outlives a call. */
const pastSteps: PastSteps[] = [];
let moments = new Float64Array(0);
let samples = new Float64Array(0);

export function measureNoise(
  view: GroupView,
  block: Block,
  source: PastSource,
  state: DetectionState,
  parameters: DetectionParameters,
): Noise {
  const { streamCount } = block;
  const category = streamKindsOf(view, block);
  let reachesRefit = false;
  for (let stream = 0; stream < streamCount; stream++) {
    const past = (pastSteps[stream] ??= { count: 0, values: new Float64Array(0), isYoung: false });
    measurePastSteps(source, stream, parameters.beforeDays, past);
    if (past.isYoung) reachesRefit = true;
  }
  const { inverse, blockSigma } = shrunkInverses(category, parameters);
  const flatWeights = new Float64Array(streamCount * 24);
  const shapeSigma = new Float64Array(streamCount);
  const raw = new Float64Array(streamCount);
  const counts = new Float64Array(streamCount);
  const history = historyRange(state, source.week);
  for (let stream = 0; stream < streamCount; stream++) {
    const precision = rowSums(inverse, stream * profileSize, flatWeights, stream * 24);
    shapeSigma[stream] = 1 / Math.sqrt(precision);
    const count = sampleSteps(stream, flatWeights, state, { ...history, groupStream: block.groupStreams[stream] });
    counts[stream] = count / daysPerIndependentSample;
    raw[stream] = count >= 10 ? tailScale(count) : Number.NaN;
  }
  const flatSigma = shrinkToLevel(raw, counts, category, parameters);
  return { category, flatSigma, inverse, flatWeights, shapeSigma, blockSigma, reachesRefit };
}

/** The larger of the robust deviation, half the 95 % and a third of the 99 % quantile of the samples. */
function tailScale(count: number): number {
  const middle = 1.4826 * quantileInPlace(samples, count, 0.5);
  return Math.max(middle, quantileInPlace(samples, count, 0.95) / 2, quantileInPlace(samples, count, 0.99) / 3);
}

/** Own second moments, outlying profiles weighted down, shrunk to the mean shape of the level, a little white noise added; inverted. */
function shrunkInverses(category: Uint8Array, parameters: DetectionParameters): { inverse: Float64Array; blockSigma: Float64Array } {
  const streamCount = category.length;
  if (moments.length < streamCount * profileSize) moments = new Float64Array(streamCount * profileSize);
  const traces = new Float64Array(streamCount);
  const shapes = new Float64Array(categories * profileSize);
  const members = new Float64Array(categories);
  for (let stream = 0; stream < streamCount; stream++) {
    traces[stream] = secondMoments(pastSteps[stream], moments, stream * profileSize);
    if (!(traces[stream] > 0)) continue;
    const shape = category[stream] * profileSize;
    members[category[stream]] += 1;
    for (let i = 0; i < profileSize; i++) shapes[shape + i] += moments[stream * profileSize + i] / traces[stream];
  }
  const inverse = takeFloat64(streamCount * profileSize);
  const blockSigma = new Float64Array(streamCount * 6);
  const mixed = new Float64Array(profileSize);
  for (let stream = 0; stream < streamCount; stream++) {
    const level = { shapes, at: category[stream] * profileSize, members: members[category[stream]] };
    mixWithLevel(mixed, stream, traces[stream], level, parameters);
    for (let b = 0; b < 6; b++) blockSigma[stream * 6 + b] = blockDeviation(mixed, b * 4);
    invertInto(mixed, 24, inverse, stream * profileSize);
  }
  return { inverse, blockSigma };
}

/** Fills `mixed`, on and below the diagonal and in the tiles of 4 x 4 hours on it, with the shrunk covariance of a stream. */
function mixWithLevel(
  mixed: Float64Array,
  stream: number,
  trace: number,
  level: { shapes: Float64Array; at: number; members: number },
  parameters: DetectionParameters,
): void {
  const scale = trace > 0 ? trace : 24 * parameters.minNoiseRatio ** 2;
  const own = pastSteps[stream].count / daysPerIndependentSample;
  const total = own + parameters.shapePseudoCount;
  const { shapes, at, members } = level;
  for (let a = 0; a < 24; a++) {
    for (let i = a * 24; i <= a * 24 + (a | 3); i++) {
      const isDiagonal = i === a * 25;
      const ofLevel = members > 0 ? (shapes[at + i] / members) * scale : isDiagonal ? scale / 24 : 0;
      const white = isDiagonal ? (0.03 * scale) / 24 + 1e-10 : 0;
      mixed[i] = (own * moments[stream * profileSize + i] + parameters.shapePseudoCount * ofLevel) / total + white;
    }
  }
}

/** Fills weights[to ..] with C^-1 1 / (1' C^-1 1) and returns 1' C^-1 1. */
function rowSums(inverse: Float64Array, from: number, weights: Float64Array, to: number): number {
  let total = 0;
  for (let a = 0; a < 24; a++) {
    let sum = 0;
    for (let b = 0; b < 24; b++) sum += inverse[from + a * 24 + b];
    weights[to + a] = sum;
    total += sum;
  }
  for (let a = 0; a < 24; a++) weights[to + a] /= total;
  return total;
}

interface HistoryRange {
  readonly first: number;
  readonly end: number;
}

/** Rows of the judged days before the window that the past profiles cover. */
function historyRange(state: DetectionState, week: number): HistoryRange {
  const newest = week - Math.max(historyLag, oldestOnset - freshAge);
  const oldest = week - (historyLimitDays - 40);
  let first = 0;
  while (first < state.days.length && state.days[first] < oldest) first++;
  let end = first;
  while (end < state.days.length && state.days[end] <= newest) end++;
  return { first, end };
}

/**
 * Fills `samples` with a stream's own |steps| and returns how many: those at its past onsets, and those of its judged days, without those that
 * a raised and lasting step of the stream itself made.
 */
function sampleSteps(
  stream: number,
  flatWeights: Float64Array,
  state: DetectionState,
  history: HistoryRange & { readonly groupStream: number },
): number {
  const { values, count } = pastSteps[stream];
  const { first, end, groupStream } = history;
  if (samples.length < count + end - first) samples = new Float64Array(count + end - first + 64);
  for (let i = 0; i < count; i++) {
    let step = 0;
    for (let hour = 0; hour < 24; hour++) step += flatWeights[stream * 24 + hour] * values[hour * count + i];
    samples[i] = Math.abs(step);
  }
  const own = state.steps.filter((step) => step.groupStream === groupStream && step.endHour === Infinity);
  let filled = count;
  for (let row = first; row < end; row++) {
    const value = state.pages[row][groupStream];
    if (value !== value) continue;
    const onset = state.days[row] - freshAge;
    if (own.some((step) => Math.abs(onset - step.onsetDay) <= 12)) continue;
    samples[filled++] = Math.abs(value);
  }
  return filled;
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
