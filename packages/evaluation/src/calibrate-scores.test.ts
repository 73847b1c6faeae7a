import { DAY_MS, formatInstant, type Permit } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { calibrateScores } from "./calibrate-scores.ts";
import type { FleetLabels } from "./labels.ts";
import { createRandom } from "./random.ts";
import { corrected } from "./score-correction.ts";
import { explainSteps, type SeenHistory, type SeenStep } from "./seen-steps.ts";

const firstDay = 19_000;
const days = 365;
const meterCount = 200;
const onsetDays = 10;
const iso = (day: number) => formatInstant(day * DAY_MS);
const truth = { intercept: -0.7, slope: 0.6 };
const streamYears = { substation: 0, feeder: 0, transformer: 175, customer: 0, balance: 0 };
const meterYears = 175;
const minScore = { step: 0.61, buildup: 0.76 };

const bareLabels: FleetLabels = {
  fleet: "x",
  from: iso(firstDay),
  to: iso(firstDay + days),
  warmupDays: 45,
  mines: [],
  confounders: [],
  unscored: [],
  lookalikes: [],
  hidden: [],
};

const step = (meterId: string, day: number, logOdds: number, more: Partial<SeenStep> = {}): SeenStep => ({
  meterId,
  stream: "transformer",
  kind: "step",
  judgedDay: day + onsetDays,
  onsetDay: day,
  onsetMs: day * DAY_MS,
  logOdds,
  ...more,
});

/** A copy with a step on each meter; whether it is a mine or a change is drawn from the corrected score. */
function drawCopy(seed: number): SeenHistory {
  const random = createRandom(seed, "copy");
  const labels = { ...bareLabels, mines: [...bareLabels.mines], confounders: [...bareLabels.confounders] };
  const steps = Array.from({ length: meterCount }, (_, m) => {
    const meterId = `t${m}`;
    const day = firstDay + 60 + random.integer(250);
    const logOdds = 2 * random.normal();
    const times = { onset: iso(day), end: null };
    const isMine = random.next() < corrected(truth, logOdds);
    if (isMine) labels.mines.push({ mineId: meterId, meterIds: [meterId], kind: "flat", ...times, kw: 9, pctOfMean: 9, machines: 3 });
    else labels.confounders.push({ confounderId: meterId, kind: "transfer", meterIds: [meterId], from: iso(day), to: null, kw: 9 });
    return step(meterId, day, logOdds);
  });
  return { labels, permits: [], steps };
}

/** Natural steps with log-odds of the model from -3 to 3. */
const bare: SeenHistory = {
  labels: bareLabels,
  permits: [],
  steps: Array.from({ length: 60 }, (_, m) => step(`t${m}`, firstDay + 60 + 3 * m, m / 10 - 3)),
};
const copies = Array.from({ length: 8 }, (_, seed) => drawCopy(seed));
const histories = { bare, copies, streamYears, meterYears };

describe("calibration of scores", () => {
  it("corrects the scores to the share of mines among those that were put in", () => {
    const { intercept, slope, mines, innocent } = calibrateScores(
      histories,
      { falsePer100MeterYears: 4, changesPer100MeterYears: 0 },
      minScore,
    ).scores.transformer.step;
    expect(Math.abs(intercept - truth.intercept)).toBeLessThan(0.2);
    expect(Math.abs(slope - truth.slope)).toBeLessThan(0.1);
    expect(mines + innocent).toBe(8 * meterCount);
  });

  it("keeps the budget with natural steps and changes together", () => {
    for (const changes of [0, 10, 40]) {
      const { natural, fromChanges, isBudgetShown } = calibrateScores(
        histories,
        { falsePer100MeterYears: 4, changesPer100MeterYears: changes },
        minScore,
      );
      expect(isBudgetShown).toBe(true);
      expect(natural + fromChanges).toBeLessThanOrEqual(4);
      expect(natural + fromChanges).toBeGreaterThan(2.5);
      expect(fromChanges > 0).toBe(changes > 0);
    }
  });

  it("expects the same of few copies as of many, but for luck", () => {
    const budget = { falsePer100MeterYears: 4, changesPer100MeterYears: 20 };
    const some = calibrateScores({ ...histories, copies: copies.slice(0, 4) }, budget, minScore);
    const all = calibrateScores(histories, budget, minScore);
    expect(Math.abs(some.fromChanges - all.fromChanges)).toBeLessThan(0.8);
  });

  it("leaves scores and thresholds as they are where the history is too short to show the budget", () => {
    const { scores, isBudgetShown } = calibrateScores(
      { ...histories, meterYears: 10 },
      { falsePer100MeterYears: 4, changesPer100MeterYears: 20 },
      minScore,
    );
    expect(isBudgetShown).toBe(false);
    expect(scores.transformer.step).toMatchObject({ intercept: 0, slope: 1, minScore: 0.61 });
    expect(scores.transformer.buildup).toMatchObject({ intercept: 0, slope: 1, minScore: 0.76 });
  });

  it("corrects nothing where no step was seen", () => {
    const nothing = { ...bare, steps: [] };
    const { scores } = calibrateScores(
      { ...histories, bare: nothing, copies: [nothing] },
      { falsePer100MeterYears: 4, changesPer100MeterYears: 20 },
      minScore,
    );
    expect(scores.substation.buildup).toEqual({ intercept: 0, slope: 1, minScore: 0.4, mines: 0, innocent: 0 });
  });
});

describe("what a step was", () => {
  const day = firstDay + 100;
  const labels: FleetLabels = {
    ...bareLabels,
    mines: [{ mineId: "m", meterIds: ["a"], kind: "flat", onset: iso(day), end: null, kw: 9, pctOfMean: 9, machines: 3 }],
    confounders: [{ confounderId: "c", kind: "transfer", meterIds: ["b"], from: iso(day), to: null, kw: 9 }],
  };
  const permit: Permit = { permitId: "p", meterId: "d", maxKw: 9, validFrom: iso(day), validTo: null, holder: "" };
  const was = (...steps: SeenStep[]) => explainSteps({ labels, permits: [permit], steps }).map((one) => [one.meterId, one.was, one.event]);

  it("is said for mines, changes and nature, and not where it teaches nothing", () => {
    expect(was(step("a", day + 4, 1), step("b", day, 1), step("c", day, 1))).toEqual([
      ["a", "mine", 0],
      ["b", "change", 1],
      ["c", "natural", 2],
    ]);
    expect(was(step("a", day + 60, 1), step("d", day + 2, 1), step("c", firstDay + 20, 1, { judgedDay: firstDay + 30 }))).toEqual([]);
  });

  it("is one event for the days that see it, of either kind, and another on the balance", () => {
    const events = was(
      step("c", day, 1),
      step("c", day + 2, 1, { kind: "buildup" }),
      step("c", day, 1, { stream: "balance" }),
      step("c", day + 30, 1),
    );
    expect(events.map(([, , event]) => event)).toEqual([0, 0, 1, 2]);
  });
});
