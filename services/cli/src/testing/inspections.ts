import type { InspectedStep, MeterInspection, TestResult } from "@hashwatt/pipeline";

export const firstTestDay = 17_000;

const test = (name: string, verdict: TestResult["verdict"], value: number): TestResult => ({
  name,
  question: `Is ${name} right?`,
  value,
  threshold: 5.5,
  passesWhen: "at_least",
  unit: "sigma",
  verdict,
});

export function testStep(change: Partial<InspectedStep> = {}): InspectedStep {
  return {
    direction: 1,
    signature: "flat",
    running: new Float64Array(24).fill(1),
    ageDays: 10,
    gapDays: 1,
    onsetDay: firstTestDay + 60,
    onsetHour: (firstTestDay + 60) * 24 + 6,
    stepKw: 300,
    stepKwLow: 250,
    stepKwHigh: 350,
    templateKw: 300,
    incrementKw: Float64Array.from({ length: 24 }, (_, hour) => 290 + hour),
    noiseKw: new Float64Array(24).fill(20),
    sigma: 4.1,
    neededSigma: 5.5,
    score: 0.4,
    neededScore: 0.65,
    scoreParts: [
      { name: "steadiness", value: 0.1, logOdds: 0.2 },
      { name: "step_share", value: -1, logOdds: 0.9 },
      { name: "weekend", value: 0.4, logOdds: -1.3 },
      { name: "known_days", value: 1, logOdds: 0 },
    ],
    tests: [
      test("step_over_noise", "failed", 4.1),
      test("step_share", "passed", 8),
      { ...test("weekend", "not_tested", Number.NaN), note: "no data" },
    ],
    isPassed: false,
    isRaised: false,
    raisedBeforeDay: Number.NaN,
    namedSlot: -1,
    ...change,
  };
}

/** A judging that saw `days` days of 1000 kW, and `stepKw` more from the step's onset on, all of it unexpected. */
export function testInspection(judgedDay: number, step: InspectedStep | undefined, days = 98): MeterInspection {
  const firstDay = judgedDay - days + 1;
  const expectedKw = new Float32Array(days * 24).fill(1000);
  const actualKw = expectedKw.map((kw, i) => (step && firstDay * 24 + i >= step.onsetHour ? kw + step.stepKw : kw));
  return {
    meterId: "m1",
    namedMeterId: null,
    slot: 0,
    kind: "meter",
    judgedDay,
    meanKw: 1000,
    series: { firstDay, days, actualKw, expectedKw, raised: [] },
    statistics: (["flat", "peak_pause", "night_only"] as const).flatMap((signature) =>
      ([1, -1] as const).map((direction) => ({ signature, direction, sigma: direction * 4, neededSigma: 5.5, ageDays: 10 })),
    ),
    step,
  };
}
