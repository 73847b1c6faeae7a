import type { Block } from "./block.ts";
import type { GroupView } from "./group-view.ts";

/** Rows of hourly kW of a block's streams over consecutive UTC hours: values[stream * hours + t]; NaN = unusable. */
export interface HourRows {
  readonly firstHour: number;
  readonly hours: number;
  readonly values: Float64Array;
}

/** What a meter's hour can believably be, from its own past weeks; NaN = no limit. */
export interface HourLimits {
  readonly lowKw: Float64Array;
  readonly highKw: Float64Array;
}

/** Equal hours in a row from which on a meter counts as frozen: a true load always jitters (hourly CV > .3 %). */
export const frozenHours = 5;

/** Loads raw hourly kW of the block's meters (loss rows are left as they are) into `values`, at least streamCount * hours long. */
export function gatherHours(view: GroupView, block: Block, firstHour: number, hours: number, values: Float64Array): HourRows {
  const { meterCount, slots } = block;
  for (let t = 0; t < hours; ) {
    const utcDay = Math.floor((firstHour + t) / 24);
    const end = Math.min(hours, (utcDay + 1) * 24 - firstHour);
    const page = view.hourPage(utcDay);
    if (page === undefined) {
      for (let stream = 0; stream < meterCount; stream++) values.fill(Number.NaN, stream * hours + t, stream * hours + end);
    } else {
      const stride = view.meterCount;
      const top = (firstHour + t - utcDay * 24) * stride;
      for (let stream = 0; stream < meterCount; stream++) {
        for (let u = stream * hours + t, cell = top + slots[stream]; u < stream * hours + end; u++, cell += stride) values[u] = page[cell];
      }
    }
    t = end;
  }
  return { firstHour, hours, values };
}

/**
 * Makes unbelievable hours NaN: not above zero, above three times the rating, outside the meter's own limits, or the fifth and later of equal
 * hours in a row. Looks backward only, so an hour's fate never depends on what was judged when. `rows` should start 4 hours early.
 */
export function cleanHours(view: GroupView, block: Block, rows: HourRows, limits: HourLimits): void {
  for (let stream = 0; stream < block.meterCount; stream++) {
    const low = Number.isNaN(limits.lowKw[stream]) ? 0 : limits.lowKw[stream];
    const high = Number.isNaN(limits.highKw[stream]) ? Infinity : limits.highKw[stream];
    cleanRow(rows.values, stream * rows.hours, rows.hours, low, Math.min(ratedLimit(view, block, stream), high));
  }
}

/** Above three times its rating no meter reads true; Infinity where the rating is not known. */
export function ratedLimit(view: GroupView, block: Block, stream: number): number {
  const rated = view.ratedKw[block.slots[stream]] * 3;
  return Number.isNaN(rated) ? Infinity : rated;
}

function cleanRow(values: Float64Array, start: number, hours: number, low: number, high: number): void {
  let previous = Number.NaN;
  let run = 1;
  for (let i = start; i < start + hours; i++) {
    const value = values[i];
    run = value === previous ? run + 1 : 1;
    previous = value;
    if (!(value > 0 && value >= low && value <= high) || run >= frozenHours) values[i] = Number.NaN;
  }
}

/**
 * Highest hour of each of the days of 24 hours from column `from` of a meter's raw row on, of those that cleaning without limits would leave;
 * days without one are left out. Fills `maxima`, returns how many.
 */
export function dailyMaxima(rows: HourRows, stream: number, from: number, high: number, maxima: Float64Array): number {
  const { values, hours } = rows;
  const start = stream * hours + from;
  let previous = Number.NaN;
  let run = 1;
  let count = 0;
  for (let i = Math.max(stream * hours, start - frozenHours + 1); i < start; i++) {
    run = values[i] === previous ? run + 1 : 1;
    previous = values[i];
  }
  for (let day = 0; day < maxima.length; day++) {
    let max = 0;
    for (let i = start + day * 24; i < start + day * 24 + 24; i++) {
      const value = values[i];
      run = value === previous ? run + 1 : 1;
      previous = value;
      if (value > max && value <= high && run < frozenHours) max = value;
    }
    if (max > 0) maxima[count++] = max;
  }
  return count;
}

/** Fills the loss rows from the cleaned meters: parent - sum(children), NaN where one of them is. */
export function computeLosses(block: Block, rows: HourRows): void {
  const { values, hours } = rows;
  for (let stream = block.meterCount; stream < block.streamCount; stream++) {
    const parent = block.parents[stream] * hours;
    for (let t = 0; t < hours; t++) {
      let loss = values[parent + t];
      for (const child of block.children[stream]) loss -= values[child * hours + t];
      values[stream * hours + t] = loss;
    }
  }
}
