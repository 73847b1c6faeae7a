import { type Evidence, evidenceTerms } from "./evidence.ts";
import models from "./score-model.json" with { type: "json" };

/** What the score weighs: `weight` is the log-odds that one standard deviation of a term adds. */
export interface ScoreModel {
  readonly intercept: number;
  readonly terms: readonly { readonly name: string; readonly mean: number; readonly deviation: number; readonly weight: number }[];
}

/** Steps and build-ups are told from innocent ones by different tests, so each kind has its own model. */
export type ScoreModels = Record<Evidence["kind"], ScoreModel>;

/**
 * Logistic regressions with the signs of the terms forced, fitted by `npm run train` to mines and look-alikes put into natural readings without any:
 * the file says which readings, and how many copies of them. The probability is
 * calibrated to the share of mines among those; a grid with other habits has another, which shifts the intercept by the difference of the log-odds.
 */
export const defaultScoreModels: ScoreModels = { step: models.step, buildup: models.buildup };

/** What a grid's own history says of the scores on one kind of stream: right log-odds = intercept + slope * log-odds of the model. */
export interface ScoreCorrection {
  readonly intercept: number;
  /** > 0: a higher score stays a likelier one. */
  readonly slope: number;
  /** Smallest corrected score that is raised. */
  readonly minScore: number;
}

/** In the order of `streamKinds`. */
export type ScoreCalibration = Record<Evidence["kind"], readonly ScoreCorrection[]>;

/** The parameters that make scores of evidence. */
interface Scoring {
  readonly scoreModels: ScoreModels;
  readonly calibration: ScoreCalibration | null;
  readonly minScore: Readonly<Record<Evidence["kind"], number>>;
}

function correctionOf({ kind, category }: Evidence, { calibration, minScore }: Scoring): ScoreCorrection {
  return calibration?.[kind][category] ?? { intercept: 0, slope: 1, minScore: minScore[kind] };
}

/** Log-odds that each term adds, in the order of `evidenceTerms`. */
function termsOf({ kind, values }: Evidence, { scoreModels }: Scoring): Float64Array {
  const { terms } = scoreModels[kind];
  return values.map((value, i) => (terms[i].weight * (value - terms[i].mean)) / terms[i].deviation);
}

/** Log-odds of the model, as no calibration has corrected them. */
export function modelLogOdds(evidence: Evidence, scoring: Scoring): number {
  return termsOf(evidence, scoring).reduce((sum, part) => sum + part, scoring.scoreModels[evidence.kind].intercept);
}

/** What one term of the evidence did to the score. */
export interface ScorePart {
  readonly name: string;
  /** As the model takes it: bounded, of sizes the logarithm. */
  readonly value: number;
  /** Added to the log-odds, against a step that is average in this term: > 0 speaks for the step. */
  readonly logOdds: number;
}

/**
 * The score taken apart, in the order of `evidenceTerms`, each part as corrected. With the model's intercept, corrected as well, the parts add up
 * to ln(score / (1 - score)).
 */
export function scorePartsOf(evidence: Evidence, scoring: Scoring): ScorePart[] {
  const logOdds = termsOf(evidence, scoring);
  const { slope } = correctionOf(evidence, scoring);
  return evidenceTerms.map(({ name }, i) => ({ name, value: evidence.values[i], logOdds: slope * logOdds[i] }));
}

/** Probability that a step is load nobody authorised: a logistic of the evidence, corrected where the grid has been calibrated. */
export function scoreOf(evidence: Evidence, scoring: Scoring): number {
  const { intercept, slope } = correctionOf(evidence, scoring);
  return 1 / (1 + Math.exp(-(intercept + slope * modelLogOdds(evidence, scoring))));
}

/** Smallest score at which a step of this kind, on this kind of stream, is raised. */
export function minScoreOf(evidence: Evidence, scoring: Scoring): number {
  return correctionOf(evidence, scoring).minScore;
}

/** Score and parts of a step about which more is known than the model weighs: `known` comes as log-likelihood ratios. */
export function scoreWith(evidence: Evidence, scoring: Scoring, known: readonly ScorePart[]): { score: number; scoreParts: ScorePart[] } {
  const logOdds = known.reduce((sum, part) => sum + part.logOdds, 0);
  return { score: moveScore(scoreOf(evidence, scoring), logOdds), scoreParts: [...scorePartsOf(evidence, scoring), ...known] };
}

/** A score after evidence that it did not know of. */
function moveScore(score: number, logOdds: number): number {
  return 1 / (1 + ((1 - score) / score) * Math.exp(-logOdds));
}
