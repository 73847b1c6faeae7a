import type { PastSteps } from "./past-steps.ts";
import { multiplyTile, tile } from "./statistics/product-tile.ts";
import { quantileInPlace } from "./statistics/select.ts";

/** Numbers of a 24 x 24 matrix. */
export const profileSize = 24 * 24;

let sizes = new Float64Array(0);
let sorted = new Float64Array(0);
let weighted = new Float64Array(0);

/**
 * Second moments of a stream's past profiles, outlying ones weighted down, into moment[at ..]: the tiles of 4 x 4 hours on and below the
 * diagonal, which is all that is read of them. All 0 where there are no profiles. Returns the trace.
 */
export function secondMoments(past: PastSteps, moment: Float64Array, at: number): number {
  if (past.count === 0) {
    moment.fill(0, at, at + profileSize);
    return 0;
  }
  weighProfiles(past);
  for (let a = 0; a < 24; a += 2) {
    const lastTile = a & ~3;
    for (let b = 0; b <= lastTile; b += 4) momentTile(past, moment, at, a, b);
  }
  let trace = 0;
  for (let i = 0; i < 24; i++) trace += moment[at + i * 25];
  return trace;
}

/** Profiles times their weights: a profile of more than 4 times the typical sum of squares counts for that much. */
function weighProfiles({ values, count }: PastSteps): void {
  if (sizes.length < count) {
    sizes = new Float64Array(count);
    sorted = new Float64Array(count);
  }
  if (weighted.length < count * 24) weighted = new Float64Array(count * 24);
  sizes.fill(0, 0, count);
  for (let hour = 0; hour < 24; hour++) for (let i = 0; i < count; i++) sizes[i] += values[hour * count + i] * values[hour * count + i];
  for (let i = 0; i < count; i++) sorted[i] = sizes[i];
  const typical = quantileInPlace(sorted, count, 0.5);
  for (let i = 0; i < count; i++) sizes[i] = Math.min(1, (4 * typical) / (sizes[i] + 1e-12)) / count;
  for (let hour = 0; hour < 24; hour++) for (let i = 0; i < count; i++) weighted[hour * count + i] = sizes[i] * values[hour * count + i];
}

function momentTile({ values, count }: PastSteps, moment: Float64Array, at: number, a: number, b: number): void {
  multiplyTile(weighted, a * count, values, b * count, count);
  const out = at + a * 24 + b;
  for (let i = 0; i < 4; i++) {
    moment[out + i] = tile[i];
    moment[out + 24 + i] = tile[4 + i];
  }
}

/** Deviation of the mean of the 4 successive hours from `from`, a multiple of 4. */
export function blockDeviation(covariance: Float64Array, from: number): number {
  let sum = 0;
  for (let a = from; a < from + 4; a++) for (let b = from; b < from + 4; b++) sum += covariance[a * 24 + b];
  return Math.sqrt(sum / 16);
}
