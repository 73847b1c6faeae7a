import { DAY_MS, formatInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import type { FleetLabels, MineLabel } from "./labels.ts";
import type { ScoredCandidate } from "./match.ts";
import { nullLabels, summariseRuns } from "./outcome-summary.ts";

const at = (day: number) => formatInstant(Date.parse("2030-01-01T00:00:00Z") + day * DAY_MS);
const mine = (mineId: string, meterId: string, kw: number): MineLabel => ({
  mineId,
  meterIds: [meterId],
  kind: "flat",
  onset: at(100),
  end: null,
  kw,
  pctOfMean: kw,
  machines: null,
});
const labels: FleetLabels = {
  fleet: "f",
  from: at(0),
  to: at(365.25),
  warmupDays: 0,
  mines: [mine("m1", "a", 10), mine("m2", "b", 4)],
  confounders: [{ confounderId: "c1", kind: "transfer", meterIds: ["c"], from: at(150), to: at(160), kw: 5 }],
  unscored: [],
  lookalikes: [],
  hidden: [],
};
const candidate = (meterId: string, onset: number, raised: number, score: number): ScoredCandidate => ({
  meterId,
  onset: at(onset),
  raisedAt: at(raised),
  stepKw: 10,
  stepKwLow: 8,
  stepKwHigh: 12,
  score,
});
const run = { labels, meterIds: ["a", "b", "c"], candidates: [candidate("a", 100, 107, 0.9), candidate("c", 151, 158, 0.7)] };

describe("a summary of runs", () => {
  it("pools mines, meter-years and scores over fleets", () => {
    const quiet = { ...run, labels: structuredClone(labels), candidates: [] };
    const summary = summariseRuns([run, quiet]);
    expect(summary).toMatchObject({ mines: 4, found: 1, recall: 0.25, precision: 0.5, falseCandidates: 1, byCause: { transfer: 1 } });
    expect(summary.bySize["8-12 %"]).toEqual({ mines: 2, found: 1 });
    expect(summary.byKind).toEqual({ flat: { mines: 4, found: 1 } });
    expect(summary.delayDays).toEqual({ median: 7, p90: 7 });
    expect(summary.meterYears).toBeCloseTo(2 * (1 + (2 * 100) / 365.25), 5);
    expect(summary.recallByChance).toBeCloseTo(1 - Math.exp(-20 / (summary.meterYears * 365.25)), 9);
    expect(summary.falsePer100MeterYears).toBeCloseTo(100 / summary.meterYears, 9);
  });

  it("sets the scores of a bin against the share that was right", () => {
    const [, , , sixty, eighty] = summariseRuns([run]).calibration;
    expect(sixty).toMatchObject({ from: 0.6, to: 0.8, count: 1, meanScore: 0.7, shareRight: 0 });
    expect(eighty).toMatchObject({ from: 0.8, to: 1, count: 1, meanScore: 0.9, shareRight: 1 });
  });

  it("counts every candidate of a fleet without mines as false, and no recall", () => {
    const summary = summariseRuns([{ ...run, labels: nullLabels(labels) }]);
    expect(summary).toMatchObject({ recall: null, falseCandidates: 2, byCause: { natural: 2 } });
    expect(summary.meterYears).toBeCloseTo(3, 5);
    expect(summariseRuns([])).toMatchObject({ recall: null, falsePer100MeterYears: null });
  });
});
