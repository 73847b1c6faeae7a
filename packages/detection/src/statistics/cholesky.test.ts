import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyInPlace, invertInto, solveCholesky } from "./cholesky.ts";

const entry = fc.double({ noNaN: true, min: -2, max: 2 });
const square = fc.integer({ min: 1, max: 8 }).chain((n) => fc.array(entry, { minLength: n * n, maxLength: n * n }));

/** A A' + I: symmetric, and no eigenvalue below 1. */
function positiveDefinite(entries: readonly number[], n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return entries.slice(i * n, i * n + n).reduce((sum, a, k) => sum + a * entries[j * n + k], i === j ? 1 : 0);
  });
}

function multiply(matrix: Float64Array, vector: ArrayLike<number>, n: number): number[] {
  return Array.from({ length: n }, (_, i) => matrix.subarray(i * n, i * n + n).reduce((sum, a, k) => sum + a * vector[k], 0));
}

describe("cholesky", () => {
  it("solves a system with a small residual", () => {
    fc.assert(
      fc.property(square, (entries) => {
        const n = Math.sqrt(entries.length);
        const matrix = positiveDefinite(entries, n);
        const b = entries.slice(0, n);
        const factor = matrix.slice();
        choleskyInPlace(factor, n);
        const x = Float64Array.from(b);
        solveCholesky(factor, n, x);
        multiply(matrix, x, n).forEach((value, i) => expect(value).toBeCloseTo(b[i], 9));
      }),
    );
  });

  it("inverts a matrix into its place and leaves it as it was", () => {
    const fourfold = fc.constantFrom(4, 8).chain((n) => fc.array(entry, { minLength: n * n, maxLength: n * n }));
    fc.assert(
      fc.property(fourfold, (entries) => {
        const n = Math.sqrt(entries.length);
        const matrix = positiveDefinite(entries, n);
        const before = matrix.slice();
        const room = new Float64Array(n * n + 2).fill(7);
        invertInto(matrix, n, room, 1);
        expect(matrix).toEqual(before);
        expect([room[0], room.at(-1)]).toEqual([7, 7]);
        const inverse = room.subarray(1);
        for (let j = 0; j < n; j++) {
          const column = Array.from({ length: n }, (_, i) => inverse[i * n + j]);
          multiply(matrix, column, n).forEach((value, i) => expect(value).toBeCloseTo(i === j ? 1 : 0, 9));
        }
      }),
    );
  });

  it("names size and pivot of a matrix that is not positive definite", () => {
    expect(() => choleskyInPlace(Float64Array.of(1, 2, 2, 1), 2)).toThrow(
      new RangeError("matrix of size 2 is not positive definite: pivot 1 is -3"),
    );
    expect(() => invertInto(new Float64Array(16).fill(Number.NaN), 4, new Float64Array(16), 0)).toThrow(RangeError);
  });
});
