import { DAY_MS, formatInstant, HOUR_MS } from "@hashwatt/contracts";
import { type DailySeries, dailySeries, peerCorrected } from "./daily-series.ts";
import type { LoadColumns } from "./load-columns.ts";
import type { ScoredCandidate } from "./match.ts";
import { segment } from "./segmentation.ts";

/** What an operator could run instead, on daily means. The same settings for all fleets. */
export const baselineNames = ["7 d > 28 d + 10 %", "Page-Hinkley, peers", "PELT, peers"] as const;
export type BaselineName = (typeof baselineNames)[number];

/** A step up that a rule saw at the end of `day`; sizes relative to the level before. */
interface Step {
  readonly day: number;
  readonly onsetDay: number;
  readonly rise: number;
  readonly error: number;
}

/** Days after an alarm in which a rule says nothing more about the meter. */
const quietDays = 30;
const z90 = 1.645;

interface Moments {
  readonly mean: number;
  readonly sd: number;
  readonly count: number;
}

function momentsOf(row: Float64Array, from: number, to: number): Moments {
  const values = [...row.subarray(Math.max(0, from), to)].filter((value) => !Number.isNaN(value));
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count), count };
}

/** The mean of 7 days exceeds that of the 28 before by a tenth. */
function meanRule(row: Float64Array): Step[] {
  const steps: Step[] = [];
  for (let day = 35; day < row.length; day++) {
    const after = momentsOf(row, day - 6, day + 1);
    const before = momentsOf(row, day - 34, day - 6);
    if (after.count < 5 || before.count < 20 || after.mean <= 1.1 * before.mean) continue;
    const error = Math.hypot(after.sd / Math.sqrt(after.count), before.sd / Math.sqrt(before.count)) / before.mean;
    steps.push({ day, onsetDay: day - 6, rise: after.mean / before.mean - 1, error });
    day += quietDays;
  }
  return steps;
}

/** Drift that is put up with and threshold, in standard deviations of the first 60 days. */
const pageHinkley = { drift: 0.5, threshold: 12 };

/** One-sided Page-Hinkley test on the peer-corrected series; starts over after an alarm. */
function pageHinkleyRule(row: Float64Array): Step[] {
  const steps: Step[] = [];
  let start = 0;
  while (start + 60 < row.length) {
    const { mean, sd, count } = momentsOf(row, start, start + 60);
    if (count < 20 || sd === 0) {
      start += 30;
      continue;
    }
    let sum = 0;
    let onsetDay = start + 60;
    let alarm = -1;
    for (let day = start + 60; day < row.length && alarm < 0; day++) {
      if (Number.isNaN(row[day])) continue;
      sum += (row[day] - mean) / sd - pageHinkley.drift;
      if (sum <= 0) [sum, onsetDay] = [0, day + 1];
      if (sum > pageHinkley.threshold) alarm = day;
    }
    if (alarm < 0) break;
    const after = momentsOf(row, onsetDay, alarm + 1);
    steps.push({ day: alarm, onsetDay, rise: Math.exp(after.mean - mean) - 1, error: sd / Math.sqrt(after.count) });
    start = alarm + 1;
  }
  return steps;
}

/**
 * Days that are segmented, the shortest segment, least age of the last one when it is told, its least rise, and the penalty in variances of a
 * day. Of penalties from 10 to 80 and rises of 5 and 8 % the pair with the most recall beyond luck on mines put into real fleets.
 */
const pelt = { window: 150, shortest: 3, age: 7, rise: 0.08, penalty: 80 };
/** Days two weeks apart tell the noise, slow drift included; a step touches one in ten of them. */
const noiseLag = 14;

function dailyVariance(values: readonly number[]): number {
  const differences = values.slice(noiseLag).map((value, at) => Math.abs(value - values[at]));
  const middle = differences.toSorted((a, b) => a - b)[differences.length >> 1];
  return (1.4826 * middle) ** 2 / 2;
}

/** Each day the last 150 days are cut into levels; a last level of at least 7 days that is 5 % above the one before is a step. */
function segmentationRule(row: Float64Array): Step[] {
  const steps: Step[] = [];
  for (let day = 45; day < row.length; day++) {
    const days: number[] = [];
    for (let at = Math.max(0, day + 1 - pelt.window); at <= day; at++) if (!Number.isNaN(row[at])) days.push(at);
    if (days.length < 40) continue;
    const values = days.map((at) => row[at]);
    const variance = Math.max(dailyVariance(values), 1e-6);
    const starts = segment(values, pelt.penalty * variance, pelt.shortest);
    if (starts.length < 2) continue;
    const [before, last] = starts.slice(-2);
    if (values.length - last < pelt.age) continue;
    const rise = momentsOf(row, days[last], day + 1).mean - momentsOf(row, days[before], days[last]).mean;
    if (rise < pelt.rise) continue;
    const error = Math.sqrt(variance / (values.length - last));
    steps.push({ day, onsetDay: days[last], rise: Math.exp(rise) - 1, error });
    day += quietDays;
  }
  return steps;
}

/** Readings of a day are waited for as long as the detector waits. */
const graceMs = 12 * HOUR_MS;

function candidateOf(load: LoadColumns, daily: DailySeries, index: number, step: Step): ScoredCandidate {
  const { firstMs, kw } = daily;
  const before = momentsOf(kw[index], step.onsetDay - 28, step.onsetDay).mean;
  const stepKw = before * step.rise;
  const margin = before * Math.max(z90 * step.error, 0.1 * step.rise);
  const certainty = step.rise / Math.max(step.error, 1e-9);
  return {
    meterId: load.meters[index].meterId,
    onset: formatInstant(firstMs[index] + step.onsetDay * DAY_MS),
    raisedAt: formatInstant(firstMs[index] + (step.day + 1) * DAY_MS + graceMs),
    stepKw,
    stepKwLow: stepKw - margin,
    stepKwHigh: stepKw + margin,
    score: certainty / (certainty + 10),
  };
}

/** All baselines on the readings of a fleet (latest versions). */
export function runBaselines(load: LoadColumns): Record<BaselineName, ScoredCandidate[]> {
  const daily = dailySeries(load);
  const corrected = peerCorrected(load, daily);
  const run = (rows: readonly Float64Array[], rule: (row: Float64Array) => Step[]) =>
    rows.flatMap((row, index) =>
      rule(row)
        .map((step) => candidateOf(load, daily, index, step))
        .filter((candidate) => Number.isFinite(candidate.stepKw) && candidate.stepKw > 0),
    );
  return {
    "7 d > 28 d + 10 %": run(daily.kw, meanRule),
    "Page-Hinkley, peers": run(corrected, pageHinkleyRule),
    "PELT, peers": run(corrected, segmentationRule),
  };
}
