import { type Increment, additiveLogLikelihood, bestIncrement, incrementProfile, worstBlockSigma } from "./increment.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { templateWeights } from "./judged-block.ts";
import { type Onset, locateBuildup, locateOnset } from "./onset.ts";
import type { DetectionParameters } from "./parameters.ts";
import { medianInPlace, quantileInPlace, robustDeviationInPlace } from "./statistics/select.ts";
import type { StepWeights } from "./step-weights.ts";
import { readDayNumbers, type ReadDayNumbers } from "./read-days.ts";
import { marginalLoss } from "./technical-loss.ts";

/** A step of one stream with the numbers of every test that needs only the stream itself. Sizes are shares of the mean. */
export interface Assessment {
  readonly judged: JudgedBlock;
  readonly stream: number;
  readonly groupStream: number;
  readonly isLoss: boolean;
  readonly direction: 1 | -1;
  readonly civilDay: number;
  /** Full days since the onset day, or since a build-up rests. */
  readonly age: number;
  readonly weights: StepWeights;
  readonly increment: Increment;
  /** z asked of this age and shape. */
  readonly neededSigma: number;
  readonly meanKw: number;
  /** Signed size and its 90 % half width, kW. */
  readonly stepKw: number;
  readonly halfWidthKw: number;
  readonly onset: Onset;
  /** Size of the increment's template on each residual day up to the judged one, share of the mean. */
  readonly daily: Float64Array;
  readonly numbers: StreamNumbers;
}

export interface StreamNumbers extends ReadDayNumbers {
  readonly presentRatio: number;
  /** Share of the four weeks before the onset that have data: a mine may begin with the outage in which it was connected. */
  readonly presentBeforeRatio: number;
  readonly stillThereRatio: number;
  readonly newHighRatio: number;
  /** New level above the 90 % quantile of the 60 days before the onset, in steps: 1 where those days were level. */
  readonly newLevelRatio: number;
  /** 10 % quantile of the days since the onset above the level before it, in steps. */
  readonly lowDaysRatio: number;
  /** Mean of the running hours from midnight to 6 h, in steps. */
  readonly nightRatio: number;
  /** Log-likelihood of the template over "as the square of the load"; NaN = no balance. */
  readonly lossLogLikelihood: number;
  /** Weakest 4-hour block of the running hours, in steps. */
  readonly weakestBlockRatio: number;
  /** Deviation of the days since the onset, in steps. */
  readonly dayNoiseRatio: number;
  readonly shapeSigma: number;
  readonly additiveLogLikelihood: number;
  readonly energyRatio: number;
  readonly restlessnessRatio: number;
}

/**
 * Full tests of the step `weights.age` full days before `civilDay`. Pure in (block, day). Undefined where the step is below the z asked of it and
 * `keepsWeak` is false: three of four stirs end there, before the costly tests.
 */
