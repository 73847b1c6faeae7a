import type { Assessment } from "./assessment.ts";
import type { JudgedGroup } from "./group-context.ts";
import { coefficientOf, plainestStep, plainSteppers } from "./peer-steps.ts";

/** x = k + B x settles to .1 % within so many turns while the coefficients among the steppers sum to less than .8. */
const turns = 30;

/**
 * The step with what its peers' own steps took from it, over the step as measured. A step x of several streams at once shows in their residuals as
 * k = (I - B) x, B the coefficients of the one in the expectation of the other: sites that switch off together look smaller than they were.
 * Solved for the stream and the plainest of its peers that step the same way. 1 where nobody else stepped, or the correction is not believable (outside 1 to 4).
 */
export function fullStepRatio(group: JudgedGroup, found: Assessment): number {
  const peers = plainSteppers(group, found);
  if (peers.length === 0) return 1;
  const steppers = [found.stream, ...peers.map(({ peer }) => peer)];
  const measured = [plainestStep(group, found, found.judged, found.stream).step, ...peers.map(({ step }) => step)];
  let full = measured.slice();
  for (let turn = 0; turn < turns; turn++) {
    full = measured.map(
      (step, i) => step + steppers.reduce((sum, peer, j) => sum + coefficientOf(found.judged, steppers[i], peer) * full[j], 0),
    );
  }
  const ratio = full[0] / measured[0];
  return ratio > 1 && ratio < 4 ? ratio : 1;
}
