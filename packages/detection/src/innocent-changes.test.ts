import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import type { InspectedStep } from "./inspected-steps.ts";
import { defaultParameters } from "./parameters.ts";
import { withParents } from "./testing/fed-parents.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

type Change = NonNullable<SyntheticGroup["change"]>;

/** An innocent change of one meter or balance, the test that says so, and a mine of the same size in the same place. */
interface Innocent {
  readonly what: string;
  readonly test: string;
  /** Tests that say so too. */
  readonly also?: readonly string[];
  readonly change: Change;
  readonly mine: Change;
  /** What else there is: records, weather, estimates, balances. */
  readonly world?: (view: GroupView) => GroupView;
  /** The same with the mine. Default: `world`. */
  readonly mineWorld?: (view: GroupView) => GroupView;
  readonly days?: number;
  readonly onsetDay?: number;
}

const meterCount = 24;
/** As `GroupView.levels` has it. */
const transformer = 2;
const stepped = 5;
/** The meter that is changed, and the parent whose balance is. */
const looked = [stepped, 0];
const onsetDay = 122;
const days = 150;
const stepKw = 700;
const firstHour = syntheticFirstDay * 24;

const isSince = (hour: number, day = onsetDay) => hour >= day * 24 + 12;
const added =
  (kwOf: (hour: number) => number, day = onsetDay): Change =>
  (slot, hour, kw) =>
    slot === stepped && isSince(hour, day) ? kw + kwOf(hour) : kw;
const mine = added(() => stepKw);
const isWorkingDay = (hour: number) => (Math.floor(hour / 24) + syntheticFirstDay + 3) % 7 < 5;
const between = (hour: number, from: number, to: number) => hour % 24 >= from && hour % 24 < to;

/** Load of a day that peaks at an hour and is there for some. */
const hump = (hour: number, peak: number, hours: number) => 2 * stepKw * Math.max(0, Math.cos((((hour % 24) - peak) * Math.PI) / hours));

function event(kind: GroupEvent["kind"], fromDay: number, toDay: number): GroupEvent {
  return { kind, area: -1, slot: -1, counterpart: -1, fromHour: firstHour + fromDay * 24, toHour: firstHour + toDay * 24 };
}

const withEvents =
  (...events: readonly GroupEvent[]) =>
  (view: GroupView): GroupView => ({ ...view, events });

/** Degrees of a winter that swings by 8 degrees in 9 days and falls by 12 at the onset. */
const celsius = (hour: number) => 4 * Math.sin((2 * Math.PI * hour) / (9 * 24)) - (isSince(hour) ? 12 : 0);
const withWeather = (view: GroupView): GroupView => ({ ...view, temperatureC: (_area, utcHour) => celsius(utcHour - firstHour) });

/** Says that the hours which a meter lacks were estimated. */
const withEstimates = (view: GroupView): GroupView => ({
  ...view,
  estimatedPage: (utcDay) => {
    const page = view.hourPage(utcDay);
    return page && Uint8Array.from({ length: view.meterCount }, (_, slot) => lackingHours(page, view.meterCount, slot));
  },
});

function lackingHours(page: Float32Array, meters: number, slot: number): number {
  return Array.from({ length: 24 }, (_, hour) => page[hour * meters + slot]).filter(Number.isNaN).length;
}

const untouched = createSyntheticGroup({ meterCount, days, seed: 7 });
const square = (loadKw: number) => 2e-6 * loadKw * loadKw;
const smallLoss = (_parent: number, _hour: number, loadKw: number) => square(loadKw);
/** Two balances with a small loss: as the meters read, and as the load is where a meter reads wrong. */
const balanced = (view: GroupView) => withParents(view, smallLoss)(view);
const bypassed = withParents(untouched, (parent, hour, loadKw) => square(loadKw) + (parent === 0 && isSince(hour) ? stepKw : 0));
const nothing: Change = (_slot, _hour, kw) => kw;

interface Judged {
  readonly raised: readonly Finding[];
  /** Steps up near the onset, as every day of judging saw them. */
  readonly steps: readonly InspectedStep[];
}

/** Judges a group with a change, and looks at the meter that is changed and the balance above it from the onset on. */
function judge(
  change: Change,
  world: (view: GroupView) => GroupView,
  { days: length = days, onsetDay: onset = onsetDay }: Partial<Innocent>,
): Judged {
  const view = world(createSyntheticGroup({ meterCount, days: length, seed: 7, change }));
  const isNear = (day: number) => Math.abs(day - syntheticFirstDay - onset) <= 6;
  const slots = new Set<number>();
  const steps: InspectedStep[] = [];
  const detector = createGroupDetector(view, defaultParameters, {
    slots,
    take: ({ step }) => {
      if (step && step.direction > 0 && isNear(step.onsetDay)) steps.push(step);
    },
  });
  const state = createDetectionState();
  const findings = Array.from({ length }, (_, day) => {
    if (day === onset + 4) looked.forEach((slot) => slots.add(slot));
    return detector.judge(state, syntheticFirstDay + day);
  }).flat();
  return { steps, raised: findings.filter((found) => looked.includes(found.slot) && found.direction > 0 && isNear(found.onsetDay)) };
}

