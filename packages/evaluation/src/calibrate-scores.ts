import { type Calibration, streamKinds } from "@hashwatt/contracts";
import { corrected, type Correction, fitCorrection, noCorrection, type ScoredStep } from "./score-correction.ts";
import { type BestScore, expectedFalse, type FalseScores, thresholdsWithin } from "./false-budget.ts";
import { type ExplainedStep, explainSteps, type SeenHistory, type StreamKind } from "./seen-steps.ts";
import { bestDays } from "./train-score.ts";

/** A grid's history as it is, and copies of it with mines and innocent changes in them. */
export interface CalibrationHistories {
  readonly bare: SeenHistory;
  readonly copies: readonly SeenHistory[];
  /** Years of one history in which an alarm would be false, over all streams of a kind. */
  readonly streamYears: Readonly<Record<StreamKind, number>>;
  readonly meterYears: number;
}

export interface FalseBudget {
  /** False candidates in 100 meter-years, natural ones and those that innocent changes make. */
  readonly falsePer100MeterYears: number;
  /** Innocent changes of the simulated kinds to expect in 100 meter-years, beside those that the history holds. */
  readonly changesPer100MeterYears: number;
}

export interface CalibratedScores {
  readonly scores: Calibration["scores"];
  /** To expect at the thresholds, in 100 meter-years. */
  readonly natural: number;
  readonly fromChanges: number;
  /** False: the history is too short to show so few; scores stay as they are, and the thresholds are those that were given. */
  readonly isBudgetShown: boolean;
}

type Kind = ExplainedStep["kind"];
type Corrections = Readonly<Record<StreamKind, Readonly<Record<Kind, Correction>>>>;

/** A history without a false candidate shows a rate of half a candidate, not of none: shorter ones cannot show the budget. */
const unseenFalse = 0.5;

/**
 * Corrects the scores by kind of stream and of step, so that among the simulated mines and changes in this history a score is the share that is right;
 * then sets, for each kind of stream, the smallest score at which no more than its part of the budget is false. `minScore` holds where the
 * history is too short for that, and scores stay as they are.
 */
export function calibrateScores(
  { bare, copies, streamYears, meterYears }: CalibrationHistories,
  budget: FalseBudget,
  minScore: Readonly<Record<Kind, number>>,
): CalibratedScores {
  const explained = copies.map(explainSteps);
  const isBudgetShown = (100 * unseenFalse) / meterYears <= budget.falsePer100MeterYears;
  const corrections = fitCorrections(isBudgetShown ? explained : []);
  const placedPer100 = (100 * copies.reduce((sum, { labels }) => sum + labels.confounders.length, 0)) / (copies.length * meterYears);
  const seen: FalseScores = {
    natural: bestScores(explainSteps(bare), "natural", corrections),
    changes: explained.flatMap((steps) => bestScores(steps, "change", corrections)),
    // changes are denser in the copies than they are in life: each counts for so much of one
    changeWeight: placedPer100 > 0 ? budget.changesPer100MeterYears / placedPer100 / copies.length : 0,
  };
  const thresholds = isBudgetShown ? thresholdsWithin(budget.falsePer100MeterYears * meterYears, seen, streamYears) : undefined;
  const scoreOf = (stream: StreamKind, kind: Kind) => thresholds?.[stream] ?? minScore[kind];
  const expected = expectedFalse(seen, (stream) => Math.min(scoreOf(stream, "step"), scoreOf(stream, "buildup")));
  return {
    scores: scoresOf(explained, corrections, scoreOf),
    natural: (100 * expected.natural) / meterYears,
    fromChanges: (100 * expected.fromChanges) / meterYears,
    isBudgetShown,
  };
}

/** The grid's own corrections first; those of a kind of stream are pulled to them. */
function fitCorrections(explained: readonly ExplainedStep[][]): Corrections {
  const best = explained.map((steps) => steps.filter(isAmongBestDays(steps)));
  const of = (kind: Kind, stream?: StreamKind) =>
    best.flatMap((steps) => weighted(steps.filter((step) => step.kind === kind && (stream === undefined || step.stream === stream))));
  const grid = { step: fitCorrection(of("step"), noCorrection), buildup: fitCorrection(of("buildup"), noCorrection) };
  const fitted = (stream: StreamKind, kind: Kind): Correction => {
    const { intercept, slope } = fitCorrection(of(kind, stream), grid[kind]);
    return { intercept: rounded(intercept), slope: rounded(slope) };
  };
  return Object.fromEntries(
    streamKinds.map((stream) => [stream, { step: fitted(stream, "step"), buildup: fitted(stream, "buildup") }]),
  ) as Corrections;
}

/** An alarm is the maximum over an event's days, so an event counts by its days of the highest scores: of a kind, as each has its own model. */
function isAmongBestDays(steps: readonly ExplainedStep[]): (step: ExplainedStep) => boolean {
  const taken = new Map<string, number>();
  const best = new Set<ExplainedStep>();
  for (const step of steps.toSorted((a, b) => b.logOdds - a.logOdds || a.judgedDay - b.judgedDay)) {
    const key = `${step.event}/${step.kind}`;
    const count = taken.get(key) ?? 0;
    if (count >= bestDays) continue;
    taken.set(key, count + 1);
    best.add(step);
  }
  return (step) => best.has(step);
}

/** Each event weighs as one. */
function weighted(steps: readonly ExplainedStep[]): ScoredStep[] {
  const counts = new Map<number, number>();
  for (const { event } of steps) counts.set(event, (counts.get(event) ?? 0) + 1);
  return steps.map(({ logOdds, was, event }) => ({ logOdds, label: was === "mine" ? 1 : 0, weight: 1 / counts.get(event)! }));
}

/** Highest corrected score of each event of a sort. */
function bestScores(steps: readonly ExplainedStep[], was: ExplainedStep["was"], corrections: Corrections): BestScore[] {
  const best = new Map<number, BestScore>();
  for (const { event, stream, kind, logOdds, was: sort } of steps) {
    if (sort !== was) continue;
    const score = corrected(corrections[stream][kind], logOdds);
    if (score > (best.get(event)?.score ?? 0)) best.set(event, { stream, score });
  }
  return [...best.values()];
}

function scoresOf(
  explained: readonly ExplainedStep[][],
  corrections: Corrections,
  minScoreOf: (stream: StreamKind, kind: Kind) => number,
): Calibration["scores"] {
  const eventsOf = (stream: StreamKind, kind: Kind, isMine: boolean) =>
    explained.reduce((sum, steps) => {
      const own = steps.filter((step) => step.stream === stream && step.kind === kind && (step.was === "mine") === isMine);
      return sum + new Set(own.map(({ event }) => event)).size;
    }, 0);
  const of = (stream: StreamKind, kind: Kind) => ({
    ...corrections[stream][kind],
    minScore: minScoreOf(stream, kind),
    mines: eventsOf(stream, kind, true),
    innocent: eventsOf(stream, kind, false),
  });
  return Object.fromEntries(
    streamKinds.map((stream) => [stream, { step: of(stream, "step"), buildup: of(stream, "buildup") }]),
  ) as Calibration["scores"];
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
