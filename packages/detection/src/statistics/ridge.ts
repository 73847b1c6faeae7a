import { choleskyInPlace, invertInto, solveCholesky } from "./cholesky.ts";

/** Ridge regressions of many targets on nearly the same regressors. */
export interface RidgeSolver {
  /** Coefficients on the regressors that are not in `excluded`, from the target's products with all of them, in their order; 0 for the excluded. */
  solve(products: Float64Array, excluded: ReadonlySet<number>): Float64Array;
}

/**
 * Solves (G_AA + ridge I)^-1 G_Ai for many targets i, A = regressors without a few, from one inverse P of the whole (Schur complement):
 * (G_AA + ridge I)^-1 = P_AA - P_AR P_RR^-1 P_RA for the excluded R. For 150 regressors that costs a twentieth of a factor for each target.
 * `gram` is row-major [row * rowCount + column]; `regressors` are rows of it.
 */
export function createRidgeSolver(gram: Float64Array, rowCount: number, regressors: readonly number[], ridge: number): RidgeSolver {
  const n = regressors.length;
  // invertInto takes multiples of 4: the rows added are those of the identity, and touch nothing
  const size = Math.ceil(n / 4) * 4;
  const matrix = new Float64Array(size * size);
  for (let i = n; i < size; i++) matrix[i * size + i] = 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * size + j] = gram[regressors[i] * rowCount + regressors[j]];
    matrix[i * size + i] += ridge;
  }
  const inverse = new Float64Array(size * size);
  if (size > 0) invertInto(matrix, size, inverse, 0);
  return {
    solve(products, excluded) {
      const out = regressors.flatMap((row, i) => (excluded.has(row) ? [i] : []));
      const right = products.map((product, i) => (excluded.has(regressors[i]) ? 0 : product));
      // a meter above all others excludes most of them: its own factor is then the shorter way
      if (out.length * 2 > n) return solveDirectly(matrix, size, right, out);
      return correct(inverse, size, multiply(inverse, size, right), out);
    },
  };
}

function multiply(matrix: Float64Array, size: number, vector: Float64Array): Float64Array {
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += matrix[i * size + j] * vector[j];
    return sum;
  });
}

/** w - P_R P_RR^-1 w_R, which is 0 at R. */
function correct(inverse: Float64Array, size: number, solution: Float64Array, out: readonly number[]): Float64Array {
  const part = new Float64Array(out.length * out.length);
  out.forEach((i, a) => out.forEach((j, b) => (part[a * out.length + b] = inverse[i * size + j])));
  choleskyInPlace(part, out.length);
  const weights = Float64Array.from(out, (i) => solution[i]);
  solveCholesky(part, out.length, weights);
  const corrected = solution.map((value, i) => out.reduce((sum, j, b) => sum - inverse[i * size + j] * weights[b], value));
  for (const i of out) corrected[i] = 0;
  return corrected;
}

function solveDirectly(matrix: Float64Array, size: number, right: Float64Array, out: readonly number[]): Float64Array {
  const isOut = new Set(out);
  const kept = Array.from(right.keys()).filter((i) => !isOut.has(i));
  const part = new Float64Array(kept.length * kept.length);
  kept.forEach((i, a) => kept.forEach((j, b) => (part[a * kept.length + b] = matrix[i * size + j])));
  choleskyInPlace(part, kept.length);
  const solved = Float64Array.from(kept, (i) => right[i]);
  solveCholesky(part, kept.length, solved);
  const solution = new Float64Array(right.length);
  kept.forEach((i, a) => (solution[i] = solved[a]));
  return solution;
}