const dip =
  (from: number, to: number): Change =>
  (slot, hour, kw) =>
    slot === stepped && hour >= from * 24 && hour < to * 24 ? kw - stepKw : kw;

/** What the meter read some hours ago. */
function delayed(hours: number): Change {
  const past = new Map<number, number>();
  return (slot, hour, kw) => {
    if (slot !== stepped) return kw;
    past.set(hour, kw);
    return isSince(hour) ? past.get(hour - hours)! : kw;
  };
}

/** Days in which a pump runs. */
const pumped = [
  [98, 116],
  [134, 152],
  [170, 200],
] as const;

const innocents: readonly Innocent[] = [
  {
    what: "load switched over from a neighbour",
    test: "not_transferred",
    change: (slot, hour, kw) => (slot === stepped + 1 && isSince(hour) ? kw - stepKw : mine(slot, hour, kw)),
    mine,
  },
  {
    what: "a cold that half of the area shows",
    test: "neighbours",
    change: (slot, hour, kw) => (slot % 2 === 1 && isSince(hour) ? kw + stepKw : kw),
    mine,
  },
  {
    what: "a house that is full for a week",
    test: "age",
    world: (view) => ({ ...view, levels: view.levels.map((level, slot) => (slot === stepped ? transformer : level)) }),
    change: added((hour) => (hour < (onsetDay + 7) * 24 ? stepKw : 0)),
    mine,
  },
  {
    what: "heating that starts below -4 degrees",
    test: "not_weather",
    world: withWeather,
    change: (slot, hour, kw) => (slot === stepped ? kw + 90 * Math.max(0, -4 - celsius(hour)) : kw),
    mine,
  },
  {
    what: "a new electric heating",
    test: "not_heating",
    world: withWeather,
    change: added((hour) => 60 * (4 - celsius(hour))),
    mine,
  },
  {
    what: "a new ratio of a current transformer",
    test: "not_multiplicative",
    change: (slot, hour, kw) => (slot === stepped && isSince(hour) ? kw * 1.3 : kw),
    mine,
  },
  {
    what: "a meter that freezes by night",
    test: "not_frozen",
    change: (slot, hour, kw) => (slot === stepped && isSince(hour) && between(hour, 0, 13) ? 5000 : mine(slot, hour, kw)),
    mine,
  },
  {
    what: "estimates",
    test: "not_estimated",
    also: ["present"],
    world: withEstimates,
    change: (slot, hour, kw) => (slot === stepped && isSince(hour) && between(hour, 6, 14) ? Number.NaN : mine(slot, hour, kw)),
    mine,
  },
  {
    what: "a register that jumps",
    test: "believable",
    change: (slot, hour, kw) => (slot === stepped && isSince(hour) && between(hour, 6, 15) ? kw * 1000 : mine(slot, hour, kw)),
    mine,
  },
  {
    what: "a meter exchanged in a gap",
    test: "onset_seen",
    change: (slot, hour, kw) =>
      slot === stepped && hour >= (onsetDay - 5) * 24 && hour < (onsetDay + 1) * 24 ? Number.NaN : mine(slot, hour, kw),
    mine,
  },
  { what: "a day shift", test: "at_night", also: ["shape"], change: added((hour) => (between(hour, 6, 20) ? stepKw * 1.5 : 0)), mine },
  { what: "cooling by day", test: "at_night", change: added((hour) => hump(hour, 14, 14)), mine },
  { what: "panels that no longer feed in", test: "at_night", change: added((hour) => hump(hour, 12, 10)), mine },
  {
    what: "lamps of a greenhouse",
    test: "every_block",
    change: added((hour) => (between(hour, 2, 8) || between(hour, 16, 21) ? stepKw * 1.5 : 0)),
    mine,
  },
  { what: "work on five days, day and night", test: "weekend", change: added((hour) => (isWorkingDay(hour) ? stepKw : 0)), mine },
  {
    what: "the end of holidays",
    test: "not_holiday",
    world: withEvents(event("holiday", onsetDay - 9, onsetDay)),
    change: dip(onsetDay - 9, onsetDay),
    mine,
  },
  {
    what: "the end of maintenance",
    test: "not_outage",
    world: withEvents(event("outage", onsetDay - 9, onsetDay)),
    change: dip(onsetDay - 9, onsetDay),
    mine,
  },
  {
    what: "a workshop that works now more, now less",
    test: "every_day",
    change: added((hour) => stepKw * (1 + 1.3 * Math.sin(2.4 * Math.floor(hour / 24)))),
    mine,
  },
  {
    what: "a pump that has come and gone twice",
    test: "not_habitual",
    days: 200,
    onsetDay: 170,
    change: (slot, hour, kw) => (slot === stepped && pumped.some(([from, to]) => hour >= from * 24 && hour < to * 24) ? kw + stepKw : kw),
    mine: (slot, hour, kw) => (slot === stepped && hour >= 170 * 24 ? kw + stepKw : kw),
  },
  {
    what: "the shadow of a neighbour that is out of service",
    test: "not_shadow",
    change: (slot, hour, kw) => (slot === stepped + 1 && isSince(hour) ? kw * 0.05 : kw),
    mine: (slot, hour, kw) => (slot === stepped + 1 && isSince(hour) ? kw * 1.5 : mine(slot, hour, kw)),
  },
  { what: "a return from absence", test: "new_level", change: dip(onsetDay - 20, onsetDay), mine },
  {
    what: "growth of a fifth in ten weeks",
    test: "edge",
    change: (slot, hour, kw) => (slot === stepped ? kw * (1 + 0.2 * Math.max(0, (hour - 95 * 24) / (70 * 24))) : kw),
    mine,
  },
  {
    what: "a season that the area had last year too",
    test: "not_seasonal",
    days: 440,
    onsetDay: 410,
    change: (slot, hour, kw) =>
      (slot % 2 === 1 && hour >= 46 * 24 && hour < 90 * 24) || (slot === stepped && hour >= 410 * 24) ? kw + stepKw : kw,
    mine: (slot, hour, kw) => (slot === stepped && hour >= 410 * 24 ? kw + stepKw : kw),
  },
  { what: "a clock that runs two hours late", test: "clock", also: ["energy"], change: delayed(2), mine },
  {
    what: "a load that stays for five days",
    test: "persistence",
    change: (slot, hour, kw) => (hour < (onsetDay + 5) * 24 ? mine(slot, hour, kw) : kw),
    mine,
  },
  {
    what: "a meter that reads too much",
    test: "meter_reads_right",
    also: ["parent_rises"],
    world: withParents(untouched, smallLoss),
    change: mine,
    mineWorld: balanced,
    mine,
  },
  {
    what: "load moved within a station",
    test: "parent_rises",
    world: withParents(untouched, (parent, hour, loadKw) => smallLoss(parent, hour, loadKw)),
    change: mine,
    mineWorld: balanced,
    mine,
  },
  {
    what: "loss in a line",
    test: "not_technical_loss",
    world: withParents(untouched, (parent, hour, loadKw) => square(loadKw) * (parent === 0 && isSince(hour) ? 3 : 1)),
    change: nothing,
    mineWorld: bypassed,
    mine: nothing,
  },
  {
    what: "a meter mapped to the wrong station",
    test: "right_parent",
    world: withParents(untouched, (parent, hour, loadKw) => square(loadKw) + (isSince(hour) ? (parent === 0 ? stepKw : -stepKw) : 0)),
    change: nothing,
    mineWorld: bypassed,
    mine: nothing,
  },
];

