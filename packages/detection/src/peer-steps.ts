import type { Assessment } from "./assessment.ts";
import type { JudgedGroup } from "./group-context.ts";
import { type JudgedBlock, scanSigma, scanStep } from "./judged-block.ts";
import type { StepWeights } from "./step-weights.ts";

/** A step of a scan shape, share of the mean, and its z without sign. */
export interface NearStep {
  readonly step: number;
  readonly sigma: number;
}

/** The weights of a step and of one a day earlier and later; of a build-up its own alone. */
export function nearbyWeights({ weightsOfAge }: JudgedGroup, { weights, age }: Assessment): StepWeights[] {
  return weights.gapDays > 1 ? [weights] : [age - 1, age, age + 1].map((near) => weightsOfAge[near]);
}

/** The scan shape that a step is compared by: a night load by nights, over all hours it would be a third of its size. */
export function scanKindOf({ increment }: Assessment): 0 | 1 {
  return increment.template.signature === "night_only" ? 1 : 0;
}

/** The step of another stream with the largest z within a day of the onset of `found`. */
export function plainestStep(group: JudgedGroup, found: Assessment, judged: JudgedBlock, stream: number): NearStep {
  const kind = scanKindOf(found);
  let plainest: NearStep = { step: 0, sigma: 0 };
  for (const weights of nearbyWeights(group, found)) {
    const step = scanStep(judged, kind, stream, group.civilDay, weights);
    const sigma = Math.abs(step) / (scanSigma(judged, kind, stream) * weights.inflation);
    if (sigma > plainest.sigma) plainest = { step, sigma };
  }
  return plainest;
}

/** z from which a peer's step near the onset is taken for real, and how many of the plainest are. */
const plainSigma = 8;
const maxSteppers = 6;

/** The peers that step plainly the same way as `found` near its onset, the plainest first. */
export function plainSteppers(group: JudgedGroup, found: Assessment): ({ readonly peer: number } & NearStep)[] {
  const { judged, stream } = found;
  return Array.from({ length: judged.block.meterCount }, (_, peer) => peer)
    .filter((peer) => peer !== stream && coefficientOf(judged, stream, peer) !== 0)
    .map((peer) => ({ peer, ...plainestStep(group, found, judged, peer) }))
    .filter(({ step, sigma }) => sigma >= plainSigma && step * found.direction > 0)
    .toSorted((a, b) => b.sigma - a.sigma)
    .slice(0, maxSteppers);
}

/** Coefficient of `peer` in the expectation of `stream`; 0 = none. */
export function coefficientOf({ fit }: JudgedBlock, stream: number, peer: number): number {
  const { regressors, coefficients, width } = fit.expectation;
  const at = regressors.subarray(stream * width, (stream + 1) * width).indexOf(peer);
  return at < 0 ? 0 : coefficients[stream * width + at];
}
