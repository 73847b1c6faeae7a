import { formatInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import type { FleetLabels } from "./labels.ts";
import { matchCandidates, type ScoredCandidate } from "./match.ts";
import {
  delayDays,
  falseRate,
  intervalCoverage,
  onsetErrorHours,
  precision,
  quantile,
  recall,
  scoredMeterYears,
  sizeError,
} from "./metrics.ts";

const day = (count: number) => formatInstant(Date.UTC(2030, 0, 1) + count * 86_400_000);
const labels: FleetLabels = {
  fleet: "hand-made",
  from: day(0),
  to: day(365),
  warmupDays: 45,
  mines: [
    { mineId: "m1", meterIds: ["a", "head"], kind: "flat", onset: day(100), end: null, kw: 10, pctOfMean: 10, machines: 4 },
    {
      mineId: "m2",
      meterIds: ["b"],
      kind: "slow_buildup",
      onset: day(100),
      end: day(300),
      buildupEnd: day(200),
      kw: 50,
      pctOfMean: 60,
      machines: 20,
    },
    {
      mineId: "m3",
      meterIds: ["c", "c1"],
      kind: "many_small",
      onset: day(200),
      end: null,
      kw: 4,
      pctOfMean: 4,
      machines: null,
      onsetByMeter: { c1: day(230) },
      kwByMeter: { c1: 2 },
    },
    {
      mineId: "m4",
      meterIds: ["p"],
      kind: "stop_start",
      onset: day(100),
      end: null,
      pause: { from: day(140), to: day(160) },
      kw: 8,
      pctOfMean: 20,
      machines: 3,
    },
  ],
  confounders: [
    { confounderId: "c1", kind: "transfer", meterIds: ["d"], from: day(150), to: day(160), kw: 5 },
    { confounderId: "c2", kind: "pv_adoption", meterIds: ["d"], from: day(50), to: null, kw: -5, drift: true },
  ],
  unscored: [{ meterId: "e", from: day(100), to: day(120), why: "meter moved" }],
  lookalikes: [{ lookalikeId: "l1", meterId: "f", onset: day(220), end: null, kw: 3, note: "" }],
  hidden: [],
};
const meterIds = ["a", "b", "c", "c1", "p", "d", "e", "f", "head"];
const at = (meterId: string, onset: number, raised: number, more: Partial<ScoredCandidate> = {}): ScoredCandidate => ({
  meterId,
  onset: day(onset),
  raisedAt: day(raised),
  stepKw: 10,
  stepKwLow: 8,
  stepKwHigh: 12,
  score: 0.5,
  ...more,
});
const verdicts = (...candidates: ScoredCandidate[]) => matchCandidates(labels, candidates).verdicts.map((verdict) => verdict.as);

describe("matching", () => {
  it("takes a good candidate as a match, in a build-up and after a pause too", () => {
    expect(verdicts(at("a", 100, 107), at("b", 150, 160), at("c1", 232, 240), at("p", 163, 170))).toEqual([
      "match",
      "match",
      "match",
      "match",
    ]);
  });

  it("takes each mine once, the earliest raised; others are repeats", () => {
    expect(verdicts(at("a", 100, 110), at("head", 101, 107))).toEqual(["repeat", "match"]);
  });

  it("calls a wrong onset misdated, and a repeat once the mine is found", () => {
    expect(verdicts(at("a", 60, 107))).toEqual(["misdated"]);
    expect(verdicts(at("a", 60, 108), at("a", 100, 107))).toEqual(["repeat", "match"]);
  });

  it("calls what comes before the mine or long after its end false", () => {
    expect(verdicts(at("a", 88, 97), at("b", 290, 320))).toEqual(["false", "false"]);
  });

  it("names the confounder that explains a false candidate, a sharp one before a drift", () => {
    const { verdicts: judged } = matchCandidates(labels, [at("d", 152, 160), at("d", 300, 310), at("head", 20, 27)]);
    expect(judged).toEqual([
      { as: "false", cause: "transfer", confounderId: "c1" },
      { as: "false", cause: "pv_adoption", confounderId: "c2" },
      { as: "false", cause: "natural" },
    ]);
  });

  it("neither praises nor blames what nobody knows", () => {
    expect(verdicts(at("e", 105, 112), at("f", 221, 230))).toEqual(["unscored", "lookalike"]);
  });

  it("refuses an instant that is none", () => {
    expect(() => matchCandidates(labels, [at("a", 100, 107, { onset: "yesterday" })])).toThrow('onset "yesterday"');
  });
});

describe("metrics", () => {
  it("count what was found and what was false", () => {
    const matching = matchCandidates(labels, [
      at("a", 101, 107),
      at("c1", 230, 240, { stepKw: 3, stepKwLow: 2, stepKwHigh: 4 }),
      at("d", 151, 158),
    ]);
    expect(recall(matching)).toBe(0.5);
    expect(precision(matching)).toBeCloseTo(2 / 3);
    expect(delayDays(matching)).toEqual({ median: 8.5, p90: 9.7 });
    expect(onsetErrorHours(matching).median).toBe(12);
    expect(sizeError(matching).median).toBe(0.25);
    expect(intervalCoverage(matching)).toBe(1);
    expect(falseRate(matching, meterIds)).toMatchObject({ count: 1, byCause: { transfer: 1 } });
  });

  it("take the size of a fall by its amount", () => {
    const matching = matchCandidates(labels, [at("a", 100, 107, { stepKw: -10, stepKwLow: -12, stepKwHigh: -9 })]);
    expect([sizeError(matching).median, intervalCoverage(matching)]).toEqual([0, 1]);
  });

  it("leave undefined what has nothing to divide by", () => {
    const empty = matchCandidates(labels, []);
    expect([recall(empty), precision(empty), delayDays(empty).median, sizeError(empty).p90, intervalCoverage(empty)]).toEqual([
      0,
      null,
      null,
      null,
      null,
    ]);
    expect(recall(matchCandidates({ ...labels, mines: [] }, []))).toBeNull();
    expect(falseRate(empty, []).per100MeterYears).toBeNull();
    expect(quantile([], 0.5)).toBeNull();
  });

  it("leave the warm-up, the unscored time and the mines' time out of the meter-years", () => {
    const withoutMines = 365 - 45;
    const expected = 9 * withoutMines - 265 * 3 - (307 - 100) - 165 * 2 - 20; // a, head, p; b; c, c1; e
    expect(scoredMeterYears(matchCandidates(labels, []), meterIds)).toBeCloseTo(expected / 365.25, 6);
  });
});
