import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyInPlace, solveCholesky } from "./cholesky.ts";
import { createRidgeSolver } from "./ridge.ts";

/** Gram matrix of a few random series. */
function gramOf(values: readonly number[], rows: number): Float64Array {
  const length = Math.floor(values.length / rows);
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++)
      for (let t = 0; t < length; t++) gram[i * rows + j] += (values[i * length + t] * values[j * length + t]) / length;
  return gram;
}

function solveAlone(gram: Float64Array, rows: number, target: number, kept: readonly number[]): Float64Array {
  const matrix = Float64Array.from(kept.flatMap((i) => kept.map((j) => gram[i * rows + j] + (i === j ? 0.1 : 0))));
  const solution = Float64Array.from(kept, (i) => gram[i * rows + target]);
  choleskyInPlace(matrix, kept.length);
  solveCholesky(matrix, kept.length, solution);
  return solution;
}

describe("createRidgeSolver", () => {
  it("gives what a regression on the kept regressors alone gives, whatever is excluded", () => {
    const rows = 9;
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: rows * 20, maxLength: rows * 20 }),
        fc.integer({ min: 0, max: rows - 1 }),
        fc.uniqueArray(fc.integer({ min: 0, max: rows - 1 }), { maxLength: rows - 1 }),
        (values, target, others) => {
          const gram = gramOf(values, rows);
          const excluded = new Set([target, ...others]);
          const products = Float64Array.from({ length: rows }, (_, row) => gram[row * rows + target]);
          const solution = createRidgeSolver(gram, rows, [...Array(rows).keys()], 0.1).solve(products, excluded);
          const kept = [...Array(rows).keys()].filter((row) => !excluded.has(row));
          const alone = solveAlone(gram, rows, target, kept);
          kept.forEach((row, i) => expect(solution[row]).toBeCloseTo(alone[i], 6));
          for (const row of excluded) expect(solution[row]).toBe(0);
        },
      ),
    );
  });
});
