import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import type { FollowUp } from "./follow-up.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupEvent } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

type Change = NonNullable<SyntheticGroup["change"]>;

const days = 185;
const stepped = 5;
const stepKw = 900;
const onsetDay = 125;
const endDay = 160;
/** Inspectors come on the day on which the load ceases. */
const campaign: GroupEvent = {
  kind: "inspection",
  area: -1,
  slot: -1,
  counterpart: -1,
  fromHour: (syntheticFirstDay + endDay) * 24,
  toHour: (syntheticFirstDay + endDay + 20) * 24,
};

const between =
  (from: number, to: number): Change =>
  (slot, hour, kw) =>
    slot === stepped && hour >= from * 24 + 8 && hour < to * 24 + 8 ? kw + stepKw : kw;

function judge(change: Change): { raised: Finding[]; followUps: FollowUp[] } {
  const detector = createGroupDetector(
    { ...createSyntheticGroup({ meterCount: 24, days, seed: 7, change }), events: [campaign] },
    defaultParameters,
  );
  const state = createDetectionState();
  const raised: Finding[] = [];
  const followUps: FollowUp[] = [];
  for (let day = syntheticFirstDay; day < syntheticFirstDay + days; day++) {
    raised.push(...detector.judge(state, day));
    followUps.push(...detector.follow(state, day));
  }
  return { raised, followUps };
}

describe("a step down", () => {
  it("names the raised step up that it ends, which is told to have ended, and is not taken for a new one afterwards", () => {
    const { raised, followUps } = judge(between(onsetDay, endDay));
    expect(raised.map(({ lane, direction }) => ({ lane, direction }))).toEqual([
      { lane: "mining", direction: 1 },
      { lane: "step_down", direction: -1 },
    ]);
    const [up, down] = raised;
    expect(down.origin).toEqual({ basis: "raised", civilDay: up.onsetDay, utcHour: up.onsetHour });
    const ended = followUps.find((followUp) => followUp.ended !== undefined)!;
    expect(ended).toMatchObject({ onsetDay: up.onsetDay, judgedDay: down.judgedDay, ended: { hour: down.onsetHour } });
    expect(ended.tests.find(({ name }) => name === "lasted")).toMatchObject({ note: "it ended in an inspection" });
  });

  it("tells of a load that was always there since when at least", () => {
    const { raised } = judge(between(0, endDay));
    expect(raised).toMatchObject([{ lane: "step_down", origin: { basis: "before" } }]);
    expect(raised[0].origin!.civilDay - syntheticFirstDay).toBeLessThan(60);
  });
});
