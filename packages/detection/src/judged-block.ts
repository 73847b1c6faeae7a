import type { Block } from "./block.ts";
import { type BlockFit, type FitContext, fitBlock, refreshResidualDay } from "./block-fit.ts";
import { correctDays, createDisplacements, type Displacements, medianReachDays, noteDay } from "./displacements.ts";
import { createFilteredDays, type FilteredDays, filterDays } from "./day-filter.ts";
import type { DetectionState, KnownStep } from "./detection-state.ts";
import { freshAge } from "./fresh-steps.ts";
import { measureNoise, type Noise } from "./noise.ts";
import { giveBack, takeFloat64 } from "./rooms.ts";
import { type StepWeights, stepWeights } from "./step-weights.ts";
import { type Template, templates } from "./templates.ts";

/**
 * A block as of one week and one set of known steps: fit, residuals, noise, and the two scalar series that the daily scan runs on. All of it
 * can be recomputed from the pages and the state, and is: nothing here is saved.
 */
export interface JudgedBlock {
  readonly block: Block;
  readonly key: string;
  readonly fit: BlockFit;
  readonly displacements: Displacements;
  readonly filtered: FilteredDays;
  readonly noise: Noise;
  /** Daily size of the scan shapes, share of the mean: [(kind * streams + stream) * days + day]. */
  readonly series: Float64Array;
  /** Weights and information of every template, made when a stream first stirs. */
  readonly solved: (SolvedTemplates | undefined)[];
  /** Weights of the scan shapes, [(kind * streams + stream) * 24], and the deviations of their 10-day steps, [kind * streams + stream]. */
  readonly scanWeights: Float64Array;
  readonly scanSigmas: Float64Array;
  /** Mean expected share of each residual day, by stream, as far as it was asked for (see expected-move.ts), and the first day that may have changed since. */
  readonly expectedDays: (Float64Array | undefined)[];
  readonly unknownFrom: Int32Array;
  /** 1 where the residuals of a day must be computed again. */
  readonly stale: Uint8Array;
  /** Last civil day the filtered values were computed up to. */
  lastDay: number;
}

/** For each template the weights that size it in a 24-hour profile, [template * 24], and its information T' C^-1 T. */
export interface SolvedTemplates {
  readonly weights: Float64Array;
  readonly information: Float64Array;
}

const shapeOf = (signature: Template["signature"], start: number, hours: number) =>
  templates.find((template) => template.signature === signature && template.start === start && template.hours === hours)!;

/**
 * What the scan looks for: the flat shape, a typical night and a typical pause. Where whole days move on their own, and evenings once more, the flat
 * shape of a mine that pauses then has a third of the pause's z.
 */
const scanTemplates = [templates[0], shapeOf("night_only", 22, 8), shapeOf("peak_pause", 17, 4)];
export const scanKinds = scanTemplates.length;

/** Weights of every step that can be asked for: by age, and of build-ups. */
export interface AskedWeights {
  /** Every age up to one day beyond the oldest asked for: neighbours are compared a day to either side. */
  readonly ofAge: readonly StepWeights[];
  /** What is asked of every stream and day: the steps of `agesDays`, then the build-ups. */
  readonly asked: readonly StepWeights[];
}

/** By parameters: the groups of a run share one record, and a fleet of 200 groups took 0.5 s to solve the same weights 200 times. */
const solvedWeights = new WeakMap<FitContext["parameters"], AskedWeights>();

export function allStepWeights(parameters: FitContext["parameters"]): AskedWeights {
  const known = solvedWeights.get(parameters) ?? solveStepWeights(parameters);
  solvedWeights.set(parameters, known);
  return known;
}

/** Throws RangeError where the age at which steps are remembered is not asked for. */
function solveStepWeights({ agesDays, buildups, beforeDays, randomWalkRatio }: FitContext["parameters"]): AskedWeights {
  if (!agesDays.includes(freshAge)) throw new RangeError(`agesDays ${agesDays.join(", ")}: ${freshAge} must be one of them`);
  const oldest = Math.max(...agesDays) + 1;
  const ofAge = Array.from({ length: oldest + 1 }, (_, age) => stepWeights(beforeDays, Math.max(1, age), randomWalkRatio));
  const ofBuildups = buildups.flatMap(({ days, agesDays: ages, driftRatio }) =>
    ages.map((age) => {
      const weights = stepWeights(beforeDays, age, randomWalkRatio, days);
      return { ...weights, inflation: weights.inflation * driftRatio };
    }),
  );
  return { ofAge, asked: [...agesDays.map((age) => ofAge[age]), ...ofBuildups] };
}

