import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding, TestResult } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupEvent } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

const onset = 122 * 24 + 12;
const stepped = 5;
const stepKw = 500;
const firstHour = syntheticFirstDay * 24;
type Change = NonNullable<SyntheticGroup["change"]>;
/** Begins four days after the onset and lasts 30 hours. */
const outage = { from: onset + 100, to: onset + 130 };

function event(kind: GroupEvent["kind"], over: Partial<GroupEvent> = {}): GroupEvent {
  return { kind, area: -1, slot: -1, counterpart: -1, fromHour: firstHour + outage.from, toHour: firstHour + outage.to, ...over };
}

/** The step of 500 kW, less `part` of it in the outage from its third hour on. */
const droppingBy =
  (part: number): Change =>
  (slot, hour, kw) => {
    if (slot !== stepped || hour < onset) return kw;
    return kw + stepKw * (hour >= outage.from + 2 && hour < outage.to + 3 ? 1 - part : 1);
  };

const allDropping: Change = (slot, hour, kw) => {
  const own = slot === stepped && hour >= onset ? kw + stepKw : kw;
  return hour >= outage.from + 2 && hour < outage.to ? own - 200 : own;
};

/** Judged from the 9th day after the onset on, so that the event is over. */
function raise(change: Change, events: readonly GroupEvent[]): Finding {
  const agesDays = defaultParameters.agesDays.filter((age) => age >= 10);
  const view = createSyntheticGroup({ meterCount: 24, days: 140, seed: 7, change });
  const detector = createGroupDetector({ ...view, events }, { ...defaultParameters, agesDays });
  const state = createDetectionState();
  const findings = Array.from({ length: 140 }, (_, day) => detector.judge(state, syntheticFirstDay + day)).flat();
  expect(findings.map(({ slot }) => slot)).toEqual([stepped]);
  return findings[0];
}

function testOf(finding: Finding, name: string): TestResult {
  return finding.tests.find((test) => test.name === name)!;
}

function partOf(finding: Finding, name: string): number | undefined {
  return finding.scoreParts.find((part) => part.name === name)?.logOdds;
}

describe("natural experiments", () => {
  const calm = raise(droppingBy(0), []);

  it("are not tested where nothing happened, and move no score", () => {
    for (const name of ["internet_outage", "curtailment", "inspection"]) {
      expect(testOf(calm, name)).toMatchObject({ verdict: "not_tested", note: "no event since the onset", value: Number.NaN });
      expect(partOf(calm, name)).toBeUndefined();
    }
  });

  it("take a drop in an internet outage for a strong plus, with its size and when", () => {
    const finding = raise(droppingBy(1), [event("internet_outage")]);
    const test = testOf(finding, "internet_outage");
    expect(test).toMatchObject({ verdict: "passed", eventHours: [firstHour + outage.from] });
    expect(Math.abs(test.value - 1)).toBeLessThan(0.25);
    expect(partOf(finding, "internet_outage")).toBeGreaterThan(2);
    expect(partOf(finding, "internet_outage")).toBeLessThanOrEqual(Math.log(10));
    expect(testOf(finding, "curtailment").verdict).toBe("not_tested");
  });

  it("take a load that runs on through an internet outage for a weak minus", () => {
    const finding = raise(droppingBy(0), [event("internet_outage")]);
    expect(testOf(finding, "internet_outage")).toMatchObject({ verdict: "failed" });
    expect(Math.abs(testOf(finding, "internet_outage").value)).toBeLessThan(0.25);
    expect(partOf(finding, "internet_outage")).toBeLessThan(-0.3);
    expect(partOf(finding, "internet_outage")).toBeGreaterThan(-0.7);
    expect(finding.score).toBeLessThan(calm.score);
    expect(finding.scoreParts.slice(0, -1)).toEqual(calm.scoreParts);
  });

  it("do not count what all meters of the area do in the event", () => {
    expect(testOf(raise(allDropping, [event("internet_outage")]), "internet_outage")).toMatchObject({ verdict: "failed" });
  });

  it("learn nothing where more than the load drops, as in a cut of the whole site", () => {
    const finding = raise(droppingBy(3), [event("internet_outage")]);
    expect(testOf(finding, "internet_outage")).toMatchObject({
      verdict: "not_tested",
      note: expect.stringContaining("more than the load"),
    });
    expect(partOf(finding, "internet_outage")).toBeUndefined();
  });

  it("tell a load that an order to reduce does not touch from one that obeys, and move no score by it", () => {
    const ignoring = raise(droppingBy(0), [event("curtailment")]);
    const obeying = raise(droppingBy(1), [event("curtailment")]);
    expect(testOf(ignoring, "curtailment")).toMatchObject({ verdict: "passed", note: "it ran on through the order" });
    expect(testOf(obeying, "curtailment")).toMatchObject({
      verdict: "failed",
      note: expect.stringMatching(/^it dropped by \d+ % of its size: it obeys/),
    });
    expect([partOf(ignoring, "curtailment"), partOf(obeying, "curtailment")]).toEqual([0, 0]);
    expect(ignoring.score).toBe(calm.score);
  });

  it("take a drop on inspection days for a plus, and none for nothing", () => {
    expect(partOf(raise(droppingBy(1), [event("inspection", { slot: stepped })]), "inspection")).toBeGreaterThan(1.5);
    expect(partOf(raise(droppingBy(0), [event("inspection", { slot: stepped })]), "inspection")).toBe(0);
  });

  it.each([
    ["at another meter", event("internet_outage", { slot: stepped + 1 })],
    ["in another area", event("internet_outage", { area: 1 })],
    ["before the load", event("internet_outage", { fromHour: firstHour + onset - 100, toHour: firstHour + onset - 50 })],
    ["that is not over", event("internet_outage", { fromHour: firstHour + onset + 210, toHour: Infinity })],
    ["of one hour", event("internet_outage", { toHour: firstHour + outage.from + 1 })],
  ])("leave out an event %s", (_, left) => {
    expect(testOf(raise(droppingBy(0), [left]), "internet_outage").note).toBe("no event since the onset");
  });
});
