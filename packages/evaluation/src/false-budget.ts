import { streamKinds } from "@hashwatt/contracts";
import type { StreamKind } from "./seen-steps.ts";

/** The highest corrected score of an innocent event: it is a false candidate at thresholds up to it. */
export interface BestScore {
  readonly stream: StreamKind;
  readonly score: number;
}

/** What could be raised falsely. */
export interface FalseScores {
  readonly natural: readonly BestScore[];
  readonly changes: readonly BestScore[];
  /** Candidates that one of `changes` stands for. */
  readonly changeWeight: number;
}

/** A step that is likelier innocent than that is not worth a visit, however quiet the grid. */
const lowestScore = 0.4;
const highestScore = 0.98;
/** The rate of a kind of stream is pulled to the grid's by so many years: kinds with a handful of meters show none by luck. */
const pooledYears = 50;
/**
 * A history shows a handful of false candidates, and the next year's will not have the same scores: each counts as one whose log-odds are known no
 * better than that. Without it a threshold settles just above one of them.
 */
const blurLogOdds = 0.25;

/**
 * Smallest score for each kind of stream, so that no more than `allowedPer100` false candidates come up in 100 times the years of all streams: each
 * kind has its part of them by its years.
 */
export function thresholdsWithin(
  allowedPer100: number,
  seen: FalseScores,
  streamYears: Readonly<Record<StreamKind, number>>,
): Record<StreamKind, number> {
  const allYears = streamKinds.reduce((sum, stream) => sum + streamYears[stream], 0);
  const allowed = allowedPer100 / allYears;
  const pooledRate = (stream: StreamKind, score: number) => {
    const rate = countFalse(seen, score) / allYears;
    return (100 * (countFalse(seen, score, stream) + pooledYears * rate)) / (streamYears[stream] + pooledYears);
  };
  const of = (stream: StreamKind) => lowestWithin(allowed, (score) => pooledRate(stream, score));
  return Object.fromEntries(streamKinds.map((stream) => [stream, of(stream)])) as Record<StreamKind, number>;
}

/** False candidates at a threshold for each kind of stream, over the years that the scores come from. */
export function expectedFalse(
  { natural, changes, changeWeight }: FalseScores,
  thresholdOf: (stream: StreamKind) => number,
): { natural: number; fromChanges: number } {
  const sum = (scores: readonly BestScore[]) =>
    streamKinds.reduce((total, stream) => total + countAbove(scores, thresholdOf(stream), stream), 0);
  return { natural: sum(natural), fromChanges: changeWeight * sum(changes) };
}

function countFalse({ natural, changes, changeWeight }: FalseScores, score: number, only?: StreamKind): number {
  return countAbove(natural, score, only) + changeWeight * countAbove(changes, score, only);
}

function countAbove(scores: readonly BestScore[], threshold: number, only?: StreamKind): number {
  let count = 0;
  for (const { stream, score } of scores) {
    if (only !== undefined && stream !== only) continue;
    count += 1 / (1 + Math.exp((logOddsOf(threshold) - logOddsOf(score)) / blurLogOdds));
  }
  return count;
}

function logOddsOf(score: number): number {
  return Math.log(score / (1 - score));
}

/** Lowest threshold, in steps of a hundredth, down to which the rate stays within what is allowed. */
function lowestWithin(allowed: number, rateAt: (score: number) => number): number {
  let lowest = highestScore;
  for (let score = highestScore; score >= lowestScore - 1e-9; score -= 0.01) {
    if (rateAt(score) > allowed) break;
    lowest = score;
  }
  return Math.round(lowest * 100) / 100;
}
