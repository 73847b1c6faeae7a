import type { AreaSeries } from "./weather.ts";
import type { DayClock } from "./zone-clock.ts";

/** One UTC day of a fleet under construction. Rows are by meter index, values by slot of the meter's own interval. */
export interface GridDay {
  readonly startMs: number;
  /** Index of the day's first hour in the series of the areas. */
  readonly firstHour: number;
  /** Load of the point's own customers (leaf) or of its customers without a meter (parent); after aggregation, the point's total. */
  readonly kw: readonly Float64Array[];
  readonly kvar: readonly Float64Array[];
  clockOf(meterIndex: number): DayClock;
  areaOf(meterIndex: number): AreaSeries;
}

/** Something that happens to the true load between two instants. */
export interface LoadEffect {
  /** Effects that move or shrink ordinary load go first, so that they take a share of it and not of the additions. */
  readonly stage: "share" | "addition";
  readonly fromMs: number;
  /** Infinity = to the end. */
  readonly toMs: number;
  /** Starts a run of its own; the function gets each day that overlaps [fromMs, toMs), in order. */
  start(): (day: GridDay) => void;
}

/** One meter's readings of a day, before they are sent. */
export interface MeteredDay {
  readonly startMs: number;
  readonly clock: DayClock;
  /** NaN = no reading. */
  readonly kw: Float64Array;
  readonly kvar: Float64Array;
  /** Quality codes. */
  readonly quality: Uint8Array;
  /** What the meter operator sends later as `revised`; NaN = nothing. */
  readonly correctedKw: Float64Array;
}

/** Something that happens to what is measured or sent, not to the load. */
export interface MeterFault {
  readonly meterIndex: number;
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * Starts a run of its own; the function gets *every* day of the meter in order (a stuck or shifted value needs what came before) and
   * must leave slots outside [fromMs, toMs) alone.
   */
  start(): (day: MeteredDay) => void;
}

/** Adds one point's day to another's; a finer row is averaged, a coarser one held. */
export function addRow(from: Float64Array, to: Float64Array): void {
  if (from.length === to.length) {
    for (let slot = 0; slot < to.length; slot++) to[slot] += from[slot];
  } else if (from.length > to.length) {
    const ratio = from.length / to.length;
    for (let slot = 0; slot < from.length; slot++) to[Math.floor(slot / ratio)] += from[slot] / ratio;
  } else {
    const ratio = to.length / from.length;
    for (let slot = 0; slot < to.length; slot++) to[slot] += from[Math.floor(slot / ratio)];
  }
}
