import { formatInstant, HOUR_MS, parseInstant, type Candidate } from "@hashwatt/contracts";

/** 2022-01-10T00:00:00Z: "now" of the samples. */
export const sampleNowMs = parseInstant("2022-01-10T00:00:00Z");

const flat = (count: number, kw: number) => Array.from({ length: count }, () => kw);

/** A candidate of 500 kW flat load with a week of evidence; `overrides` replace fields. */
export function sampleCandidate(overrides: Partial<Candidate> = {}): Candidate {
  const stepKw = overrides.stepKw ?? 500;
  return {
    candidateId: "00000000000000a1",
    meterId: "substation-1",
    areaId: "area-1",
    region: "Pavlodar",
    lane: stepKw < 0 ? "step_down" : "mining",
    signature: "flat",
    direction: stepKw < 0 ? "down" : "up",
    onset: "2022-01-03T06:00:00Z",
    raisedAt: "2022-01-08T12:00:00Z",
    stepKw,
    stepKwLow: stepKw - 20,
    stepKwHigh: stepKw + 20,
    score: 0.8,
    summary: "The baseload rose and stayed.",
    detectorVersion: "1.0.0",
    evidence: {
      siteMeanKw: 2000,
      ageDays: 5,
      incrementKw: flat(24, stepKw),
      tests: [],
      daily: { firstDay: "2022-01-01", actualKw: flat(7, 2000 + stepKw), expectedKw: flat(7, 2000) },
      hourly: { from: formatInstant(sampleNowMs - 168 * HOUR_MS), actualKw: flat(168, 2000 + stepKw), expectedKw: flat(168, 2000) },
    },
    ...overrides,
  };
}

/** Candidate ids are 16 hexadecimal digits. */
export function sampleCandidateId(number: number): string {
  return number.toString(16).padStart(16, "0");
}