export function createJudgedBlock(
  context: FitContext,
  block: Block,
  at: { week: number; key: string; knownSteps: readonly KnownStep[] },
  state: DetectionState,
  noiseWeights: StepWeights,
): JudgedBlock {
  const { week, key } = at;
  const fit = fitBlock(context, block, week, at.knownSteps);
  const displacements = createDisplacements(block, fit, context.parameters);
  const { residuals, calendar } = fit;
  const filtered = createFilteredDays(block, residuals, calendar, week, context.parameters.fitLagDays);
  for (let stream = 0; stream < block.streamCount; stream++) {
    filterDays(filtered, residuals, calendar, stream, { fromDay: residuals.firstDay, lastDay: week - 1 });
  }
  const noise = measureNoise(context.view, block, { residuals, filtered, week, weights: noiseWeights }, state, context.parameters);
  const judged = {
    block,
    key,
    fit,
    displacements,
    filtered,
    noise,
    ...solveScanTemplates(noise, block.streamCount),
    solved: [],
    expectedDays: [],
    unknownFrom: new Int32Array(block.streamCount),
    series: takeFloat64(scanKinds * block.streamCount * residuals.days).fill(0),
    stale: new Uint8Array(residuals.days).fill(1, week - residuals.firstDay),
    lastDay: week - 1,
  };
  updateSeries(judged, residuals.firstDay, week - 1);
  return judged;
}

/** Gives the columns of a block back that nobody judges by any more. */
export function dropJudgedBlock({ fit, filtered, noise, series }: JudgedBlock): void {
  for (const column of [fit.residuals.raw, fit.residuals.values, filtered.values, noise.inverse, series]) giveBack(column);
}

/** Brings residuals, filter and series up to the civil day: pages that changed, days that are new, and the filter's open edge. */
export function advanceBlock(context: FitContext, judged: JudgedBlock, civilDay: number): void {
  const { fit, block, displacements, filtered, stale } = judged;
  const { residuals, calendar } = fit;
  // the medians of the last two days saw an edge; so did those of the day judged last, if that was a later one
  let corrected = Math.min(judged.lastDay, civilDay) - 1;
  for (let day = residuals.firstDay; day <= civilDay; day++) {
    if (!stale[day - residuals.firstDay]) continue;
    refreshResidualDay(context, block, fit, day);
    noteDay(displacements, block, fit, day);
    stale[day - residuals.firstDay] = 0;
    corrected = Math.min(corrected, day - medianReachDays);
  }
  correctDays(displacements, fit, corrected, civilDay);
  // the day filter looks two days ahead
  const from = Math.max(corrected - 2, residuals.firstDay);
  for (let stream = 0; stream < block.streamCount; stream++) {
    filterDays(filtered, residuals, calendar, stream, { fromDay: from, lastDay: civilDay });
    judged.unknownFrom[stream] = Math.min(judged.unknownFrom[stream], from - residuals.firstDay);
  }
  updateSeries(judged, from, civilDay);
  judged.lastDay = civilDay;
}

function updateSeries(judged: JudgedBlock, fromDay: number, toDay: number): void {
  const { firstDay } = judged.fit.residuals;
  for (let stream = 0; stream < judged.block.streamCount; stream++) sizeDays(judged, stream, fromDay - firstDay, toDay - firstDay);
}

