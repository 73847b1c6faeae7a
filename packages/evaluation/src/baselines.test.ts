import { parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { runBaselines } from "./baselines.ts";
import { createFleet } from "./create-fleet.ts";
import { createLoadColumns } from "./load-columns.ts";
import { matchCandidates } from "./match.ts";

describe("the baselines", () => {
  it("each find a mine of 60 %, and those that wait a while tell its size roughly", () => {
    const fleet = createFleet({
      days: 240,
      areas: 1,
      substationsPerArea: 8,
      mines: { flat: 1 },
      confounders: {},
      coldSnaps: 0,
      minePct: [60, 60],
    });
    const columns = createLoadColumns(fleet.meters);
    for (const batch of fleet.batches()) columns.take(batch);
    const [mine] = fleet.labels.mines;
    for (const [name, candidates] of Object.entries(runBaselines(columns.finish()))) {
      const matching = matchCandidates(fleet.labels, candidates);
      const found = candidates.find((_, index) => matching.verdicts[index].as === "match");
      expect(found, name).toBeDefined();
      // the mean of 7 days passes the limit on the first day of the mine, when it holds a fifth of it
      expect(Math.abs(found!.stepKw / mine.kw - 1), name).toBeLessThan(name.startsWith("7 d") ? 0.9 : 0.4);
      for (const { onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score } of candidates) {
        expect(parseInstant(onset)).toBeLessThan(parseInstant(raisedAt));
        expect(stepKwLow <= stepKw && stepKw <= stepKwHigh && score > 0 && score < 1).toBe(true);
      }
    }
  });
});
