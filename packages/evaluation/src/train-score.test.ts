import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { type ScoreTerm, type TrainingRow, trainScore } from "./train-score.ts";

const terms: readonly ScoreTerm[] = [
  { name: "telling", sign: 0 },
  { name: "contrary", sign: -1 },
  { name: "wrong_way", sign: 1 },
  { name: "constant", sign: 0 },
];
const truth = [1.5, -1, -0.8, 0];

/** One row an event: labels drawn from a logistic of known weights. */
function syntheticRows(count: number, intercept = -0.5): TrainingRow[] {
  const random = createRandom(7, "rows");
  return Array.from({ length: count }, (_, row) => {
    const values = Float64Array.from([random.normal(), 3 + 2 * random.normal(), random.normal(), 4]);
    const odds = intercept + truth[0] * values[0] + (truth[1] * (values[1] - 3)) / 2 + truth[2] * values[2];
    const label = random.next() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
    return { stream: `s${row}`, kind: row % 2 === 0 ? "step" : "buildup", onsetDay: 10, label, values };
  });
}

describe("training of the score", () => {
  const rows = syntheticRows(12_000);
  const trained = trainScore(rows, terms);

  it("recovers the weights that the labels were drawn with, those of the other kind too", () => {
    const free = terms.map(({ name }) => ({ name, sign: 0 as const }));
    for (const { intercept, terms: found } of [trainScore(rows, free).step, trainScore(rows, free).buildup]) {
      found.forEach(({ weight }, t) => expect(Math.abs(weight - truth[t])).toBeLessThan(0.12));
      expect(Math.abs(intercept + 0.5)).toBeLessThan(0.12);
    }
  });

  it("gives a term that points the wrong way no weight", () => {
    const weights = trained.step.terms.map(({ weight }) => weight);
    expect(weights[0]).toBeGreaterThan(1);
    expect(weights[1]).toBeLessThan(-0.6);
    expect(weights[2]).toBe(0);
  });

  it("gives a term that is the same everywhere no weight and a deviation that can be divided by", () => {
    expect(trained.step.terms[3]).toEqual({ name: "constant", mean: 4, deviation: 1, weight: 0 });
  });

  it("gives the same numbers twice, of six digits", () => {
    expect(JSON.stringify(trainScore(syntheticRows(12_000), terms))).toBe(JSON.stringify(trained));
    for (const { weight, mean } of trained.step.terms) for (const value of [weight, mean]) expect(value).toBe(Number(value.toPrecision(6)));
  });

  it("counts days that see about the same onset as one event, though another onset comes in between", () => {
    const days = rows.slice(0, 200).flatMap((row) => [10, 30, 12, 32, 15, 29].map((onsetDay) => ({ ...row, onsetDay })));
    const { counts } = trainScore(days, terms);
    expect(counts.step.rows).toBe(600);
    expect(counts.step.events).toBe(200);
  });

  it("settles where the labels are told apart without a fault", () => {
    const apart = rows.map((row): TrainingRow => ({ ...row, label: row.values[0] > 0 ? 1 : 0 }));
    expect(trainScore(apart, terms).step.terms[0].weight).toBeGreaterThan(3);
  });

  it("says what is missing where a kind has no mines", () => {
    const none = rows.map((row): TrainingRow => (row.kind === "buildup" ? { ...row, label: 0 } : row));
    expect(() => trainScore(none, terms)).toThrow("6000 rows of kind buildup, 0 of them of mines");
  });
});
