import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipErrors } from "./clipped-errors.ts";
import type { StandardRows } from "./standard-rows.ts";
import { createRidgeSolver } from "./statistics/ridge.ts";

const length = 400;
const regressors = [0, 1, 2, 3, 4];
const targets = [5, 6, 7];
const rowCount = regressors.length + targets.length;
const noRow = new Set<number>();

/** Uniform in [-1, 1): an error is never 3 robust deviations. */
function createUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Rows of which each target is a mix of the regressors and a little of its own. `alone` = what it does besides. */
function mixedRows(seed: number, alone: (target: number, t: number) => number): StandardRows {
  const uniform = createUniform(seed);
  const values = Float64Array.from({ length: rowCount * length }, uniform);
  for (const target of targets) {
    const weights = regressors.map(uniform);
    for (let t = 0; t < length; t++) {
      const mix = regressors.reduce((sum, row, i) => sum + weights[i] * values[row * length + t], 0);
      values[target * length + t] = mix + 0.1 * values[target * length + t] + alone(target, t);
    }
  }
  return { values, length, deviations: new Float64Array(rowCount).fill(1) };
}

function solve({ values }: StandardRows, outlierSigma: number | undefined): Float64Array[] {
  const rowOf = (row: number) => values.subarray(row * length, (row + 1) * length);
  const product = (a: number, b: number) => rowOf(a).reduce((sum, value, t) => sum + value * rowOf(b)[t], 0) / length;
  const gram = Float64Array.from({ length: rowCount ** 2 }, (_, i) => product(Math.floor(i / rowCount), i % rowCount));
  const solver = createRidgeSolver(gram, rowCount, regressors, 1e-6);
  const asked = targets.map((stream) => ({ stream, right: Float64Array.from(regressors, (row) => product(row, stream)) }));
  const first = asked.map(({ right }) => solver.solve(right, noRow));
  if (outlierSigma === undefined) return first;
  clipErrors({ values, length, deviations: new Float64Array(rowCount) }, regressors, asked, first, outlierSigma);
  return asked.map(({ right }) => solver.solve(right, noRow));
}

const distance = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
  Math.hypot(...a.flatMap((row, i) => [...row].map((value, j) => value - b[i][j])));

describe("clipErrors", () => {
  it("changes nothing where no error is an outlier", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const rows = mixedRows(seed, () => 0);
        expect(distance(solve(rows, 3), solve(rows, undefined))).toBeLessThan(1e-9);
      }),
      { numRuns: 30 },
    );
  });

  it("learns little from a day on which each target did something alone: not a third of what is learnt without it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: length - 9 }), (seed, day) => {
        const jumped = mixedRows(seed, (_target, t) => (t >= day && t < day + 8 ? 4 : 0));
        const truth = solve(
          mixedRows(seed, () => 0),
          undefined,
        );
        expect(distance(solve(jumped, 3), truth)).toBeLessThan(distance(solve(jumped, undefined), truth) / 3);
      }),
      { numRuns: 30 },
    );
  });

  it("serves the last of an odd number of targets once", () => {
    const rows = mixedRows(1, (target, t) => (target === 7 && t < 8 ? 4 : 0));
    const truth = solve(
      mixedRows(1, () => 0),
      undefined,
    );
    expect(distance(solve(rows, 3).slice(0, 2), truth.slice(0, 2))).toBeLessThan(1e-9);
    expect(distance(solve(rows, 3), truth)).toBeLessThan(distance(solve(rows, undefined), truth) / 3);
  });
});
