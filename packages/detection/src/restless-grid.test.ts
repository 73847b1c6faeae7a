import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupView } from "./group-view.ts";
import type { JudgedEvidence, StreamInspection } from "./inspection.ts";
import { type DetectionParameters, defaultParameters } from "./parameters.ts";
import { families, withParents } from "./testing/fed-parents.ts";
import { createDayMoves, createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

type Change = NonNullable<SyntheticGroup["change"]>;

const days = 150;
const group = { meterCount: 24, days, seed: 7 };
const onsetDay = 122;
const stepped = 5;

const isSince = (hour: number) => hour >= onsetDay * 24 + 12;
const isEvening = (hour: number) => hour % 24 >= 17 && hour % 24 < 21;
const unchanged: Change = (_slot, _hour, kw) => kw;
const flat =
  (stepKw: number): Change =>
  (slot, hour, kw) =>
    slot === stepped && isSince(hour) ? kw + stepKw : kw;
const pausing =
  (stepKw: number): Change =>
  (slot, hour, kw) =>
    isEvening(hour) ? kw : flat(stepKw)(slot, hour, kw);

const isNear = (day: number) => Math.abs(day - syntheticFirstDay - onsetDay) <= 3;

interface Judged {
  readonly raised: readonly Finding[];
  /** Steps up near the onset that passed the gates, whatever their score. */
  readonly evidence: readonly JudgedEvidence[];
  /** The stepped meter on ten days after the onset. */
  readonly inspections: readonly StreamInspection[];
}

function judge(view: GroupView, parameters: DetectionParameters = defaultParameters): Judged {
  const evidence: JudgedEvidence[] = [];
  const inspections: StreamInspection[] = [];
  const slots = new Set<number>();
  const detector = createGroupDetector(view, parameters, {
    slots,
    take: (inspection) => void inspections.push(inspection),
    takeEvidence: (step) => {
      if (step.direction > 0 && isNear(step.onsetDay)) evidence.push(step);
    },
  });
  const state = createDetectionState();
  const findings = Array.from({ length: days }, (_, day) => {
    if (day === onsetDay + 4) slots.add(stepped);
    if (day === onsetDay + 14) slots.clear();
    return detector.judge(state, syntheticFirstDay + day);
  }).flat();
  return { evidence, inspections, raised: findings.filter((found) => found.direction > 0 && isNear(found.onsetDay)) };
}

const named = (found: readonly Finding[]) => found.map(({ slot, lane }) => ({ slot, lane }));
const ageOf = ({ judgedDay }: Finding) => judgedDay - syntheticFirstDay - onsetDay;

/** What a test said of the stepped meter's likeliest step up, day by day. */
function verdicts({ inspections }: Judged, name: string): string[] {
  const steps = inspections.flatMap(({ step }) => (step !== undefined && step.direction > 0 ? [step] : []));
  return steps.flatMap(({ tests }) => tests.filter((test) => test.name === name).map(({ verdict }) => verdict));
}

const testOf = (found: Finding, of: string) => found.tests.find(({ name }) => name === of)!;

/** Daily moves of each meter's own: a day keeps half of the day before. */
const movesOf = (seed: number) => createDayMoves({ ...group, seed }, 0.5);

/** Where whole days move by 600 kW, and evenings by 80 kW more. */
function judgeRestless(mine: Change, seed: number): Judged {
  const wholeDays = movesOf(seed);
  const evenings = movesOf(seed + 100);
  const change: Change = (slot, hour, kw) =>
    mine(slot, hour, kw) + 600 * wholeDays(slot, hour) + (isEvening(hour) ? 80 * evenings(slot, hour) : 0);
  // above any score: nothing is raised, so that every day tells whether the step stirs and passes the gates
  return judge(createSyntheticGroup({ ...group, change }), { ...defaultParameters, minScore: { step: 2, buildup: 2 } });
}

describe("where whole days move on their own, and evenings once more", () => {
  it.each([1, 2])("a mine that pauses in the evening is seen, though its flat shape does not stir (seed %i)", (seed) => {
    const { evidence, inspections } = judgeRestless(pausing(700), seed);
    const flats = inspections.flatMap(({ statistics }) =>
      statistics.filter(({ signature, direction }) => signature === "flat" && direction > 0),
    );
    expect(flats).toHaveLength(10);
    expect(Math.max(...flats.map(({ sigma }) => sigma))).toBeLessThan(defaultParameters.stirSigma);
    const seenOn = new Set(evidence.filter(({ slot }) => slot === stepped).map(({ judgedDay }) => judgedDay));
    expect(seenOn.size).toBeGreaterThan(9);
  });

  it.each([1, 2])("nothing is seen on a meter where no mine begins (seed %i)", (seed) => {
    const { evidence } = judgeRestless(unchanged, seed);
    expect(evidence.filter(({ slot }) => slot === stepped)).toEqual([]);
  });
});

/** Where all meters rise by a part: 15 % is seven times the usual step of what is expected. */
const judgeRisen = (part: number, change: Change) =>
  judge(createSyntheticGroup({ ...group, change, commonMove: (day) => (day >= onsetDay ? part : 0) }));

describe("on the day on which all meters rise", () => {
  it.each([
    ["flat", flat(1500)],
    ["pausing", pausing(1500)],
  ])("a %s mine of a larger size is raised at once", (_shape, mine) => {
    const { raised } = judgeRisen(0.15, mine);
    expect(named(raised)).toEqual([{ slot: stepped, lane: "mining" }]);
    expect(ageOf(raised[0])).toBeLessThanOrEqual(defaultParameters.weatherHoldDays / 3);
    expect(testOf(raised[0], "expected_stays")).toMatchObject({
      verdict: "not_tested",
      note: expect.stringContaining("moved by less than the step"),
    });
  });

  it("a load of a smaller size waits for three weeks", () => {
    const judged = judgeRisen(0.25, flat(600));
    expect(verdicts(judged, "expected_stays")).toContain("failed");
    expect(judged.raised.map(ageOf)).toEqual([defaultParameters.weatherHoldDays]);
  });
});

describe("under a parent whose balance moves by 150 kW from day to day", () => {
  const moves = movesOf(4);
  /** By 600 kW two of three meters below each parent move too: or the square of the parent's load would tell what its balance does. */
  const restless: Change = (slot, hour, kw) => (families.some((family) => family.indexOf(slot) > 0) ? kw + 600 * moves(slot, hour) : kw);
  const viewOf = (added: Change) =>
    createSyntheticGroup({ ...group, change: (slot, hour, kw) => added(slot, hour, restless(slot, hour, kw)) });
  const balanced = (trueView: GroupView, fallKw: number) =>
    withParents(trueView, (parent, hour) => 150 * moves(parent, hour) - (parent === 0 && isSince(hour) ? fallKw : 0));

  it("a mine of 200 kW is raised, though that balance falls by 150 kW at the same time", () => {
    const view = viewOf(flat(200));
    const { raised } = judge(balanced(view, 150)(view));
    expect(named(raised)).toEqual([{ slot: stepped, lane: "mining" }]);
    expect(testOf(raised[0], "meter_reads_right").verdict).toBe("not_tested");
  });

  it("a meter that reads 1500 kW too much is not raised", () => {
    const judged = judge(balanced(viewOf(unchanged), 0)(viewOf(flat(1500))));
    expect(named(judged.raised)).toEqual([]);
    expect(verdicts(judged, "meter_reads_right")).toContain("failed");
  });
});

describe("under a parent whose balance alone wanders", () => {
  const moves = movesOf(4);
  const wandering = (view: GroupView, trueView: GroupView, wanderKw: number, bypassKw: number) =>
    withParents(trueView, (parent, hour) => 60 + wanderKw * moves(parent, hour) + (parent === 0 && isSince(hour) ? bypassKw : 0))(view);
  const still = createSyntheticGroup({ ...group, change: unchanged });

  it("a mine of 400 kW is no meter that reads wrong: the balance is not expected to move as the parent's load does", () => {
    const view = createSyntheticGroup({ ...group, change: flat(400) });
    const { raised } = judge(wandering(view, view, 150, 0));
    expect(named(raised)).toEqual([{ slot: stepped, lane: "mining" }]);
  });

  it.each([10, 30, 60])("by %i kW, a bypass of 400 kW is told to a tenth", (wanderKw) => {
    const { raised } = judge(wandering(still, still, wanderKw, 400));
    expect(named(raised)).toEqual([{ slot: 0, lane: "bypass" }]);
    expect(Math.abs(raised[0].stepKw / 400 - 1)).toBeLessThan(0.1);
  });
});

describe("beside a parent with unmetered load that moves as the meters below this parent do", () => {
  const moves = movesOf(1);
  const [here, there] = families;
  /** By 150 kW the meters here; by 800 kW those there, or the square of their parent's load would tell what its balance does. */
  const restless: Change = (slot, hour, kw) => kw + (here.includes(slot) ? 150 : there.includes(slot) ? 800 : 0) * moves(slot, hour);
  /** The unmetered load there: twice the moves of the meters here, and 200 kW of its own. */
  const followingKw = (hour: number) => 3000 + 200 * moves(1, hour) + 2 * here.reduce((sum, slot) => sum + 150 * moves(slot, hour), 0);
  const view = createSyntheticGroup({ ...group, change: restless });
  const rising = (fallKw: number) =>
    withParents(view, (parent, hour, loadKw) => {
      if (parent === 1) return followingKw(hour) - (isSince(hour) ? fallKw : 0);
      return 2e-6 * loadKw ** 2 + (isSince(hour) ? 400 : 0);
    })(view);
  const bypassed = rising(0);

  // of an older step it is also asked what all meters did when it was ten days old
  it.each([
    ["at once", defaultParameters.minAgeDays.flat],
    ["when it is older", 12],
  ])("load that bypasses the meters here is raised %s: the balance there only seems to fall", (_when, age) => {
    const minAgeDays = { ...defaultParameters.minAgeDays, flat: age };
    const { raised } = judge(bypassed, { ...defaultParameters, minAgeDays });
    expect(named(raised)).toEqual([{ slot: 0, lane: "bypass" }]);
    expect(testOf(raised[0], "right_parent").verdict).toBe("passed");
    // from six days on it has been seen on a weekend; that balance moves on its own too, so a later day may be the first that is clear
    expect(ageOf(raised[0])).toBeGreaterThanOrEqual(Math.max(6, age));
    expect(ageOf(raised[0])).toBeLessThanOrEqual(Math.max(6, age) + 3);
  });

  it("load whose meter hangs under the other parent is no bypass: that balance truly falls, and its shadow has been taken out already", () => {
    expect(named(judge(rising(400)).raised).filter(({ lane }) => lane === "bypass")).toEqual([]);
  });
});
