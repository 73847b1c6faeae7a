import { expect, it } from "vitest";
import { movedScore } from "./moved-score.ts";

const parts = [0.2, -1.3, 0.9, 0, 0.5, -0.01, 1.4, -0.3].map((logOdds, i) => ({ name: `part-${i}`, value: i, logOdds }));

it("names the three strongest parts for and against a score, the strongest first", () => {
  const { inFavour, against } = movedScore(parts);
  expect(inFavour.map(({ logOdds }) => logOdds)).toEqual([1.4, 0.9, 0.5]);
  expect(against.map(({ logOdds }) => logOdds)).toEqual([-1.3, -0.3]);
});

it("names nothing of a candidate whose score has no parts", () => {
  expect(movedScore([])).toEqual({ inFavour: [], against: [] });
});
