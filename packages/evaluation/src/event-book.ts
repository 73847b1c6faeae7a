import { formatInstant, type GridEvent, HOUR_MS, type Meter, type Permit } from "@hashwatt/contracts";
import type { LoadEffect, MeterFault } from "./grid-day.ts";
import type { ConfounderLabel, MineLabel } from "./labels.ts";
import { createRandom, type Random } from "./random.ts";
import type { Snap } from "./weather.ts";

/** The grid that events are placed in, by meter index. */
export interface Ground {
  readonly seed: number;
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Nothing is added before; undefined = fromMs. */
  readonly quietUntilMs?: number;
  readonly meters: readonly Meter[];
  readonly meanKw: readonly number[];
  readonly parentOf: readonly number[];
  readonly childrenOf: readonly (readonly number[])[];
  /** The meter has readings between two instants; undefined = all have, always. */
  readonly isMetered?: (meterIndex: number, fromMs: number, toMs: number) => boolean;
}

export const earliestMs = (ground: Ground): number => ground.quietUntilMs ?? ground.fromMs;

/** What has been arranged so far: causes for the simulator, records for the product, labels for the scoring. */
export interface EventBook {
  readonly ground: Ground;
  readonly effects: LoadEffect[];
  readonly faults: MeterFault[];
  readonly permits: Permit[];
  readonly events: GridEvent[];
  readonly mines: MineLabel[];
  readonly confounders: ConfounderLabel[];
  /** Meters that something already happens to: a second event there would make its label untrue. */
  readonly taken: Set<number>;
}

export function createEventBook(ground: Ground): EventBook {
  return { ground, effects: [], faults: [], permits: [], events: [], mines: [], confounders: [], taken: new Set() };
}

/** Number of the next entry, three digits. */
export const nextNumber = (entries: readonly unknown[]): string => String(entries.length + 1).padStart(3, "0");

/** A random stream for one entry. */
export function entryRandom(book: EventBook, label: string): Random {
  return createRandom(book.ground.seed, `${book.ground.name}/${label}`);
}

/** An instant of a label: the open end is null. */
export const instantOrNull = (ms: number): string | null => (ms === Number.POSITIVE_INFINITY ? null : formatInstant(ms));

export const wholeHour = (ms: number): number => Math.round(ms / HOUR_MS) * HOUR_MS;

/** Four significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

export function addEvent(book: EventBook, event: Omit<GridEvent, "eventId">): void {
  book.events.push({ eventId: `event-${nextNumber(book.events)}`, ...event });
}

/** Ancestors of a meter on which the load is at least 3 % of the mean: an alarm there is right as well. */
export function ancestorsSeeing(ground: Ground, meterIndex: number, kw: number): number[] {
  const seeing: number[] = [];
  for (let up = ground.parentOf[meterIndex]; up >= 0; up = ground.parentOf[up]) {
    if (kw >= 0.03 * ground.meanKw[up]) seeing.push(up);
  }
  return seeing;
}

/** Indices of a change's meters and of those above them on which it is as large: steps there have the same cause. */
export function withAncestors(ground: Ground, indices: readonly number[], kw: number): number[] {
  const above = indices.flatMap((index) => ancestorsSeeing(ground, index, Math.abs(kw)));
  // what moves between two meters below one point does not show there
  const common = above.filter((up, at) => indices.length > 1 && above.indexOf(up) !== at);
  return [...new Set([...indices, ...above.filter((up) => !common.includes(up))])];
}

/** The weather's cold snaps and heat waves as labels; numbered after the confounders in the book. */
export function labelSnaps(book: EventBook, snaps: readonly Snap[]): ConfounderLabel[] {
  return snaps.map((snap, order) => ({
    confounderId: `conf-${String(book.confounders.length + order + 1).padStart(3, "0")}`,
    kind: snap.depthC > 0 ? "cold_snap" : "heat_wave",
    meterIds: book.ground.meters.filter((meter) => snap.regions.includes(meter.region)).map((meter) => meter.meterId),
    from: formatInstant(snap.fromMs),
    to: formatInstant(Math.round(snap.toMs / HOUR_MS) * HOUR_MS),
    kw: 0,
  }));
}
