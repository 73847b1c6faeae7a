import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { segment } from "./segmentation.ts";

const squares = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};
const costOf = (values: readonly number[], starts: readonly number[], penalty: number) =>
  starts.reduce((sum, start, order) => sum + squares(values.slice(start, starts[order + 1])), 0) + penalty * (starts.length - 1);

/** Least cost over all segmentations, without any shortcut. */
function leastCost(values: readonly number[], penalty: number, shortest: number): number {
  const best = [-penalty];
  for (let end = 1; end <= values.length; end++) {
    best[end] = Number.POSITIVE_INFINITY;
    for (let from = 0; from + shortest <= end; from++)
      best[end] = Math.min(best[end], best[from] + penalty + squares(values.slice(from, end)));
  }
  return best[values.length];
}

describe("segmentation", () => {
  it("finds where a level changes", () => {
    const random = createRandom(1);
    const values = Array.from({ length: 120 }, (_, day) => (day < 70 ? 0 : 1) + 0.2 * random.normal());
    expect(segment(values, 1, 7)).toEqual([0, 70]);
    expect(segment(values.slice(0, 70), 1, 7)).toEqual([0]);
  });

  it("is never worse than the best of all segmentations", () => {
    const series = fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ min: -3, max: 3, noNaN: true })), {
      minLength: 8,
      maxLength: 40,
    });
    fc.assert(
      fc.property(series, fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer({ min: 1, max: 4 }), (values, penalty, shortest) => {
        const starts = segment(values, penalty, shortest);
        expect(starts[0]).toBe(0);
        for (const [order, start] of starts.entries())
          expect((starts[order + 1] ?? values.length) - start).toBeGreaterThanOrEqual(shortest);
        expect(costOf(values, starts, penalty)).toBeCloseTo(leastCost(values, penalty, shortest), 6);
      }),
      { numRuns: 300 },
    );
  });
});
