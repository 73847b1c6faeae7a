import type { Assessment } from "./assessment.ts";
import type { JudgedGroup } from "./group-context.ts";
import { plainestStep } from "./peer-steps.ts";

/** z from which a peer's step near the onset is taken for real, and how many of the plainest are. */
const plainSigma = 8;
const maxSteppers = 6;
/** x = k + B x settles to .1 % within so many turns while the coefficients among the steppers sum to less than .8. */
const turns = 30;

/**
 * The step with what its peers' own steps took from it, over the step as measured. A step x of several streams at once shows in their residuals as
 * k = (I - B) x, B the coefficients of the one in the expectation of the other: sites that switch off together look smaller than they were.
 * Solved for the stream and the plainest of its peers that step the same way. 1 where nobody else stepped, or the correction is not believable (outside 1 to 4).
 */
export function fullStepRatio(group: JudgedGroup, found: Assessment): number {
  const steppers = [found.stream, ...plainPeers(group, found)];
  if (steppers.length === 1) return 1;
  const measured = steppers.map((stream) => plainestStep(group, found, found.judged, stream).step);
  let full = measured.slice();
  for (let turn = 0; turn < turns; turn++) {
    full = measured.map((step, i) => step + steppers.reduce((sum, peer, j) => sum + coefficient(found, steppers[i], peer) * full[j], 0));
  }
  const ratio = full[0] / measured[0];
  return ratio > 1 && ratio < 4 ? ratio : 1;
}

function plainPeers(group: JudgedGroup, found: Assessment): number[] {
  const { judged, stream } = found;
  return Array.from({ length: judged.block.meterCount }, (_, peer) => peer)
    .filter((peer) => peer !== stream && coefficient(found, stream, peer) !== 0)
    .map((peer) => ({ peer, ...plainestStep(group, found, judged, peer) }))
    .filter(({ step, sigma }) => sigma >= plainSigma && step * found.direction > 0)
    .toSorted((a, b) => b.sigma - a.sigma)
    .slice(0, maxSteppers)
    .map(({ peer }) => peer);
}

/** Coefficient of `peer` in the expectation of `stream`; 0 = none. */
function coefficient({ judged }: Assessment, stream: number, peer: number): number {
  const { regressors, coefficients, width } = judged.fit.expectation;
  const at = regressors.subarray(stream * width, (stream + 1) * width).indexOf(peer);
  return at < 0 ? 0 : coefficients[stream * width + at];
}
