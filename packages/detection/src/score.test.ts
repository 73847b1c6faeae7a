import { array, assert, constantFrom, double, nat, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evidence, evidenceTerms } from "./evidence.ts";
import { defaultParameters } from "./parameters.ts";
import { defaultScoreModels, minScoreOf, modelLogOdds, type ScoreCorrection, scoreOf, scorePartsOf } from "./score.ts";
import { streamKinds } from "./stream-kinds.ts";

const corrections: readonly ScoreCorrection[] = streamKinds.map((_, category) => ({
  intercept: category - 2,
  slope: 0.5 + category / 4,
  minScore: 0.4 + category / 10,
}));
const calibration = { step: corrections, buildup: corrections.toReversed() };
const calibrated = { ...defaultParameters, calibration };

const termCount = evidenceTerms.length;
const evidences = record({
  kind: constantFrom("step" as const, "buildup" as const),
  category: nat({ max: streamKinds.length - 1 }),
  values: array(double({ min: -1, max: 1, noNaN: true }), { minLength: termCount, maxLength: termCount }).map((values) =>
    Float64Array.from(values),
  ),
}).filter((evidence) => Math.abs(modelLogOdds(evidence, defaultParameters)) < 8); // beyond it 1 - score loses its digits

const logOddsOfScore = (score: number) => Math.log(score / (1 - score));

function expectAsModelled(evidence: Evidence): void {
  expect(logOddsOfScore(scoreOf(evidence, defaultParameters))).toBeCloseTo(modelLogOdds(evidence, defaultParameters), 6);
  expect(minScoreOf(evidence, defaultParameters)).toBe(defaultParameters.minScore[evidence.kind]);
}

function expectCorrected(evidence: Evidence): void {
  const { intercept, slope, minScore } = calibration[evidence.kind][evidence.category];
  const corrected = intercept + slope * modelLogOdds(evidence, defaultParameters);
  const parts = scorePartsOf(evidence, calibrated).reduce((sum, { logOdds }) => sum + logOdds, 0);
  expect(logOddsOfScore(scoreOf(evidence, calibrated))).toBeCloseTo(corrected, 5);
  expect(parts + slope * calibrated.scoreModels[evidence.kind].intercept + intercept).toBeCloseTo(corrected, 6);
  expect(minScoreOf(evidence, calibrated)).toBe(minScore);
}

describe("the score's models", () => {
  it("weigh the terms of the evidence in their order, none against its sign", () => {
    for (const { terms } of Object.values(defaultScoreModels)) {
      expect(terms.map(({ name }) => name)).toEqual(evidenceTerms.map(({ name }) => name));
      for (const [t, { weight, deviation }] of terms.entries()) {
        expect(weight * evidenceTerms[t].sign).toBeGreaterThanOrEqual(0);
        expect(deviation).toBeGreaterThan(0);
      }
    }
  });
});

describe("the score", () => {
  it("stands as the model gives it where nothing has been calibrated", () => {
    assert(property(evidences, expectAsModelled));
  });

  it("is corrected by the kind of stream and of step, and so are its parts and its threshold", () => {
    assert(property(evidences, expectCorrected));
  });
});
