import type { Block } from "./block.ts";
import type { CalendarRows } from "./calendar-rows.ts";
import { dayTypeCount } from "./day-types.ts";
import type { Residuals } from "./residuals.ts";
import { takeFloat32 } from "./rooms.ts";
import { medianInPlace, medianOf3, medianOf5 } from "./statistics/select.ts";

/**
 * Residuals with the day-type profile taken out, single-day spikes removed and gaps bridged, so that a dot product over days gives a step.
 * A Hampel filter over 5 days for each hour: a value further than `spikeSigma` from the median of its neighbours becomes the median, so a
 * step that lasts stays a step from its third day on. A missing hour takes the filtered value of 3 days before: no step opens in a gap.
 */
export interface FilteredDays {
  /** [(stream * days + day) * 24 + hour], no NaN. */
  readonly values: Float32Array;
  /** Hours with data, [stream * days + day]. */
  readonly presentHours: Uint8Array;
  /** [(stream * dayTypeCount + dayType) * 24 + hour]. */
  readonly offsets: Float32Array;
  /** Robust deviation of an hour from the day before, [stream * 24 + hour]. */
  readonly jitter: Float32Array;
}

const spikeSigma = 3;
/** A missing hour takes the filtered value of so many days before; the filter's half width + 1. */
const bridgeDays = 3;

export function createFilteredDays(
  block: Block,
  residuals: Residuals,
  calendar: CalendarRows,
  week: number,
  lagDays: number,
): FilteredDays {
  const cells = block.streamCount * residuals.days;
  const filtered = {
    values: takeFloat32(cells * 24).fill(0),
    presentHours: new Uint8Array(cells),
    offsets: new Float32Array(block.streamCount * dayTypeCount * 24),
    jitter: new Float32Array(block.streamCount * 24),
  };
  const range = { from: Math.max(0, week - 70 - residuals.firstDay), to: week - lagDays - residuals.firstDay };
  for (let stream = 0; stream < block.streamCount; stream++) {
    measureHours(filtered, residuals, typesOf(calendar, residuals, stream), stream, range);
  }
  return filtered;
}

/** Day types of the residual days for a stream's area. */
function typesOf(calendar: CalendarRows, residuals: Residuals, stream: number): Uint8Array {
  const from = residuals.firstDay - calendar.firstDay;
  return calendar.dayTypes[calendar.areaRowOf[stream]].subarray(from, from + residuals.days);
}

/** Values of one hour of the day by day type, and their changes from day to day: [kind * days + n], the changes last. */
let samples = new Float64Array(0);
const counts = new Int32Array(dayTypeCount + 1);

/** Day-type offsets and jitter of a stream from the residual days [from, to), in one pass an hour. */
function measureHours(
  filtered: FilteredDays,
  residuals: Residuals,
  types: Uint8Array,
  stream: number,
  range: { from: number; to: number },
): void {
  const days = range.to - range.from;
  if (samples.length < days * counts.length) samples = new Float64Array(days * counts.length);
  const { offsets, jitter } = filtered;
  for (let hour = 0; hour < 24; hour++) {
    sampleHour(residuals.values, types, (stream * residuals.days + range.from) * 24 + hour, range);
    for (let type = 0; type < dayTypeCount; type++) {
      const at = (stream * dayTypeCount + type) * 24 + hour;
      const weekday = stream * dayTypeCount * 24 + hour;
      offsets[at] = counts[type] >= 3 ? medianOf(type, days) : type === 0 ? 0 : offsets[weekday];
    }
    jitter[stream * 24 + hour] = counts[dayTypeCount] >= 7 ? (1.4826 / Math.SQRT2) * medianOf(dayTypeCount, days) : 1;
  }
}

function medianOf(kind: number, days: number): number {
  return medianInPlace(samples.subarray(kind * days, (kind + 1) * days), counts[kind]);
}

function sampleHour(values: Float32Array, types: Uint8Array, start: number, range: { from: number; to: number }): void {
  const days = range.to - range.from;
  counts.fill(0);
  let previous = Number.NaN;
  for (let day = 0; day < days; day++) {
    const value = values[start + day * 24];
    if (value === value) {
      const type = types[range.from + day];
      samples[type * days + counts[type]++] = value;
      const change = Math.abs(value - previous);
      if (change === change) samples[dayTypeCount * days + counts[dayTypeCount]++] = change;
    }
    previous = value;
  }
}