const same = (view: GroupView) => view;

describe("innocent changes", () => {
  it.each(innocents)("$what: not raised, and $test says why", ({ test, also = [], change, world = same, ...rest }) => {
    const { raised, steps } = judge(change, world, rest);
    expect(raised).toEqual([]);
    const failed = steps.flatMap(({ tests }) => tests.filter(({ verdict }) => verdict === "failed").map(({ name }) => name));
    expect(failed).toEqual(expect.arrayContaining([test, ...also]));
  });

  it.each(innocents)(
    "a mine instead of $what: raised, and $test is passed",
    ({ test, mine: change, world = same, mineWorld = world, ...rest }) => {
      const { raised } = judge(change, mineWorld, rest);
      expect(raised).toHaveLength(1);
      expect(raised[0].tests.find(({ name }) => name === test)?.verdict).toBe("passed");
    },
  );

  it("holds a load that began with holidays until three days are clear of them", () => {
    const [plain] = judge(mine, same, {}).raised;
    const [held] = judge(mine, withEvents(event("holiday", onsetDay, onsetDay + 4)), {}).raised;
    // the day after the last holiday is left out too
    const firstClear = syntheticFirstDay + onsetDay + 5;
    expect(plain.judgedDay).toBeLessThan(firstClear + 2);
    expect(held.judgedDay).toBeGreaterThanOrEqual(firstClear + 2);
    expect(held.tests.find(({ name }) => name === "not_holiday")?.verdict).toBe("passed");
  });
});
