import { choleskyInPlace, solveCholesky } from "./statistics/cholesky.ts";

/**
 * Weights that turn a run of daily values into the size of a step, by generalised least squares of the values on
 * [level, onset-day dummy, step] under the covariance I + ratio^2 min(i, j): white noise plus a random walk. A slow drift is then not a step,
 * and the weights fade within about 1 / ratio days of the onset on both sides (Harvey, Forecasting, Structural Time Series, 1989, ch. 2).
 *
 * Returns, for `before` days, the onset day and `age` days after it (oldest first), the weights whose dot product with the values is the
 * step; they sum to 0, and to 1 over the days after the onset. `variance` is that of the step for white noise of unit variance.
 */
export interface StepWeights {
  readonly age: number;
  readonly weights: Float64Array;
  readonly variance: number;
}

export function stepWeights(before: number, age: number, randomWalkRatio: number): StepWeights {
  const n = before + 1 + age;
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) covariance[i * n + j] = (i === j ? 1 : 0) + randomWalkRatio ** 2 * (Math.min(i, j) + 1);
  }
  choleskyInPlace(covariance, n);
  const columns = [0, 1, 2].map((kind) => Float64Array.from({ length: n }, (_, i) => design(kind, i, before)));
  const solved = columns.map((column) => {
    const copy = column.slice();
    solveCholesky(covariance, n, copy);
    return copy;
  });
  const normal = new Float64Array(9);
  for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) normal[a * 3 + b] = dot(columns[a], solved[b]);
  choleskyInPlace(normal, 3);
  const pick = Float64Array.of(0, 0, 1);
  solveCholesky(normal, 3, pick);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let a = 0; a < 3; a++) weights[i] += pick[a] * solved[a][i];
  return { age, weights, variance: pick[2] };
}

function design(kind: number, day: number, before: number): number {
  if (kind === 0) return 1;
  if (kind === 1) return day === before ? 1 : 0;
  return day > before ? 1 : 0;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