/** Sizes of the scan shapes on the residual days [first, last]: each value is read once for all three. */
function sizeDays({ block, fit, filtered, series, scanWeights }: JudgedBlock, stream: number, first: number, last: number): void {
  const { values } = filtered;
  const { days } = fit.residuals;
  const { streamCount } = block;
  const flatRow = stream * 24;
  const nightRow = (streamCount + stream) * 24;
  const pauseRow = (2 * streamCount + stream) * 24;
  for (let day = first; day <= last; day++) {
    const at = (stream * days + day) * 24;
    let flat = 0;
    let night = 0;
    let pause = 0;
    for (let hour = 0; hour < 24; hour++) {
      const value = values[at + hour];
      flat += scanWeights[flatRow + hour] * value;
      night += scanWeights[nightRow + hour] * value;
      pause += scanWeights[pauseRow + hour] * value;
    }
    series[stream * days + day] = flat;
    series[(streamCount + stream) * days + day] = night;
    series[(2 * streamCount + stream) * days + day] = pause;
  }
}

function solveScanTemplates(noise: Noise, streamCount: number): { scanWeights: Float64Array; scanSigmas: Float64Array } {
  const scanWeights = new Float64Array(scanKinds * streamCount * 24);
  const scanSigmas = new Float64Array(scanKinds * streamCount);
  scanTemplates.forEach((template, kind) => {
    for (let stream = 0; stream < streamCount; stream++) {
      const row = kind * streamCount + stream;
      const information = templateWeights(noise, stream, template.running, scanWeights.subarray(row * 24, row * 24 + 24));
      scanSigmas[row] = noise.flatSigma[stream] / noise.shapeSigma[stream] / Math.sqrt(information);
    }
  });
  return { scanWeights, scanSigmas };
}

/** Every template solved for a stream: 38 products with its inverse covariance, so kept once made. */
export function solvedTemplates(judged: JudgedBlock, stream: number): SolvedTemplates {
  judged.solved[stream] ??= solveTemplates(judged.noise, stream);
  return judged.solved[stream];
}

function solveTemplates(noise: Noise, stream: number): SolvedTemplates {
  const weights = new Float64Array(templates.length * 24);
  const information = Float64Array.from(templates, (template, i) =>
    templateWeights(noise, stream, template.running, weights.subarray(i * 24, i * 24 + 24)),
  );
  return { weights, information };
}

/** Weights C^-1 T / (T' C^-1 T) that size a template in a 24-hour profile; returns the information T' C^-1 T. */
export function templateWeights(noise: Noise, stream: number, running: Float64Array, weights: Float64Array): number {
  const base = stream * 576;
  let information = 0;
  for (let a = 0; a < 24; a++) {
    let sum = 0;
    for (let b = 0; b < 24; b++) sum += noise.inverse[base + a * 24 + b] * running[b];
    weights[a] = sum;
    information += sum * running[a];
  }
  for (let a = 0; a < 24; a++) weights[a] /= information;
  return information;
}

/** Generalised-least-squares size of a scan shape's step `age` full days before `civilDay`, share of the mean. */
export function scanStep(judged: JudgedBlock, kind: number, stream: number, civilDay: number, { weights }: StepWeights): number {
  const { residuals } = judged.fit;
  const start = (kind * judged.block.streamCount + stream) * residuals.days + civilDay + 1 - weights.length - residuals.firstDay;
  let step = 0;
  for (let i = 0; i < weights.length; i++) step += weights[i] * judged.series[start + i];
  return step;
}

/** The same step in what the displacements of others took out of the residuals (see displacements.ts). */
export function takenStep(
  { block, fit, scanWeights }: JudgedBlock,
  kind: number,
  stream: number,
  civilDay: number,
  { weights }: StepWeights,
): number {
  const { raw, values, days, firstDay } = fit.residuals;
  const row = (kind * block.streamCount + stream) * 24;
  const start = (stream * days + civilDay + 1 - weights.length - firstDay) * 24;
  let step = 0;
  for (let i = 0; i < weights.length; i++) {
    for (let hour = 0; hour < 24; hour++) {
      const taken = raw[start + i * 24 + hour] - values[start + i * 24 + hour];
      if (taken === taken) step += weights[i] * scanWeights[row + hour] * taken;
    }
  }
  return step;
}

/** Deviation of a scan shape's 10-day step, share of the mean. */
export function scanSigma(judged: JudgedBlock, kind: number, stream: number): number {
  return judged.scanSigmas[kind * judged.block.streamCount + stream];
}
