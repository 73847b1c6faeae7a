import { describe, expect, it } from "vitest";
import { evidenceTerms } from "./evidence.ts";
import { defaultScoreModels } from "./score.ts";

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
