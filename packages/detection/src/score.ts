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
 * Logistic regressions with the signs of the terms forced, fitted to mines and look-alikes put into natural readings without any, as `npm run train`
 * does; this file is older than the command: 20 fleets made of the untouched readings of two development fleets. The probability is
 * calibrated to the share of mines among those; a grid with other habits has another, which shifts the intercept by the difference of the log-odds.
 */
export const defaultScoreModels: ScoreModels = { step: models.step, buildup: models.buildup };

/** Log-odds that each term adds, in the order of `evidenceTerms`: which test moved the score by how much. */
function logOddsOf({ kind, values }: Evidence, scoreModels: ScoreModels): Float64Array {
  const { terms } = scoreModels[kind];
  return values.map((value, i) => (terms[i].weight * (value - terms[i].mean)) / terms[i].deviation);
}

/** What one term of the evidence did to the score. */
export interface ScorePart {
  readonly name: string;
  /** As the model takes it: bounded, of sizes the logarithm. */
  readonly value: number;
  /** Added to the log-odds, against a step that is average in this term: > 0 speaks for the step. */
  readonly logOdds: number;
}

/** The score taken apart, in the order of `evidenceTerms`. With the model's intercept the parts add up to ln(score / (1 - score)). */
export function scorePartsOf(evidence: Evidence, scoreModels: ScoreModels): ScorePart[] {
  const logOdds = logOddsOf(evidence, scoreModels);
  return evidenceTerms.map(({ name }, i) => ({ name, value: evidence.values[i], logOdds: logOdds[i] }));
}

/** Probability that a step is load nobody authorised: a logistic of the evidence. */
export function scoreOf(evidence: Evidence, scoreModels: ScoreModels): number {
  const logit = logOddsOf(evidence, scoreModels).reduce((sum, part) => sum + part, scoreModels[evidence.kind].intercept);
  return 1 / (1 + Math.exp(-logit));
}
