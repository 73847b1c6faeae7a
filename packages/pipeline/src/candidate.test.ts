import { type Candidate, CandidateSchema } from "@hashwatt/contracts";
import type { Finding, TestResult } from "@hashwatt/detection";
import { describe, expect, it } from "vitest";
import { createCandidate } from "./candidate.ts";
import { testMeter } from "./testing/rows.ts";

const meters = [testMeter("m1", { name: "Akkol", region: "Pavlodar" }), testMeter("m2"), testMeter("m3")];
const passed: TestResult = {
  name: "persistence",
  question: "Is the load still there?",
  value: 1,
  threshold: 0.6,
  passesWhen: "at_least",
  unit: "of step",
  verdict: "passed",
};
const untried: TestResult = {
  ...passed,
  name: "inspection",
  value: Number.NaN,
  verdict: "not_tested",
  note: "no event since the onset",
  eventHours: [],
};
/** 2022-01-05T06:00Z. */
const outageHour = 455_934;

function candidateOf(over: Partial<Finding> = {}): Candidate {
  const column = Float64Array.of(1, 2);
  const finding: Finding = {
    slot: 0,
    lane: "mining",
    signature: "flat",
    direction: 1,
    judgedDay: 19_008,
    onsetDay: 18_998,
    onsetHour: 455_970,
    stepKw: 660,
    stepKwLow: 500,
    stepKwHigh: 820,
    score: 0.8,
    scoreParts: [],
    siteMeanKw: 3000,
    ageDays: 10,
    incrementKw: new Float64Array(24).fill(660),
    tests: [passed, untried],
    estimates: { energyKwh: 66_000, technicalLossKw: Number.NaN },
    daily: { firstDay: 18_990, actualKw: column, expectedKw: column },
    hourly: { fromHour: 455_920, actualKw: column, expectedKw: column },
    ...over,
  };
  return createCandidate({ finding, candidateId: "00000000000000a1", meters, raisedAtHour: 456_240, detectorVersion: "1+x" });
}

describe("createCandidate", () => {
  it("tells what the load amounts to, with the interval of the step", () => {
    const { estimates } = candidateOf().evidence;
    expect(estimates).toEqual({
      energyKwh: { value: 66_000, low: 50_000, high: 82_000 },
      machines: { value: 200, low: 104, high: 586 },
      technicalLossKw: null,
      basis: expect.stringContaining("3.3 kW each"),
    });
  });

  it("tells the machines but no energy of a step down", () => {
    const estimates = { energyKwh: Number.NaN, technicalLossKw: Number.NaN };
    const candidate = candidateOf({ direction: -1, stepKw: -660, stepKwLow: -820, stepKwHigh: -500, lane: "step_down", estimates });
    expect(CandidateSchema.parse(candidate)).toEqual(candidate);
    expect(candidate.evidence.estimates).toMatchObject({ energyKwh: null, machines: { value: 200, low: 104, high: 586 } });
  });

  it("says of a bypass what was taken off for technical loss", () => {
    const { estimates } = candidateOf({ signature: "loss", lane: "bypass", estimates: { energyKwh: 1, technicalLossKw: 42.125 } }).evidence;
    expect(estimates).toMatchObject({ technicalLossKw: 42.125, basis: expect.stringContaining("net of the loss") });
  });

  it("names the meters below that tell how the load is connected", () => {
    const below = [
      { slot: 2, stepKw: 220.4 },
      { slot: 1, stepKw: 150 },
    ];
    const candidate = candidateOf({ signature: "cluster", below });
    expect(CandidateSchema.parse(candidate)).toEqual(candidate);
    expect(candidate.evidence.below).toEqual([
      { meterId: "m3", stepKw: 220.4 },
      { meterId: "m2", stepKw: 150 },
    ]);
    expect(candidate.summary).toContain("It came as smaller loads on meters below it that began together: m3 (220 kW), m2 (150 kW).");
    expect(candidateOf().evidence).not.toHaveProperty("below");
  });

  it("says in one sentence what appeared and how much it is", () => {
    expect(candidateOf().summary).toContain(
      "660 kW (90 % interval 500 kW to 820 kW) of load appeared at Akkol (m1), Pavlodar around 2022-01-06 18:00 (UTC) and has stayed for 10 full days: " +
        "as much as 200 machines (104 to 586), 66 MWh so far. It runs evenly around the clock.",
    );
  });

  it("tells what it did in an event in a sentence of its own, and when the event began", () => {
    const note = "it dropped by about its size";
    const tests = [passed, { ...untried, name: "internet_outage", value: 0.9, verdict: "passed" as const, note, eventHours: [outageHour] }];
    const { summary, evidence } = candidateOf({ tests });
    expect(summary).toContain("clock. In the internet outage of 2022-01-05 it dropped by about its size.");
    expect(evidence.tests[1].events).toEqual(["2022-01-05T06:00:00Z"]);
  });
});
