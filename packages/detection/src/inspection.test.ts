import { beforeAll, describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { FreshStep, JudgedEvidence, JudgedNoise, StreamInspection } from "./inspection.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay } from "./testing/synthetic-group.ts";

const days = 150;
const stepped = 5;
const quiet = 9;
const stepKw = 500;
const onsetDay = syntheticFirstDay + 122;

const change = (slot: number, hour: number, kw: number): number => (slot === stepped && hour >= 122 * 24 + 12 ? kw + stepKw : kw);

function judge(slots: readonly number[]): { findings: Finding[]; inspections: StreamInspection[] } {
  const view = createSyntheticGroup({ meterCount: 24, days, seed: 7, change });
  const inspections: StreamInspection[] = [];
  const take = (inspection: StreamInspection): void => void inspections.push(inspection);
  const detector = createGroupDetector(view, defaultParameters, slots.length > 0 ? { slots: new Set(slots), take } : undefined);
  const state = createDetectionState();
  const findings = Array.from({ length: days }, (_, i) => detector.judge(state, syntheticFirstDay + i)).flat();
  return { findings, inspections };
}

function means(values: Float32Array, firstDay: number, day: number): number {
  const of = values.subarray((day - firstDay) * 24, (day - firstDay + 1) * 24);
  return of.reduce((sum, kw) => sum + kw, 0) / 24;
}

describe("inspectDay", () => {
  let plain: ReturnType<typeof judge>;
  let seen: ReturnType<typeof judge>;
  beforeAll(() => {
    plain = judge([]);
    seen = judge([stepped, quiet]);
  });

  it("changes nothing of what is raised", () => {
    expect(seen.findings).toEqual(plain.findings);
    expect(seen.findings).toHaveLength(1);
  });

  it("shows every judged day of the asked meters, from the first", () => {
    expect(seen.inspections).toHaveLength(2 * days);
    const [first] = seen.inspections;
    expect(first).toMatchObject({ slot: stepped, kind: "meter", judgedDay: syntheticFirstDay, meanKw: Number.NaN, step: undefined });
    expect(first.series.actualKw.some((kw) => kw > 0)).toBe(true);
  });

  it("shows the raised step with the numbers of its finding", () => {
    const raised = seen.inspections.filter(({ step }) => step?.isRaised);
    const [finding] = seen.findings;
    expect(raised).toHaveLength(1);
    expect(raised[0]).toMatchObject({ slot: stepped, judgedDay: finding.judgedDay });
    const step = raised[0].step!;
    expect(step).toMatchObject({
      isPassed: true,
      tests: finding.tests,
      score: finding.score,
      scoreParts: finding.scoreParts,
      gapDays: 1,
      onsetHour: finding.onsetHour,
      ageDays: finding.ageDays,
    });
    expect(step).toMatchObject({ stepKw: finding.stepKw, stepKwLow: finding.stepKwLow, incrementKw: finding.incrementKw });
    const flat = raised[0].statistics.find(({ signature, direction }) => signature === "flat" && direction === 1)!;
    expect(flat.sigma).toBeGreaterThanOrEqual(flat.neededSigma);
  });

  it("takes the score apart: with the intercept the parts add up to its log-odds", () => {
    const [{ score, scoreParts }] = seen.findings;
    const { intercept } = defaultParameters.scoreModels.step;
    const sum = scoreParts.reduce((total, { logOdds }) => total + logOdds, intercept);
    expect(sum).toBeCloseTo(Math.log(score / (1 - score)), 9);
  });

  it("keeps the expectation free of the step after it has been raised", () => {
    const last = seen.inspections.findLast(({ slot }) => slot === stepped)!;
    const { firstDay, actualKw, expectedKw } = last.series;
    for (const day of [onsetDay + 3, last.judgedDay - 1]) {
      expect(means(actualKw, firstDay, day) - means(expectedKw, firstDay, day)).toBeGreaterThan(0.6 * stepKw);
    }
    expect(Math.abs(means(actualKw, firstDay, onsetDay - 5) - means(expectedKw, firstDay, onsetDay - 5))).toBeLessThan(0.4 * stepKw);
  });

  it("names the tests that the likeliest step of a quiet meter fails", () => {
    const last = seen.inspections.findLast(({ slot }) => slot === quiet)!;
    expect(last.step).toMatchObject({ isRaised: false, isPassed: false, direction: 1 });
    expect(last.step!.tests.some(({ verdict }) => verdict === "failed")).toBe(true);
  });

  it("hands out the evidence of every step that passed the gates, and changes nothing by it", () => {
    const rows: JudgedEvidence[] = [];
    const view = createSyntheticGroup({ meterCount: 24, days, seed: 7, change });
    const nothingRaised = { ...defaultParameters, minScore: { step: 2, buildup: 2 } };
    const inspector = { slots: new Set<number>(), take: () => {}, takeEvidence: (row: JudgedEvidence) => void rows.push(row) };
    const detector = createGroupDetector(view, nothingRaised, inspector);
    const state = createDetectionState();
    for (let i = 0; i < days; i++) expect(detector.judge(state, syntheticFirstDay + i)).toEqual([]);
    const own = rows.filter(({ slot, direction }) => slot === stepped && direction > 0);
    // judged on every day from the fourth, as nothing was raised
    expect(own.filter(({ evidence }) => evidence.kind === "step").length).toBeGreaterThan(10);
    for (const { onsetDay: at, evidence } of own) {
      expect(Math.abs(at - onsetDay)).toBeLessThanOrEqual(3);
      expect(evidence.values.every(Number.isFinite)).toBe(true);
    }
  });

  it("tells the step that each stream's history remembers of every judged day", () => {
    const told: FreshStep[] = [];
    const view = createSyntheticGroup({ meterCount: 24, days, seed: 7 });
    const inspector = { slots: new Set<number>(), take: () => {}, takeFreshStep: (step: FreshStep) => void told.push(step) };
    const detector = createGroupDetector(view, defaultParameters, inspector);
    const state = createDetectionState();
    for (let i = 0; i < days; i++) detector.judge(state, syntheticFirstDay + i);
    const remembered = state.days.flatMap((day, row) => (Number.isNaN(state.pages[row][quiet]) ? [] : [[day, state.pages[row][quiet]]]));
    expect(remembered.length).toBeGreaterThan(60);
    const own = told.filter(({ slot, step }) => slot === quiet && !Number.isNaN(step));
    expect(own.map(({ judgedDay, step }) => [judgedDay, step])).toEqual(remembered);
    expect(told.at(-1)).toMatchObject({ isLoss: false, judgedDay: state.days.at(-1), onsetDay: state.days.at(-1)! - 10 });
    expect(Math.abs(told.at(-1)!.step)).toBeLessThan(0.05);
  });

  it("tells the noise of every meter once for each week's fit", () => {
    const told: JudgedNoise[] = [];
    const view = createSyntheticGroup({ meterCount: 24, days, seed: 7 });
    const detector = createGroupDetector(view, defaultParameters, {
      slots: new Set(),
      take: () => {},
      takeNoise: (noise) => void told.push(noise),
    });
    const state = createDetectionState();
    for (let i = 0; i < days; i++) detector.judge(state, syntheticFirstDay + i);
    const weeks = new Set(told.map(({ week }) => week));
    expect(weeks.size).toBeGreaterThan(10);
    expect(told).toHaveLength(24 * weeks.size);
    for (const { week, meanKw, noiseKw } of told) {
      expect(week % 7).toBe(0);
      // 1.5 % of hourly noise and a common factor: a 10-day step is known to about 1 %
      expect(noiseKw / meanKw).toBeGreaterThanOrEqual(defaultParameters.minNoiseRatio);
      expect(noiseKw / meanKw).toBeLessThan(0.05);
    }
  });
});
