import { type JudgedBlock, solvedTemplates, templateWeights } from "./judged-block.ts";
import type { StepWeights } from "./step-weights.ts";
import { type Template, templates } from "./templates.ts";

/** The increment of one step by hour, and the template that fits it best. Shares of the mean. */
export interface Increment {
  readonly profile: Float64Array;
  readonly template: Template;
  /** Size of the template while running, signed. */
  readonly size: number;
  /** Size over its own noise, signed. */
  readonly sigma: number;
  /** z needed for this template over the one for flat: what the choice of shapes costs. */
  readonly minSigma: number;
  /** Deviation of `size`. */
  readonly sizeSigma: number;
  /** Factor by which the stream's past steps exceed what the covariance of profiles would give. */
  readonly inflation: number;
}

/** Profile of the step that the weights measure on `civilDay`: the same weights on each local hour. */
export function incrementProfile(judged: JudgedBlock, stream: number, civilDay: number, weights: StepWeights): Float64Array {
  const { residuals } = judged.fit;
  const profile = new Float64Array(24);
  const start = (stream * residuals.days + civilDay + 1 - weights.weights.length - residuals.firstDay) * 24;
  for (let d = 0; d < weights.weights.length; d++) {
    const weight = weights.weights[d];
    for (let hour = 0; hour < 24; hour++) profile[hour] += weight * judged.filtered.values[start + d * 24 + hour];
  }
  return profile;
}

/** The template with the largest margin over the z asked of it, in the given direction. */
export function bestIncrement(
  judged: JudgedBlock,
  stream: number,
  profile: Float64Array,
  stepInflation: number,
  search: { direction: 1 | -1; minSigma: Record<Template["signature"], number> },
): Increment {
  const { noise } = judged;
  const inflation = (noise.flatSigma[stream] / noise.shapeSigma[stream]) * stepInflation;
  const { weights, information } = solvedTemplates(judged, stream);
  let best: Increment | undefined;
  for (let i = 0; i < templates.length; i++) {
    const template = templates[i];
    let size = 0;
    for (let hour = 0; hour < 24; hour++) size += weights[i * 24 + hour] * profile[hour];
    const sizeSigma = inflation / Math.sqrt(information[i]);
    const sigma = size / sizeSigma;
    const minSigma = search.minSigma[template.signature];
    const margin = sigma * search.direction - minSigma;
    if (!best || margin > best.sigma * search.direction - best.minSigma)
      best = { profile, template, size, sigma, minSigma, sizeSigma, inflation };
  }
  return best!;
}

/**
 * Half the difference of the generalised residual sums of "the same factor at every hour" and of the template: the log-likelihood of an added
 * load over a CT ratio, unit or growth. Above 0 the template fits better.
 */
export function additiveLogLikelihood(judged: JudgedBlock, stream: number, increment: Increment, loadProfile: Float64Array): number {
  const weights = new Float64Array(24);
  const information = templateWeights(judged.noise, stream, loadProfile, weights);
  let factor = 0;
  for (let hour = 0; hour < 24; hour++) factor += weights[hour] * increment.profile[hour];
  const multiplied = quadratic(judged, stream, increment.profile, loadProfile, information > 0 ? factor : 0);
  const added = quadratic(judged, stream, increment.profile, increment.template.running, increment.size);
  return (multiplied - added) / (2 * increment.inflation ** 2);
}

/** (p - size shape)' C^-1 (p - size shape). */
function quadratic(judged: JudgedBlock, stream: number, profile: Float64Array, shape: Float64Array, size: number): number {
  const base = stream * 576;
  let total = 0;
  for (let a = 0; a < 24; a++) {
    const left = profile[a] - size * shape[a];
    for (let b = 0; b < 24; b++) total += left * judged.noise.inverse[base + a * 24 + b] * (profile[b] - size * shape[b]);
  }
  return total;
}

/**
 * Worst 4-hour block: how far its part of the increment is from the template, beyond a slack of `slackRatio` of the step, in deviations of
 * that block. Comparing each block with its own noise keeps a 5 % step on a restless substation; a fixed flatness costs a third of those.
 */
export function worstBlockSigma(judged: JudgedBlock, stream: number, increment: Increment, slackRatio: number): number {
  let worst = 0;
  for (let block = 0; block < 6; block++) {
    let deviation = 0;
    for (let hour = block * 4; hour < block * 4 + 4; hour++)
      deviation += (increment.profile[hour] - increment.size * increment.template.running[hour]) / 4;
    const beyond = Math.abs(deviation) - slackRatio * Math.abs(increment.size);
    worst = Math.max(worst, beyond / (judged.noise.blockSigma[stream * 6 + block] * increment.inflation));
  }
  return worst;
}