export function assessStep(
  judged: JudgedBlock,
  stream: number,
  civilDay: number,
  weights: StepWeights,
  setting: { direction: 1 | -1; parameters: DetectionParameters; groupDays: number; keepsWeak: boolean },
): Assessment | undefined {
  const { parameters, direction } = setting;
  const isLoss = stream >= judged.block.meterCount;
  const flat = isLoss ? parameters.minSigma.loss : parameters.minSigma.flat;
  const minSigma = { ...parameters.minSigma, flat };
  const profile = incrementProfile(judged, stream, civilDay, weights);
  const increment = bestIncrement(judged, stream, profile, weights.inflation, { direction, minSigma });
  const fresh = parameters.newGroupSigma * Math.max(0, 1 - setting.groupDays / parameters.newGroupDays);
  const neededSigma = increment.minSigma + fresh;
  if (Math.abs(increment.sigma) < neededSigma && !setting.keepsWeak) return undefined;
  const daily = dailySizes(judged, stream, increment, civilDay);
  const restDay = civilDay - weights.age;
  const onsetDay = restDay - weights.gapDays + 1;
  const days = {
    onset: onsetDay - judged.fit.residuals.firstDay,
    rest: restDay - judged.fit.residuals.firstDay,
    last: civilDay - judged.fit.residuals.firstDay,
  };
  const levels = { before: medianOf(daily, days.onset - 14, days.onset), after: medianOf(daily, days.rest + 1, days.last + 1) };
  const onset =
    weights.gapDays > 1
      ? locateBuildup(judged, stream, { daily, onsetDay, restDay, levels })
      : locateOnset(judged, stream, increment, onsetDay, civilDay);
  if (onset === undefined) return undefined;
  const meanKw = judged.fit.scale.meanKw[stream];
  const step = levels.after - levels.before;
  const sized = Math.sign(step) === direction ? step : increment.size;
  // a balance rises by the loss of carrying the load as well
  const netKw = isLoss ? meanKw / (1 + marginalLoss(judged, stream, sized)) : meanKw;
  let numbers: StreamNumbers | undefined;
  return {
    judged,
    stream,
    groupStream: judged.block.groupStreams[stream],
    isLoss,
    direction,
    civilDay,
    age: weights.age,
    weights,
    increment,
    neededSigma,
    meanKw,
    stepKw: sized * netKw,
    // twice the noise of past steps, and a seventh of the size for what fits learn of it: covers 89 % of true sizes on six development fleets
    halfWidthKw: 1.645 * Math.hypot(2 * increment.sizeSigma, 0.14 * sized) * netKw,
    onset,
    daily,
    // most assessments only lead to another age, or fall to the size of their step
    get numbers() {
      numbers ??= streamNumbers(judged, stream, { increment, daily, days, levels, onsetDay, restDay, civilDay }, parameters);
      return numbers;
    },
  };
}

/** Size of the increment's template on each residual day up to `civilDay`, share of the mean. */
function dailySizes(judged: JudgedBlock, stream: number, increment: Increment, civilDay: number): Float64Array {
  const { residuals } = judged.fit;
  const weights = new Float64Array(24);
  templateWeights(judged.noise, stream, increment.template.running, weights);
  const { values } = judged.filtered;
  const sizes = new Float64Array(civilDay - residuals.firstDay + 1);
  for (let day = 0; day < sizes.length; day++) {
    const at = (stream * residuals.days + day) * 24;
    let size = 0;
    for (let hour = 0; hour < 24; hour++) size += weights[hour] * values[at + hour];
    sizes[day] = size;
  }
  return sizes;
}

/** Residual days of a step: the first of its rise, the last, and the judged one. */
interface StepDays {
  readonly onset: number;
  readonly rest: number;
  readonly last: number;
}

/** Medians of the fortnight before the onset day, and of the days after it. */
interface Levels {
  readonly before: number;
  readonly after: number;
}

function medianOf(daily: Float64Array, from: number, to: number): number {
  return medianInPlace(daily.slice(from, to), to - from);
}

function deviationOf(daily: Float64Array, from: number, to: number): number {
  const values = daily.slice(from, to);
  return robustDeviationInPlace(values, values.length, medianInPlace(values, values.length));
}

function quantileOf(daily: Float64Array, from: number, to: number, share: number): number {
  return quantileInPlace(daily.slice(from, to), to - from, share);
}

/** Highest (of a step up) or lowest 7-day mean of the 70 days before the onset. */
function extremeWeek(daily: Float64Array, onset: number, direction: number): number {
  let extreme = -Infinity;
  for (let end = Math.max(7, onset - 70 + 7); end <= onset; end++) {
    let sum = 0;
    for (let day = end - 7; day < end; day++) sum += daily[day];
    extreme = Math.max(extreme, (direction * sum) / 7);
  }
  return direction * extreme;
}

interface FoundStep {
  readonly increment: Increment;
  readonly daily: Float64Array;
  readonly days: StepDays;
  readonly levels: Levels;
  readonly onsetDay: number;
  readonly restDay: number;
  readonly civilDay: number;
}

