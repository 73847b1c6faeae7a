import { DAY_MS, HOUR_MS } from "@hashwatt/contracts";
import { noteLatest } from "./group-clock.ts";
import type { IntervalPage } from "./interval-pages.ts";
import type { PeerGroup } from "./peer-group.ts";
import { votePresent } from "./time-votes.ts";

/** Largest power that is taken for one, kW: a terawatt. */
export const maxPowerKw = 1e9;

/** What became of a row. `outside` = too old, too far ahead, or no time at all: see admit-readings.ts. */
export const Binned = { done: 0, outside: 1, unaligned: 2, invalidValue: 3, unknownCode: 4, registerBackwards: 5 } as const;
export type BinnedCode = (typeof Binned)[keyof typeof Binned];

/** A reading of the page was written: what lies before the horizon changes a day that has closed. */
export function noteWritten(group: PeerGroup, page: IntervalPage, startMs: number): void {
  if (!page.touched) page.touched = true;
  if (startMs >= group.horizonMs) return;
  group.dirtyHours[page.utcDay - group.baseDay] |= 1 << Math.floor((startMs - page.utcDay * DAY_MS) / HOUR_MS);
}

/** The meter was heard with an event time that is not out of the way. */
export function noteHeard(group: PeerGroup, slot: number, eventMs: number): void {
  const hour = Math.floor(eventMs / HOUR_MS);
  if (hour > group.clock.latestHours[slot]) noteLatest(group.clock, slot, hour);
  if (group.votes.aheadMeters > 0) votePresent(group.votes, slot);
}
