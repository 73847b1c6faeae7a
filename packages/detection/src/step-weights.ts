import { choleskyInPlace, solveCholesky } from "./statistics/cholesky.ts";

/**
 * Weights that turn a run of daily values into the size of a step, by generalised least squares of the values on [level, step] under the
 * covariance I + ratio^2 min(i, j): white noise plus a random walk. A slow drift is then not a step, and the weights fade within about 1 / ratio
 * days of the onset on both sides (Harvey, Forecasting, Structural Time Series, 1989, ch. 2).
 *
 * Over `before` days, the gap and `age` days after it (oldest first); days of the gap weigh nothing: it is the onset day of a step, and the
 * days over which a load builds up, whatever its course. The dot product with the values is the step; the weights sum to 0, and to 1 over the
 * days after the gap.
 */
export interface StepWeights {
  readonly age: number;
  readonly gapDays: number;
  readonly weights: Float64Array;
  /** Of the step, for white noise of unit variance with its walk. */
  readonly variance: number;
  /** Deviation of the step over that of the 10-day step. */
  readonly inflation: number;
}

export function stepWeights(before: number, age: number, randomWalkRatio: number, gapDays = 1): StepWeights {
  const solved = solveStep(before, age, randomWalkRatio, gapDays);
  const tenDays = age === 10 && gapDays === 1 ? solved.variance : solveStep(before, 10, randomWalkRatio, 1).variance;
  return { age, gapDays, ...solved, inflation: Math.sqrt(solved.variance / tenDays) };
}

function solveStep(before: number, age: number, randomWalkRatio: number, gapDays: number): { weights: Float64Array; variance: number } {
  const n = before + age;
  const dayOf = (i: number) => (i < before ? i : i + gapDays);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) covariance[i * n + j] = (i === j ? 1 : 0) + randomWalkRatio ** 2 * (Math.min(dayOf(i), dayOf(j)) + 1);
  }
  choleskyInPlace(covariance, n);
  const columns = [0, 1].map((kind) => Float64Array.from({ length: n }, (_, i) => (kind === 0 || i >= before ? 1 : 0)));
  const solved = columns.map((column) => {
    const copy = column.slice();
    solveCholesky(covariance, n, copy);
    return copy;
  });
  const normal = new Float64Array(4);
  for (let a = 0; a < 2; a++) for (let b = 0; b < 2; b++) normal[a * 2 + b] = dot(columns[a], solved[b]);
  choleskyInPlace(normal, 2);
  const pick = Float64Array.of(0, 1);
  solveCholesky(normal, 2, pick);
  const weights = new Float64Array(n + gapDays);
  for (let i = 0; i < n; i++) weights[dayOf(i)] = pick[0] * solved[0][i] + pick[1] * solved[1][i];
  return { weights, variance: pick[1] };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
