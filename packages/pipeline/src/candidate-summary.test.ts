import { type Candidate, CandidateSchema, type EvidenceTest, type Meter } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summarise } from "./candidate-summary.ts";
import { testMeter } from "./testing/rows.ts";

const meter: Meter = testMeter("m1", { name: "North 4", region: "Pavlodar", timeZone: "Asia/Almaty" });

function test(name: string, given: Partial<EvidenceTest> = {}): EvidenceTest {
  return { name, question: "Is it?", value: 3, threshold: 1, passesWhen: "at_least", unit: "of step", verdict: "passed", ...given };
}

const untested = (name: string, note: string) => test(name, { value: null, verdict: "not_tested", note });

function candidate(given: Partial<Candidate>, tests: readonly EvidenceTest[], ageDays = 20): Candidate {
  return {
    candidateId: "0123456789abcdef",
    meterId: "m1",
    areaId: "a",
    region: "Pavlodar",
    lane: "mining",
    signature: "flat",
    direction: "up",
    onset: "2022-01-05T06:00:00Z",
    raisedAt: "2022-01-26T00:00:00Z",
    stepKw: 512.34,
    stepKwLow: 450,
    stepKwHigh: 1570,
    score: 0.9,
    summary: "",
    detectorVersion: "1",
    evidence: {
      siteMeanKw: 2000,
      ageDays,
      incrementKw: Array.from({ length: 24 }, () => 512),
      tests: [...tests],
      daily: { firstDay: "2021-12-01", actualKw: [], expectedKw: [] },
      hourly: { from: "2022-01-01T00:00:00Z", actualKw: [], expectedKw: [] },
    },
    ...given,
  };
}

describe("the sentences of a candidate", () => {
  it("say what appeared, where, since when by the local clock, how large and of what shape", () => {
    const text = summarise(candidate({}, [test("edge")]), meter);
    expect(text).toContain(
      "512 kW (90 % interval 450 kW to 1.57 MW) of load appeared at North 4 (m1), Pavlodar around 2022-01-05 12:00 (Asia/Almaty)",
    );
    expect(text).toContain("has stayed for 20 full days. It runs evenly around the clock.");
  });

  it("say that nothing speaks for an innocent explanation where all were asked and are far off", () => {
    expect(summarise(candidate({}, [test("edge"), test("weekend")]), meter)).toMatch(
      /Every innocent explanation that can be measured was asked and is far off\. Only a visit can tell whose load it is\.$/,
    );
  });

  it("name the innocent explanation that was ruled out with least room", () => {
    const tests = [test("edge", { value: 1.4 }), test("weekend", { value: 1.1 }), test("clock", { value: 2.5 })];
    expect(summarise(candidate({}, tests), meter)).toContain("It could still be work in shifts (narrowly ruled out).");
  });

  it("compare tests of different units by what is ample in each", () => {
    const tests = [test("edge", { value: 1.3 }), test("not_multiplicative", { value: 1.5, unit: "log likelihood" })];
    expect(summarise(candidate({}, tests), meter)).toContain("It could still be a new ratio or unit of the meter (narrowly ruled out).");
  });

  it("name what lack of data left open once, and not what there is nothing to ask about", () => {
    const tests = [
      untested("not_weather", "no temperatures of the area"),
      untested("not_heating", "no temperatures of the area"),
      untested("not_seasonal", "less than 13 months of history"),
      untested("not_holiday", "does not apply: no holiday near"),
    ];
    expect(summarise(candidate({}, tests), meter)).toContain(
      "For lack of data it was not asked whether it is heating or cooling or a load of the season. Only",
    );
  });

  it("say that a load is young and its score low", () => {
    expect(summarise(candidate({ score: 0.62 }, [test("edge")], 5), meter)).toContain(
      "It is only 5 days old; its score of 0.62 is low. Only a visit can tell whose load it is.",
    );
  });

  it("say which meter below lost the load that a balance gained, of a load that has ended too", () => {
    const given = candidate({ signature: "moved_behind", endedAt: "2022-01-20T00:00:00Z" }, [test("edge")]);
    const text = summarise({ ...given, evidence: { ...given.evidence, below: [{ meterId: "runs-7", stepKw: -480 }] } }, meter);
    expect(text).toContain("It showed only in the balance between this meter and those below it, one of which fell then: ");
    expect(text).toContain("or that meter reads too little: runs-7 (480 kW).");
  });

  it("name the largest six loads of a cluster and count the others", () => {
    const below = Array.from({ length: 9 }, (_, i) => ({ meterId: `c${i}`, stepKw: 90 - i }));
    const given = candidate({ signature: "cluster" }, [test("edge")]);
    const text = summarise({ ...given, evidence: { ...given.evidence, below } }, meter);
    expect(text).toContain(": c0 (90 kW), c1 (89 kW), c2 (88 kW), c3 (87 kW), c4 (86 kW), c5 (85 kW) and 3 more.");
  });

  it("do not call a load that ceased a return or a growth", () => {
    const tests = [test("new_level", { value: 1.01 }), test("edge", { value: 1.01 }), untested("not_holiday", "no data")];
    expect(summarise(candidate({ direction: "down", stepKw: -500 }, tests), meter)).toContain("Every innocent explanation");
  });

  const names = ["edge", "not_transferred", "weekend", "not_weather", "step_kw", "age", "right_parent", "unheard_of"];
  const anyTest = fc.record({
    name: fc.constantFrom(...names),
    value: fc.double({ min: -50, max: 50, noNaN: true }),
    verdict: fc.constantFrom("passed" as const, "failed" as const, "not_tested" as const),
    unit: fc.constantFrom("of step", "sigma", "furlongs"),
    passesWhen: fc.constantFrom("at_least" as const, "at_most" as const),
  });

  it("are plain sentences whatever the numbers", () => {
    fc.assert(
      fc.property(
        fc.array(anyTest, { maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 4, max: 60 }),
        fc.double({ min: 2, max: 1e6, noNaN: true }),
        fc.boolean(),
        (tests, score, ageDays, kw, isUp) => {
          const sign = isUp ? 1 : -1;
          const sizes = { stepKw: sign * kw, stepKwLow: isUp ? kw * 0.8 : -kw * 1.2, stepKwHigh: isUp ? kw * 1.2 : -kw * 0.8 };
          const given = tests.map(({ value, ...rest }) =>
            test(rest.name, { ...rest, value: rest.verdict === "not_tested" ? null : value }),
          );
          const text = summarise(candidate({ ...sizes, score, direction: isUp ? "up" : "down" }, given, ageDays), meter);
          expect(CandidateSchema.shape.summary.parse(text)).toBe(text);
          expect(text).not.toMatch(/undefined|null|NaN|Infinity|_|\.\.|\d{5}|e[+-]\d|;\.| {2}/);
          expect(text).toMatch(/^[\d.]+ (kW|MW) .*\. Only a visit can tell whose load it is\.$/);
          expect(text.split(". ").length).toBeLessThanOrEqual(4);
        },
      ),
    );
  });
});