function streamNumbers(judged: JudgedBlock, stream: number, found: FoundStep, parameters: DetectionParameters): StreamNumbers {
  const { increment, onsetDay, restDay, civilDay } = found;
  const { residuals } = judged.fit;
  const presentRatio = (from: number, to: number) => {
    let present = 0;
    for (let day = from; day < to; day++)
      if (judged.filtered.presentHours[stream * residuals.days + day - residuals.firstDay] >= 18) present += 1;
    return present / (to - from);
  };
  const loadProfile = loadProfileOf(judged, stream);
  return {
    ...levelNumbers(found, sizeOf(increment)),
    presentRatio: presentRatio(restDay + 1, civilDay + 1),
    presentBeforeRatio: presentRatio(onsetDay - parameters.beforeDays, onsetDay),
    weakestBlockRatio: weakestBlock(increment),
    nightRatio: nightRatio(increment),
    lossLogLikelihood:
      stream < judged.block.meterCount ? Number.NaN : additiveLogLikelihood(judged, stream, increment, squared(loadProfile)),
    energyRatio: total(increment.profile) / (total(increment.template.running) * sizeOf(increment)),
    shapeSigma: worstBlockSigma(judged, stream, increment, parameters.shapeSlackRatio),
    additiveLogLikelihood: additiveLogLikelihood(judged, stream, increment, loadProfile),
    ...readDayNumbers(judged, stream, increment, found),
  };
}

function sizeOf({ size }: Increment): number {
  return Math.abs(size) < 1e-9 ? 1e-9 : size;
}

type LevelNumbers = Pick<
  StreamNumbers,
  "stillThereRatio" | "newHighRatio" | "newLevelRatio" | "lowDaysRatio" | "dayNoiseRatio" | "restlessnessRatio"
>;

/** The days before the onset, since it, and the last four, held against each other. */
function levelNumbers({ increment, daily, days: { onset, rest, last }, levels: { before, after } }: FoundStep, size: number): LevelNumbers {
  const noiseBefore = deviationOf(daily, onset - 28, onset);
  const noiseAfter = deviationOf(daily, rest + 1, last + 1);
  const lastDays = medianOf(daily, Math.max(rest + 1, last - 3), last + 1);
  // of a step down the quantiles from the other end
  const usualHigh = quantileOf(daily, Math.max(0, onset - 60), onset, size > 0 ? 0.9 : 0.1);
  const lowDays = quantileOf(daily, rest + 1, last + 1, size > 0 ? 0.1 : 0.9);
  return {
    stillThereRatio: (lastDays - before) / size,
    newHighRatio: (after - extremeWeek(daily, onset, Math.sign(size))) / size,
    newLevelRatio: (after - usualHigh) / size,
    lowDaysRatio: (lowDays - before) / size,
    dayNoiseRatio: noiseAfter / Math.abs(size),
    restlessnessRatio: noiseAfter / Math.max(noiseBefore, increment.sizeSigma / 2, Math.abs(size) * 0.1),
  };
}

/** Smallest mean of 4 successive running hours over the size; NaN-free: a template runs at least 6 hours. */
function weakestBlock({ profile, template, size }: Increment): number {
  let weakest = Infinity;
  for (let start = 0; start < 24; start++) {
    let sum = 0;
    let running = 0;
    for (let hour = start; hour < start + 4; hour++) {
      sum += profile[hour % 24];
      running += template.running[hour % 24];
    }
    if (running === 4) weakest = Math.min(weakest, sum / 4 / size);
  }
  return weakest;
}

/** Every template runs in some of these hours. */
const nightHours = 6;

function nightRatio({ profile, template, size }: Increment): number {
  let sum = 0;
  let running = 0;
  for (let hour = 0; hour < nightHours; hour++) {
    sum += template.running[hour] * profile[hour];
    running += template.running[hour];
  }
  return sum / running / size;
}

function squared(values: Float64Array): Float64Array {
  return values.map((value) => value * value);
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Typical load by local hour on working days, mean 1: what a multiplicative change would look like. A loss is held against its parent's load. */
export function loadProfileOf(judged: JudgedBlock, stream: number): Float64Array {
  const { block, fit } = judged;
  const source = stream < block.meterCount ? stream : block.parents[stream];
  const table = fit.calendar.utcHours[fit.calendar.rowOf[source]];
  const lastDay = (fit.week - fit.calendar.firstDay) * 24;
  const profile = new Float64Array(24);
  let sum = 0;
  for (let hour = 0; hour < 24; hour++) {
    const utc = table[lastDay + hour] >= 0 ? table[lastDay + hour] : table[lastDay + hour + 1];
    profile[hour] = fit.scale.typical[source * 72 + (utc % 24)]!;
    sum += profile[hour];
  }
  return profile.map((value) => (value * 24) / sum);
}