/** Residuals without their day-type offset, from day `first` on. One buffer for all blocks: nothing in it outlives a call. */
let filling = new Float64Array(0);

/** Recomputes the filtered days [fromDay, lastDay] of a stream as if nothing after lastDay were known. */
export function filterDays(
  filtered: FilteredDays,
  residuals: Residuals,
  calendar: CalendarRows,
  stream: number,
  range: { fromDay: number; lastDay: number },
): void {
  const from = Math.max(0, range.fromDay - residuals.firstDay);
  const last = range.lastDay - residuals.firstDay;
  const first = Math.max(0, from - 2);
  if (filling.length < (last - first + 1) * 24) filling = new Float64Array((residuals.days + 1) * 24);
  const types = calendar.dayTypes[calendar.areaRowOf[stream]];
  const firstType = residuals.firstDay - calendar.firstDay;
  const span: Span = { stream, first, last, days: residuals.days };
  if (from === 0) filling.fill(0, 0, 5 * 24);
  for (let day = first; day <= last; day++) {
    // a bridged gap reads the filtered value of 3 days before, so the days are filled and filtered in turn, two days apart
    fillDay(filtered, residuals.values, types[firstType + day], span, day);
    if (day - 2 >= from) filterDay(filtered, span, day - 2);
  }
  for (let day = Math.max(from, last - 1); day <= last; day++) filterDay(filtered, span, day);
}

/** Days of the residuals that are in `filling`, and whose. */
interface Span {
  readonly stream: number;
  readonly first: number;
  readonly last: number;
  readonly days: number;
}

/** Residuals of a day without their day-type offset; gaps bridged. */
function fillDay(filtered: FilteredDays, residuals: Float32Array, type: number, span: Span, day: number): void {
  const { stream, first, days } = span;
  const { values, offsets } = filtered;
  const into = filling;
  const at = (day - first) * 24;
  const source = (stream * days + day) * 24;
  const offset = (stream * dayTypeCount + type) * 24;
  const bridge = source - bridgeDays * 24;
  let present = 0;
  for (let hour = 0; hour < 24; hour++) {
    const value = residuals[source + hour];
    if (value === value) {
      present++;
      into[at + hour] = value - offsets[offset + hour];
    } else {
      into[at + hour] = day < bridgeDays ? 0 : values[bridge + hour];
    }
  }
  filtered.presentHours[stream * days + day] = present;
}

/**
 * Near an edge the five days shift inwards; the last day of all has only the two before it, or a step would be cut until its fourth day.
 *
 * A value is no spike where two of the other days (of the last day: one) are within the limit of it, since the median then is too. That
 * settles 19 of 20 hours with two comparisons; only the others need their median.
 */
function filterDay(filtered: FilteredDays, span: Span, day: number): void {
  const { stream, first, last, days } = span;
  const { values, jitter } = filtered;
  const window = filling;
  const out = (stream * days + day) * 24;
  const limits = stream * 24;
  const own = (day - first) * 24;
  if (last < 4) {
    for (let hour = 0; hour < 24; hour++) values[out + hour] = window[own + hour];
    return;
  }
  if (day === last) {
    for (let hour = 0; hour < 24; hour++) {
      const i = own + hour;
      const value = window[i];
      const limit = spikeSigma * jitter[limits + hour];
      if (Math.abs(value - window[i - 24]) <= limit) values[out + hour] = value;
      else values[out + hour] = despiked(value, limit, medianOf3(window[i - 48], window[i - 24], value));
    }
    return;
  }
  const shift = (Math.max(2, Math.min(day, last - 2)) - day) * 24;
  const near = day === 0 ? 48 : -24;
  for (let hour = 0; hour < 24; hour++) {
    const i = own + hour;
    const value = window[i];
    const limit = spikeSigma * jitter[limits + hour];
    if (Math.abs(value - window[i + 24]) <= limit && Math.abs(value - window[i + near]) <= limit) {
      values[out + hour] = value;
      continue;
    }
    const c = i + shift;
    const median = medianOf5(window[c - 48], window[c - 24], window[c], window[c + 24], window[c + 48]);
    values[out + hour] = despiked(value, limit, median);
  }
}

function despiked(value: number, limit: number, median: number): number {
  return Math.abs(value - median) > limit ? median : value;
}
