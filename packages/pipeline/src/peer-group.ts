import { DAY_MS, HOUR_MS } from "@hashwatt/contracts";
import type { DetectionState, GroupDetector } from "@hashwatt/detection";
import type { DetectionApi } from "./detection-api.ts";
import { countCells } from "./counters.ts";
import { aheadLimitHours, createGroupClock, type GroupClock } from "./group-clock.ts";
import type { GroupCalendar } from "./group-calendar.ts";
import type { GroupLayout } from "./group-layout.ts";
import { createHourStore, type HourStore } from "./hour-store.ts";
import { type ClassPages, createClassPages } from "./interval-pages.ts";
import type { LedgerEntry } from "./candidate-ledger.ts";
import { createParking, type Parking } from "./parking.ts";
import { createTimeVotes, type TimeVotes } from "./time-votes.ts";

/** Settings of a run that every group obeys. */
export interface GroupSettings {
  readonly graceHours: number;
  readonly lateDays: number;
  readonly historyDays: number;
  /** How long a raised candidate is followed. */
  readonly followDays: number;
}

/** Where the closing of a group's civil days stands. */
export interface DayProgress {
  /** The civil day that closes next, and the group hour at which it does. */
  nextDay: number;
  closeAtHour: number;
  /** UTC hours before this one are in the hour pages: the end of the last closed day. */
  horizonHour: number;
  /** First UTC hour with measured data ever; Infinity = none yet. Days before it are not judged. */
  firstDataHour: number;
  /** Hours of closed days that have changed since the last close: from, and to (exclusive). Infinity and 0 = none. */
  changedFromHour: number;
  changedToHour: number;
  /** The same by UTC day, as bits. Not saved: a restored group's detector has derived nothing yet. */
  readonly changedHours: Map<number, number>;
}

/** All state of one peer group. Columns and a few numbers; what can be recomputed is marked so. */
export interface PeerGroup {
  readonly layout: GroupLayout;
  readonly calendar: GroupCalendar;
  readonly settings: GroupSettings;
  readonly counts: Float64Array;
  readonly clock: GroupClock;
  readonly votes: TimeVotes;
  readonly parking: Parking;
  readonly days: DayProgress;
  /** By cadence class. */
  readonly pages: readonly ClassPages[];
  readonly hours: HourStore;
  /** By UTC day while its intervals are held: hours lost to estimated values as bits, by slot. */
  readonly lostHours: Map<number, Uint32Array>;
  /** By held day: hours of closed days whose readings have changed, as bits. */
  readonly dirtyHours: Int32Array;
  /** Hours a judging may see: all before this one. */
  readonly visible: { hour: number };
  readonly detection: DetectionApi;
  state: DetectionState;
  readonly detector: GroupDetector;
  /** What was said and may still be revised, in order of judged day. */
  ledger: LedgerEntry[];
  /** Counts up when a day closes, and the count as of the last save of the history; -1 = never saved. */
  historyVersion: number;
  savedVersion: number;

  // The rest follows from `clock.hour` and `days` (setLimits) and is kept flat for the hot path.
  /** Oldest UTC day that takes readings: row 0 of the pages. */
  baseDay: number;
  lateLimitMs: number;
  /** By class: latest interval start that takes readings. */
  readonly latestStartMs: Float64Array;
  horizonMs: number;
}

/** Interval pages held: the late days before group time's day, that day, and the day a reading may be ahead. */
export function heldDays(settings: GroupSettings): number {
  return settings.lateDays + 2;
}

export interface GroupParts {
  readonly layout: GroupLayout;
  readonly calendar: GroupCalendar;
  readonly settings: GroupSettings;
  readonly detection: DetectionApi;
}

/** A group without readings; `connect` gives it its detector, which reads the group through a view. */
export function createPeerGroup(parts: GroupParts, connect: (group: Omit<PeerGroup, "detector">) => GroupDetector): PeerGroup {
  const { layout, calendar, settings, detection } = parts;
  const meterCount = layout.meters.length;
  const group = {
    layout,
    calendar,
    settings,
    counts: new Float64Array(countCells),
    clock: createGroupClock(meterCount),
    votes: createTimeVotes(meterCount),
    parking: createParking(),
    days: {
      nextDay: 0,
      closeAtHour: Number.POSITIVE_INFINITY,
      horizonHour: 0,
      firstDataHour: Number.POSITIVE_INFINITY,
      changedFromHour: Number.POSITIVE_INFINITY,
      changedToHour: 0,
      changedHours: new Map<number, number>(),
    },
    pages: layout.classes.map((cadence) => createClassPages(cadence, heldDays(settings))),
    hours: createHourStore(meterCount, settings.historyDays),
    lostHours: new Map<number, Uint32Array>(),
    dirtyHours: new Int32Array(heldDays(settings)),
    visible: { hour: 0 },
    detection,
    state: detection.createState(),
    ledger: [],
    historyVersion: 0,
    savedVersion: -1,
    baseDay: 0,
    lateLimitMs: Number.POSITIVE_INFINITY,
    latestStartMs: new Float64Array(layout.classes.length).fill(Number.NEGATIVE_INFINITY),
    horizonMs: 0,
  };
  return Object.assign(group, { detector: connect(group) });
}

/** Recomputes what the hot path compares with. To be called when group time or the horizon has moved. */
export function setLimits(group: PeerGroup): void {
  if (!group.clock.started) return;
  const { clock, settings, days } = group;
  group.baseDay = Math.floor(clock.hour / 24) - settings.lateDays;
  group.lateLimitMs = group.baseDay * DAY_MS;
  group.horizonMs = days.horizonHour * HOUR_MS;
  for (const [row, cadence] of group.layout.classes.entries()) {
    group.latestStartMs[row] = (clock.hour + aheadLimitHours) * HOUR_MS - cadence.intervalMs;
  }
}
