import { describe, expect, it } from "vitest";
import {
  createDetectionState,
  type DetectionState,
  loadDetectionState,
  rewindDetectionState,
  saveDetectionState,
} from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import type { FollowUp } from "./follow-up.ts";
import { createGroupDetector, type GroupDetector } from "./group-detector.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

type Change = NonNullable<SyntheticGroup["change"]>;

const days = 185;
const firstHour = syntheticFirstDay * 24;
const onset = 122 * 24 + 12;
const end = 152 * 24 + 6;
const stepped = 5;
const stepKw = 500;

function isBetween(hour: number, from: number, to: number): boolean {
  return hour >= from && hour < to;
}

const ending: Change = (slot, hour, kw) => (slot === stepped && isBetween(hour, onset, end) ? kw + stepKw : kw);
const lasting: Change = (slot, hour, kw) => (slot === stepped && hour >= onset ? kw + stepKw : kw);

/** Every third meter falls with the load: a thaw. */
const endingTogether: Change = (slot, hour, kw) => ending(slot, hour, hour >= end && slot % 3 === 0 ? kw - stepKw : kw);
const fade: Change = (slot, hour, kw) => {
  const part = Math.min(1, Math.max(0, (end + 16 * 24 - hour) / (16 * 24)));
  return slot === stepped && hour >= onset ? kw + stepKw * part : kw;
};
const outage = { from: onset + 40 * 24, to: onset + 41 * 24 };
const dropping: Change = (slot, hour, kw) =>
  slot === stepped && hour >= onset && !isBetween(hour, outage.from + 2, outage.to + 4) ? kw + stepKw : kw;
const moved: Change = (slot, hour, kw) => lasting(slot, hour, slot === stepped + 1 && hour >= onset + 30 ? kw - stepKw : kw);

interface Told {
  readonly raised: readonly Finding[];
  readonly followUps: readonly FollowUp[];
}

function viewOf(change: Change, events: readonly GroupEvent[] = []): GroupView {
  return { ...createSyntheticGroup({ meterCount: 24, days, seed: 7, change }), events };
}

function judgeDays(detector: GroupDetector, state: DetectionState, fromDay = 0): Told {
  const raised: Finding[] = [];
  const followUps: FollowUp[] = [];
  for (let day = syntheticFirstDay + fromDay; day < syntheticFirstDay + days; day++) {
    raised.push(...detector.judge(state, day));
    followUps.push(...detector.follow(state, day));
  }
  return { raised, followUps };
}

function judgeAll(change: Change, events: readonly GroupEvent[] = []): Told {
  return judgeDays(createGroupDetector(viewOf(change, events), defaultParameters), createDetectionState());
}

function event(kind: GroupEvent["kind"], over: Partial<GroupEvent>): GroupEvent {
  return { kind, area: -1, slot: -1, counterpart: -1, fromHour: firstHour + end - 6, toHour: firstHour + end + 48, ...over };
}

function verdictsOf({ tests }: FollowUp): Record<string, string> {
  return Object.fromEntries(tests.map(({ name, verdict }) => [name, verdict]));
}

