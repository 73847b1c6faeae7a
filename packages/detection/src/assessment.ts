import { quantileSorted } from "simple-statistics";
import { type Increment, additiveLogLikelihood, bestIncrement, incrementProfile, worstBlockSigma } from "./increment.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { templateWeights } from "./judged-block.ts";
import { type Onset, locateBuildup, locateOnset } from "./onset.ts";
import type { DetectionParameters } from "./parameters.ts";
import { medianInPlace, robustDeviationInPlace } from "./statistics/select.ts";
import type { StepWeights } from "./step-weights.ts";
import { readDayNumbers, type ReadDayNumbers } from "./read-days.ts";

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
  const levels = measureLevels(daily, {
    onset: onsetDay - judged.fit.residuals.firstDay,
    rest: restDay - judged.fit.residuals.firstDay,
    last: civilDay - judged.fit.residuals.firstDay,
  });
  const onset =
    weights.gapDays > 1
      ? locateBuildup(judged, stream, { daily, onsetDay, restDay, levels })
      : locateOnset(judged, stream, increment, onsetDay, civilDay);
  if (onset === undefined) return undefined;
  const meanKw = judged.fit.scale.meanKw[stream];
  const step = levels.after - levels.before;
  const sized = Math.sign(step) === direction ? step : increment.size;
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
    stepKw: sized * meanKw,
    halfWidthKw: 1.645 * Math.hypot(1.5 * increment.sizeSigma, 0.12 * sized) * meanKw,
    onset,
    daily,
    // most assessments only lead to another age, or fall to the size of their step
    get numbers() {
      numbers ??= streamNumbers(judged, stream, { increment, daily, levels, onsetDay, restDay, civilDay }, parameters);
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

interface Levels {
  readonly before: number;
  readonly after: number;
  readonly lastDays: number;
  readonly noiseBefore: number;
  readonly noiseAfter: number;
  readonly highestWeek: number;
  readonly lowestWeek: number;
  /** 90 % and 10 % quantile of the 60 days before the onset. */
  readonly usualHigh: number;
  readonly usualLow: number;
  /** 10 % and 90 % quantile of the days since. */
  readonly lowDays: number;
  readonly highDays: number;
}

/** Medians of the fortnight before the onset day, of the days after it, and of the last four; extreme 7-day means before it. */
function measureLevels(daily: Float64Array, { onset, rest, last }: { onset: number; rest: number; last: number }): Levels {
  const median = (from: number, to: number) => medianInPlace(daily.slice(from, to), to - from);
  const deviation = (from: number, to: number) => {
    const values = daily.slice(from, to);
    const centre = medianInPlace(values, values.length);
    return robustDeviationInPlace(values, values.length, centre);
  };
  const quantiles = (from: number, to: number) => {
    const values = [...daily.subarray(from, to)].toSorted((a, b) => a - b);
    return [quantileSorted(values, 0.1), quantileSorted(values, 0.9)] as const;
  };
  const [usualLow, usualHigh] = quantiles(Math.max(0, onset - 60), onset);
  const [lowDays, highDays] = quantiles(rest + 1, last + 1);
  let highest = -Infinity;
  let lowest = Infinity;
  for (let end = Math.max(7, onset - 70 + 7); end <= onset; end++) {
    let sum = 0;
    for (let day = end - 7; day < end; day++) sum += daily[day];
    highest = Math.max(highest, sum / 7);
    lowest = Math.min(lowest, sum / 7);
  }
  return {
    before: median(onset - 14, onset),
    after: median(rest + 1, last + 1),
    lastDays: median(Math.max(rest + 1, last - 3), last + 1),
    noiseBefore: deviation(onset - 28, onset),
    noiseAfter: deviation(rest + 1, last + 1),
    highestWeek: highest,
    lowestWeek: lowest,
    usualHigh,
    usualLow,
    lowDays,
    highDays,
  };
}

function streamNumbers(
  judged: JudgedBlock,
  stream: number,
  found: { increment: Increment; daily: Float64Array; levels: Levels; onsetDay: number; restDay: number; civilDay: number },
  parameters: DetectionParameters,
): StreamNumbers {
  const { increment, levels, onsetDay, restDay, civilDay } = found;
  const { residuals } = judged.fit;
  const size = Math.abs(increment.size) < 1e-9 ? 1e-9 : increment.size;
  const presentRatio = (from: number, to: number) => {
    let present = 0;
    for (let day = from; day < to; day++)
      if (judged.filtered.presentHours[stream * residuals.days + day - residuals.firstDay] >= 18) present += 1;
    return present / (to - from);
  };
  const loadProfile = loadProfileOf(judged, stream);
  const extreme = size > 0 ? levels.highestWeek : levels.lowestWeek;
  return {
    presentRatio: presentRatio(restDay + 1, civilDay + 1),
    presentBeforeRatio: presentRatio(onsetDay - parameters.beforeDays, onsetDay),
    stillThereRatio: (levels.lastDays - levels.before) / size,
    newHighRatio: (levels.after - extreme) / size,
    newLevelRatio: (levels.after - (size > 0 ? levels.usualHigh : levels.usualLow)) / size,
    lowDaysRatio: ((size > 0 ? levels.lowDays : levels.highDays) - levels.before) / size,
    weakestBlockRatio: weakestBlock(increment),
    nightRatio: nightRatio(increment),
    lossLogLikelihood:
      stream < judged.block.meterCount ? Number.NaN : additiveLogLikelihood(judged, stream, increment, squared(loadProfile)),
    dayNoiseRatio: levels.noiseAfter / Math.abs(size),
    energyRatio: total(increment.profile) / (total(increment.template.running) * size),
    shapeSigma: worstBlockSigma(judged, stream, increment, parameters.shapeSlackRatio),
    additiveLogLikelihood: additiveLogLikelihood(judged, stream, increment, loadProfile),
    ...readDayNumbers(judged, stream, increment, found),
    restlessnessRatio: levels.noiseAfter / Math.max(levels.noiseBefore, increment.sizeSigma / 2, Math.abs(size) * 0.1),
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
