import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { corrected, type Correction, fitCorrection, noCorrection, type ScoredStep } from "./score-correction.ts";

/** Steps whose labels follow from a known correction. */
function drawSteps(seed: number, count: number, truth: Correction): ScoredStep[] {
  const random = createRandom(seed, "steps");
  return Array.from({ length: count }, () => {
    const logOdds = 2 * random.normal();
    return { logOdds, label: random.next() < corrected(truth, logOdds) ? 1 : 0, weight: 1 };
  });
}

const steps = fc.array(
  fc.record({
    logOdds: fc.double({ min: -8, max: 8, noNaN: true }),
    label: fc.constantFrom(0 as const, 1 as const),
    weight: fc.constantFrom(1 / 3, 0.5, 1),
  }),
  { maxLength: 60 },
);

describe("correction of a score", () => {
  it("finds the correction that the labels follow", () => {
    for (const truth of [
      { intercept: -0.8, slope: 0.6 },
      { intercept: 0.5, slope: 1.3 },
    ]) {
      const found = fitCorrection(drawSteps(1, 4000, truth), noCorrection);
      expect(Math.abs(found.intercept - truth.intercept)).toBeLessThan(0.12);
      expect(Math.abs(found.slope - truth.slope)).toBeLessThan(0.12);
    }
  });

  it("stays with the prior where there is nothing to learn from, and near it where there is little", () => {
    const prior = { intercept: -1, slope: 0.7 };
    expect(fitCorrection([], prior)).toEqual(prior);
    const few = fitCorrection(drawSteps(2, 4, { intercept: 3, slope: 2 }), prior);
    expect(Math.abs(few.intercept - prior.intercept)).toBeLessThan(1);
    expect(Math.abs(few.slope - prior.slope)).toBeLessThan(0.6);
  });

  it("never turns the order of scores round, whatever the labels", () => {
    fc.assert(
      fc.property(steps, (some) => {
        const { intercept, slope } = fitCorrection(some, noCorrection);
        expect(Number.isFinite(intercept)).toBe(true);
        expect(slope).toBeGreaterThanOrEqual(0.2);
      }),
    );
  });

  it("makes scores right on the whole: the mean corrected score is the share of mines, but for the pull of the prior", () => {
    const many = drawSteps(3, 3000, { intercept: -1.2, slope: 0.5 });
    const found = fitCorrection(many, noCorrection);
    const mean = many.reduce((sum, { logOdds }) => sum + corrected(found, logOdds), 0) / many.length;
    const share = many.filter(({ label }) => label === 1).length / many.length;
    expect(Math.abs(mean - share)).toBeLessThan(0.01);
  });
});