describe("followSteps", () => {
  const plain = judgeAll(ending);

  it("says nothing of a load that lasts", () => {
    const { raised, followUps } = judgeAll(lasting);
    expect(raised).toHaveLength(1);
    expect(followUps).toEqual([]);
  });

  it("tells once when a raised load ended, how long it ran since, and how it went", () => {
    const [found] = plain.raised;
    expect(plain.followUps).toHaveLength(1);
    const [followUp] = plain.followUps;
    expect(followUp).toMatchObject({ slot: stepped, onsetDay: found.onsetDay, direction: 1, scoreParts: [] });
    expect(Math.abs(followUp.ended!.hour - firstHour - end)).toBeLessThanOrEqual(12);
    expect(followUp.ended!.runningHours).toBe(followUp.ended!.hour - (found.judgedDay + 1) * 24);
    expect(followUp.judgedDay - syntheticFirstDay - 152).toBeLessThanOrEqual(10);
    expect(verdictsOf(followUp)).toEqual({
      lasted: "failed",
      ended_at_once: "passed",
      ended_alone: "passed",
      ended_unexpectedly: "passed",
    });
  });

  it("doubts a load that went when the neighbours' loads went", () => {
    const { followUps } = judgeAll(endingTogether);
    const followUp = followUps.find(({ ended }) => ended !== undefined)!;
    expect(verdictsOf(followUp)).toMatchObject({ ended_alone: "failed" });
    expect(followUp.scoreParts.map(({ name }) => name)).toEqual(["ended_alone"]);
    expect(followUp.scoreParts[0].logOdds).toBeCloseTo(Math.log(0.1), 9);
  });

  it("doubts a load that faded", () => {
    const [followUp] = judgeAll(fade).followUps;
    expect(followUp).toMatchObject({ ended: {}, scoreParts: [{ name: "ended_at_once" }] });
    expect(verdictsOf(followUp)).toMatchObject({ ended_at_once: "failed" });
  });

  it("takes an end in an inspection for one, whoever ends with it", () => {
    const followUp = judgeAll(endingTogether, [event("inspection", {})]).followUps.find(({ ended }) => ended !== undefined)!;
    expect(followUp.tests.find(({ name }) => name === "lasted")).toMatchObject({ note: "it ended in an inspection" });
    expect(followUp.scoreParts.map(({ name }) => name)).not.toContain("ended_alone");
  });

  it("asks of a raised load what it did in an event that came later", () => {
    const events = [event("internet_outage", { fromHour: firstHour + outage.from, toHour: firstHour + outage.to })];
    const { raised, followUps } = judgeAll(dropping, events);
    expect(raised[0].tests.find(({ name }) => name === "internet_outage")).toMatchObject({ verdict: "not_tested" });
    for (const { tests } of followUps) {
      expect(tests).toMatchObject([{ name: "internet_outage", verdict: "passed", eventHours: [firstHour + outage.from] }]);
    }
    // told when it is over; at refits it is asked again, in case a record came late
    expect(followUps[0].judgedDay - syntheticFirstDay).toBe(Math.floor(outage.to / 24));
    expect(followUps[0].scoreParts[0].logOdds).toBeGreaterThan(2);
  });

  it("says that a load was moved here when a record that came later names a meter that fell", () => {
    const switching = event("switching", { slot: stepped + 1, counterpart: stepped, fromHour: firstHour + onset, toHour: Infinity });
    const view = viewOf(moved);
    const raisingAnyway = { ...defaultParameters, maxTransferLogLikelihood: Infinity };
    const state = createDetectionState();
    const detector = createGroupDetector(view, raisingAnyway);
    for (let day = 0; day < 140; day++) detector.judge(state, syntheticFirstDay + day);
    expect(state.steps.map(({ groupStream }) => groupStream)).toEqual([stepped]);
    const informed = createGroupDetector({ ...view, events: [switching] }, defaultParameters);
    const { followUps } = judgeDays(informed, loadDetectionState(saveDetectionState(state)), 140);
    expect(followUps[0]).toMatchObject({ judgedDay: syntheticFirstDay + 140, movedFrom: { slot: stepped + 1 } });
    expect(Math.abs(followUps[0].movedFrom!.kw / stepKw - 1)).toBeLessThan(0.3);
    // a record alone, without the fall, moves nothing
    const bare = createGroupDetector({ ...viewOf(lasting), events: [switching] }, defaultParameters);
    expect(judgeDays(bare, loadDetectionState(saveDetectionState(state)), 140).followUps).toEqual([]);
  });

  it("follows a step for the days it is told to", () => {
    const brief = { ...defaultParameters, followDays: 20 };
    const { raised, followUps } = judgeDays(createGroupDetector(viewOf(ending), brief), createDetectionState());
    expect(raised).toHaveLength(1);
    expect(followUps).toEqual([]);
  });

  it("tells the same when days are judged again, by the same detector or by a new one from the saved state", () => {
    const detector = createGroupDetector(viewOf(ending), defaultParameters);
    const state = createDetectionState();
    judgeDays(detector, state);
    const saved = saveDetectionState(state);
    rewindDetectionState(state, syntheticFirstDay + 150);
    expect(judgeDays(detector, state, 150).followUps).toEqual(plain.followUps);
    const restored = loadDetectionState(saved);
    rewindDetectionState(restored, syntheticFirstDay + 150);
    expect(judgeDays(createGroupDetector(viewOf(ending), defaultParameters), restored, 150).followUps).toEqual(plain.followUps);
  });
});
