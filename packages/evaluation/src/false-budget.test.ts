import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BestScore, expectedFalse, type FalseScores, thresholdsWithin } from "./false-budget.ts";
import type { StreamKind } from "./seen-steps.ts";

const years: Record<StreamKind, number> = { substation: 100, feeder: 40, transformer: 300, customer: 0, balance: 10 };
const allYears = 450;
const streams = ["substation", "feeder", "transformer", "balance"] as const;

const scores = fc.array(fc.record({ stream: fc.constantFrom(...streams), score: fc.double({ min: 0.05, max: 0.97, noNaN: true }) }), {
  maxLength: 60,
});
const seenScores: fc.Arbitrary<FalseScores> = fc.record({
  natural: scores,
  changes: scores,
  changeWeight: fc.double({ min: 0, max: 0.5, noNaN: true }),
});

/** Two candidates in 100 years of each stream's own, at a spread of scores. */
function evenScores(): BestScore[] {
  return streams.flatMap((stream) =>
    Array.from({ length: Math.round(years[stream] / 2) }, (_, i, { length } = { length: Math.round(years[stream] / 2) }) => ({
      stream,
      score: (i + 0.5) / length,
    })),
  );
}

const falseAt = (seen: FalseScores, thresholds: Record<StreamKind, number>) => {
  const { natural, fromChanges } = expectedFalse(seen, (stream) => thresholds[stream]);
  return natural + fromChanges;
};

/** Candidates that one of this score stands for at a threshold of .6. */
const falseOfOne = (score: number) =>
  falseAt({ natural: [{ stream: "feeder", score }], changes: [], changeWeight: 0 }, { ...years, feeder: 0.6 });

describe("thresholds within a budget of false candidates", () => {
  it("keep the budget where each kind of stream is as restless as the others", () => {
    const seen = { natural: evenScores(), changes: [], changeWeight: 0 };
    const budget = 5;
    const expected = falseAt(seen, thresholdsWithin(budget * allYears, seen, years));
    expect(expected).toBeLessThanOrEqual((budget * allYears) / 100);
    expect(expected).toBeGreaterThan((0.8 * budget * allYears) / 100);
  });

  it("rise where the budget falls and where innocent changes come more often", () => {
    fc.assert(
      fc.property(seenScores, fc.double({ min: 0.5, max: 20, noNaN: true }), (seen, budget) => {
        const loose = thresholdsWithin(2 * budget * allYears, seen, years);
        const strict = thresholdsWithin(budget * allYears, seen, years);
        const denser = thresholdsWithin(budget * allYears, { ...seen, changeWeight: 2 * seen.changeWeight }, years);
        for (const stream of streams) {
          expect(strict[stream]).toBeGreaterThanOrEqual(loose[stream]);
          expect(denser[stream]).toBeGreaterThanOrEqual(strict[stream]);
          expect(strict[stream]).toBeGreaterThanOrEqual(0.4);
          expect(strict[stream]).toBeLessThanOrEqual(0.98);
        }
      }),
    );
  });

  it("are higher for the kind of stream that raises more, and near the grid's for one with few years", () => {
    const restless: BestScore[] = Array.from({ length: 30 }, (_, i) => ({ stream: "transformer", score: 0.5 + i / 70 }));
    const thresholds = thresholdsWithin(4 * allYears, { natural: restless, changes: [], changeWeight: 0 }, years);
    expect(thresholds.transformer).toBeGreaterThan(thresholds.substation);
    expect(thresholds.balance).toBeGreaterThan(thresholds.substation);
    expect(thresholds.customer).toBeGreaterThanOrEqual(thresholds.balance);
  });

  it("count two thirds of a candidate a little above a threshold, and a third of one as much below: scores are not known better", () => {
    expect(falseOfOne(0.6)).toBeCloseTo(0.5, 9);
    expect(falseOfOne(0.64)).toBeCloseTo(2 / 3, 1);
    expect(falseOfOne(0.64) + falseOfOne(0.558)).toBeCloseTo(1, 2);
    expect(falseOfOne(0.9)).toBeGreaterThan(0.99);
    expect(falseOfOne(0.2)).toBeLessThan(0.01);
  });
});
