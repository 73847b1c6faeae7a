import type { GridDay, LoadEffect } from "./grid-day.ts";
import { overlap, type Span } from "./load-confounders.ts";
import { createRandom, type Random } from "./random.ts";
import { DayType } from "./zone-clock.ts";

export const scheduledLoads = ["one_shift", "two_shift", "greenhouse", "ev_depot", "street_light", "pv_adoption", "irrigation"] as const;
export type ScheduledLoadKind = (typeof scheduledLoads)[number];

/** New load with a timetable of its own. */
export interface ScheduledLoad extends Span {
  readonly kind: ScheduledLoadKind;
  readonly meterIndex: number;
  readonly kw: number;
  readonly seed: string;
}

interface SlotView {
  readonly localHour: number;
  readonly dayType: number;
  readonly darkness: number;
  /** 0 to 1: age of the load, full after 90 days (for what is adopted slowly). */
  readonly adopted: number;
  /** Whole days since the load began. */
  readonly age: number;
}
type Timetable = (slot: SlotView) => number;

const within = (hour: number, from: number, to: number) => (from <= to ? hour >= from && hour < to : hour >= from || hour < to);

function shiftTimetable(random: Random, from: number, to: number, saturdays: boolean): Timetable {
  const begin = from + random.pick([-0.5, 0, 0, 0.5]);
  const idle = random.between(0.08, 0.16);
  return ({ localHour, dayType }) => {
    const works = dayType === DayType.working || (saturdays && dayType === DayType.saturday);
    if (!works || !within(localHour, begin, to)) return idle;
    return within(localHour, 12, 13) ? 0.65 : 1;
  };
}

/** Pumps run by night, or for days on end with days of rest between. */
function irrigationTimetable(random: Random): Timetable {
  const [on, off] = [random.between(19, 22), random.between(5, 9)];
  if (random.next() < 0.5) return ({ localHour }) => (within(localHour, on, off) ? 1 : 0.02);
  const [cycle, running] = [5 + random.integer(5), 3 + random.integer(2)];
  return ({ age }) => (age % cycle < running ? 1 : 0.02);
}

const timetables: Readonly<Record<ScheduledLoadKind, (random: Random) => Timetable>> = {
  one_shift: (random) => shiftTimetable(random, 8, 17, false),
  two_shift: (random) => shiftTimetable(random, 6.5, 23, random.next() < 0.6),
  greenhouse: (random) => {
    const on = random.between(1, 4);
    return ({ localHour }) => (within(localHour, on, on + 6) || within(localHour, 16, 21) ? 1 : 0.08); // lamps lengthen the day
  },
  ev_depot: () => {
    return ({ localHour, dayType }) => {
      if (!within(localHour, 21, 5)) return 0.04;
      const sinceNine = (localHour - 21 + 24) % 24;
      return (dayType === DayType.working ? 1 : 0.7) * Math.max(0.1, 1 - sinceNine / 9); // batteries fill up
    };
  },
  street_light:
    () =>
    ({ darkness }) =>
      darkness > 0.6 ? 1 : 0,
  irrigation: irrigationTimetable,
  pv_adoption:
    () =>
    ({ localHour, darkness, adopted }) =>
      -adopted * (1 - darkness) * Math.max(0, Math.cos(((localHour - 13) * Math.PI) / 13)),
};

export function scheduledLoad(plan: ScheduledLoad): LoadEffect {
  const start = () => {
    const random = createRandom(plan.seed, plan.kind);
    const timetable = timetables[plan.kind](random);
    let activity = 1;
    return (day: GridDay) => {
      const clock = day.clockOf(plan.meterIndex);
      const area = day.areaOf(plan.meterIndex);
      activity = 1 + 0.8 * (activity - 1) + 0.03 * random.normal();
      for (let slot = 0; slot < clock.slots; slot++) {
        const startMs = day.startMs + slot * clock.slotMs;
        const view = {
          localHour: clock.localHour[slot],
          dayType: clock.dayType[slot],
          darkness: area.darkness[day.firstHour + Math.floor((slot * clock.slotMs) / 3_600_000)],
          adopted: Math.min(1, Math.max(0, (startMs - plan.fromMs) / (90 * 86_400_000))),
          age: Math.floor(Math.max(0, startMs - plan.fromMs) / 86_400_000),
        };
        const noise = activity + 0.05 * random.normal();
        const power = plan.kw * timetable(view) * noise * overlap(plan, startMs, clock.slotMs);
        day.kw[plan.meterIndex][slot] += power;
        day.kvar[plan.meterIndex][slot] += plan.kind === "pv_adoption" ? 0 : 0.35 * power;
      }
    };
  };
  return { stage: "addition", fromMs: plan.fromMs, toMs: plan.toMs, start };
}
