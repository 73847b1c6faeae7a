import type { Assessment } from "./assessment.ts";
import type { ContextNumbers } from "./group-context.ts";

/**
 * Rank of a raised step between 0 and 1: a logistic of how far it clears its threshold and of the tests that told most on natural data
 * (not multiplicative, new level, neighbours). An order, not yet a calibrated probability.
 */
export function scoreOf(found: Assessment, context: ContextNumbers): number {
  const { numbers } = found;
  const clear = Math.log(Math.abs(found.increment.sigma) / found.neededSigma);
  const logit =
    -0.2 +
    2 * clear +
    0.25 * Math.min(4, Math.max(-2, numbers.additiveLogLikelihood)) +
    0.9 * (Math.min(1.2, numbers.newHighRatio) - 0.7) +
    0.3 * Math.min(1, found.age / 21) -
    0.2 * numbers.shapeSigma -
    (Number.isNaN(context.neighbourShare) ? 0 : 4 * context.neighbourShare);
  return 1 / (1 + Math.exp(-logit));
}
