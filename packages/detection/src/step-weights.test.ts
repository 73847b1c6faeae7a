import { describe, expect, it } from "vitest";
import { defaultParameters } from "./parameters.ts";
import { stepWeights } from "./step-weights.ts";

const before = defaultParameters.beforeDays;
const ratio = defaultParameters.randomWalkRatio;

/** Step found in daily values; day 0 is the onset day. */
function sizeOf(age: number, valueOf: (day: number) => number): number {
  return stepWeights(before, age, ratio).weights.reduce((sum, weight, i) => sum + weight * valueOf(i - before), 0);
}

describe.each(defaultParameters.agesDays)("stepWeights at age %i", (age) => {
  const { weights, variance } = stepWeights(before, age, ratio);

  it("has one weight for each day, summing to 0, and to 1 after the onset", () => {
    expect(weights).toHaveLength(before + 1 + age);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(0, 9);
    expect(weights.subarray(before + 1).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  it("gives the onset day no weight", () => {
    expect(weights[before]).toBeCloseTo(0, 9);
    expect(sizeOf(age, (day) => (day === 0 ? 1000 : 0))).toBeCloseTo(0, 5);
  });

  it("finds a step at its size on any level", () => {
    expect(sizeOf(age, (day) => 100 + (day > 0 ? 7 : 0))).toBeCloseTo(7, 6);
  });

  it("takes a slow drift for far less than its rise", () => {
    const rise = 1;
    const drift = sizeOf(age, (day) => (rise * (day + before)) / (before + age));
    expect(drift).toBeLessThan(0.35 * rise);
    expect(drift).toBeGreaterThan(0);
  });

  it("tells the variance of the step for white noise and the walk together", () => {
    let expected = 0;
    for (let i = 0; i < weights.length; i++) {
      for (let j = 0; j < weights.length; j++) {
        expected += weights[i] * weights[j] * ((i === j ? 1 : 0) + ratio ** 2 * (Math.min(i, j) + 1));
      }
    }
    expect(variance).toBeCloseTo(expected, 9);
  });
});
