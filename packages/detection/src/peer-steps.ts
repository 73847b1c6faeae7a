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
  return plainestOf(judged, scanKindOf(found), stream, group.civilDay, nearbyWeights(group, found));
}

/** Of some steps of a scan shape the one with the largest z; step and z are 0 where there is none, or no mean. */
export function plainestOf(judged: JudgedBlock, kind: 0 | 1, stream: number, civilDay: number, asked: readonly StepWeights[]): NearStep {
  let plainest: NearStep = { step: 0, sigma: 0 };
  for (const weights of asked) {
    const step = scanStep(judged, kind, stream, civilDay, weights);
    const sigma = Math.abs(step) / (scanSigma(judged, kind, stream) * weights.inflation);
    if (sigma > plainest.sigma) plainest = { step, sigma };
  }
  return plainest;
}

/** Coefficient of `peer` in the expectation of `stream`; 0 = none. */
export function coefficientOf({ fit }: JudgedBlock, stream: number, peer: number): number {
  const { regressors, coefficients, width } = fit.expectation;
  const at = regressors.subarray(stream * width, (stream + 1) * width).indexOf(peer);
  return at < 0 ? 0 : coefficients[stream * width + at];
}

/** Above or below the stream, or the stream itself. */
export function isRelative(found: Assessment, slot: number): boolean {
  const { block } = found.judged;
  const stream = block.streamOfSlot.get(slot);
  return stream !== undefined && block.relatives[found.stream][stream] === 1;
}
