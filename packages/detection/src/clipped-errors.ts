import type { StandardRows } from "./standard-rows.ts";
import { robustDeviationInPlace } from "./statistics/select.ts";

/** A row that is fitted, and its products with the regressors in their order, mean over time. */
interface Target {
  readonly stream: number;
  readonly right: Float64Array;
}

/** Errors of two targets, and a copy to take their deviation from. Shared by all fits: nothing in them outlives a call. */
let errors = new Float64Array(0);
let sizes = new Float64Array(0);

/**
 * Takes out of the targets' products what the errors of a first fit have beyond `outlierSigma` of their robust deviations: with them the next
 * solution is a step of Huber's estimator by pseudo-values (Huber, Robust Statistics, 1981, ch. 7). The day a load begins is such an outlier of its
 * own stream, and of no other. Clipping the values instead takes common moves away too, from which the fit learns most.
 */
export function clipErrors(
  rows: StandardRows,
  regressors: readonly number[],
  targets: readonly Target[],
  solutions: readonly Float64Array[],
  outlierSigma: number,
): void {
  const { length } = rows;
  if (errors.length < 2 * length) {
    errors = new Float64Array(2 * length);
    sizes = new Float64Array(length);
  }
  for (let i = 0; i < targets.length; i += 2) {
    const j = Math.min(i + 1, targets.length - 1);
    fillErrors(rows, regressors, [targets[i].stream, targets[j].stream], [solutions[i], solutions[j]]);
    clipTarget(rows, regressors, targets[i], 0, outlierSigma);
    if (j > i) clipTarget(rows, regressors, targets[j], length, outlierSigma);
  }
}

/** Errors of two targets. Four regressors at a time: a number that is read serves both, and the errors are read and written once for four. */
function fillErrors(
  { values, length }: StandardRows,
  regressors: readonly number[],
  [one, other]: readonly [number, number],
  [first, second]: readonly [Float64Array, Float64Array],
): void {
  errors.set(values.subarray(one * length, (one + 1) * length));
  errors.set(values.subarray(other * length, (other + 1) * length), length);
  for (let k = 0; k < regressors.length; k += 4) {
    // past the last regressor: any row, times 0
    const at = (i: number) => (regressors[k + i] ?? 0) * length;
    const [r0, r1, r2, r3] = [at(0), at(1), at(2), at(3)];
    const [a0, a1, a2, a3] = [first[k], first[k + 1] ?? 0, first[k + 2] ?? 0, first[k + 3] ?? 0];
    const [b0, b1, b2, b3] = [second[k], second[k + 1] ?? 0, second[k + 2] ?? 0, second[k + 3] ?? 0];
    for (let t = 0; t < length; t++) {
      const v0 = values[r0 + t];
      const v1 = values[r1 + t];
      const v2 = values[r2 + t];
      const v3 = values[r3 + t];
      errors[t] -= a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
      errors[length + t] -= b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3;
    }
  }
}

function clipTarget({ values, length }: StandardRows, regressors: readonly number[], { right }: Target, from: number, sigma: number): void {
  for (let t = 0; t < length; t++) sizes[t] = errors[from + t];
  const limit = sigma * robustDeviationInPlace(sizes, length, 0);
  for (let t = 0; t < length; t++) {
    const error = errors[from + t];
    const beyond = error > limit ? error - limit : error < -limit ? error + limit : 0;
    if (beyond === 0) continue;
    for (let i = 0; i < right.length; i++) right[i] -= (beyond * values[regressors[i] * length + t]) / length;
  }
}
