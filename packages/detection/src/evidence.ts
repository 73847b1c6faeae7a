import type { Assessment } from "./assessment.ts";
import type { ContextNumbers } from "./group-context.ts";

/** One number of the evidence, bounded so that no single test can outweigh all others. Higher need not mean more likely. */
interface EvidenceTerm {
  readonly name: string;
  /** Which way the term may move the score: physics, not the luck of a sample, decides that. 0 = either way. */
  readonly sign: 1 | -1 | 0;
  readonly of: (found: Assessment, context: ContextNumbers, groupDays: number) => number;
}

/** What the score is made of. The names are those of the ledger's tests where one exists. */
export const evidenceTerms: readonly EvidenceTerm[] = [
  { name: "step_over_noise", sign: 1, of: ({ increment }) => Math.log(bounded(Math.abs(increment.sigma), 1, 40)) },
  { name: "step_share", sign: 0, of: ({ increment }) => Math.log(bounded(Math.abs(increment.size), 0.01, 0.5)) },
  { name: "age", sign: 1, of: ({ age }) => Math.log(age / 10) },
  { name: "night_only", sign: -1, of: (found) => (found.increment.template.signature === "night_only" ? 1 : 0) },
  { name: "peak_pause", sign: -1, of: (found) => (found.increment.template.signature === "peak_pause" ? 1 : 0) },
  { name: "buildup", sign: 0, of: ({ weights }) => Math.log(weights.gapDays) },
  { name: "loss", sign: 0, of: (found) => (found.isLoss ? 1 : 0) },
  { name: "not_multiplicative", sign: 1, of: ({ numbers }) => signedLog(numbers.additiveLogLikelihood) },
  { name: "new_level", sign: 1, of: ({ numbers }) => bounded(numbers.newLevelRatio, -0.5, 1.2) },
  { name: "new_high", sign: 1, of: ({ numbers }) => bounded(numbers.newHighRatio, -0.5, 1.2) },
  { name: "persistence", sign: -1, of: ({ numbers }) => bounded(Math.abs(numbers.stillThereRatio - 1), 0, 1) },
  { name: "lasting", sign: 1, of: ({ numbers }) => bounded(numbers.lowDaysRatio, -0.5, 1.2) },
  { name: "weakest_block", sign: 1, of: ({ numbers }) => bounded(numbers.weakestBlockRatio, -0.5, 1.2) },
  { name: "shape", sign: -1, of: ({ numbers }) => bounded(numbers.shapeSigma, 0, 5) },
  { name: "energy", sign: -1, of: ({ numbers }) => bounded(Math.abs(numbers.energyRatio - 1), 0, 1) },
  {
    name: "weekend",
    sign: -1,
    of: ({ numbers }) => (Number.isNaN(numbers.weekendDifferenceRatio) ? 0.1 : bounded(numbers.weekendDifferenceRatio, 0, 1)),
  },
  { name: "steadiness", sign: -1, of: ({ numbers }) => Math.log(bounded(numbers.restlessnessRatio, 0.25, 4)) },
  { name: "restlessness", sign: -1, of: ({ numbers }) => bounded(numbers.dayNoiseRatio, 0, 1) },
  {
    name: "neighbours",
    sign: -1,
    of: (_found, context) => (Number.isNaN(context.neighbourShare) ? 0.03 : bounded(context.neighbourShare, 0, 0.4)),
  },
  {
    name: "not_transferred",
    sign: -1,
    of: (_found, context) => (Number.isNaN(context.transferLogLikelihood) ? -3 : bounded(context.transferLogLikelihood, -3, 4)),
  },
  {
    name: "not_shadow",
    sign: -1,
    of: (_found, context) => (Number.isNaN(context.shadowRatio) ? 0 : bounded(context.shadowRatio, -0.5, 1)),
  },
  { name: "known_days", sign: 1, of: (_found, _context, groupDays) => Math.min(1, groupDays / 120) },
  { name: "not_habitual", sign: -1, of: (_found, context) => Math.min(3, context.endedSteps) },
];

/** The numbers of one step, in the order of `evidenceTerms`. */
export interface Evidence {
  readonly kind: "step" | "buildup";
  /** Row of `streamKinds`. */
  readonly category: number;
  readonly values: Float64Array;
}

export function evidenceOf(found: Assessment, context: ContextNumbers, groupDays: number): Evidence {
  return {
    kind: found.weights.gapDays > 1 ? "buildup" : "step",
    category: found.judged.noise.category[found.stream],
    values: Float64Array.from(evidenceTerms, (term) => term.of(found, context, groupDays)),
  };
}

function bounded(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

function signedLog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.min(20, Math.abs(value)));
}
