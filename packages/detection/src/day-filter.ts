import type { Block } from "./block.ts";
import type { CalendarRows } from "./calendar-rows.ts";
import { dayTypeCount } from "./day-types.ts";
import type { Residuals } from "./residuals.ts";
import { medianInPlace } from "./statistics/select.ts";

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
    values: new Float32Array(cells * 24),
    presentHours: new Uint8Array(cells),
    offsets: new Float32Array(block.streamCount * dayTypeCount * 24),
    jitter: new Float32Array(block.streamCount * 24),
  };
  const range = { from: Math.max(0, week - 70 - residuals.firstDay), to: week - lagDays - residuals.firstDay };
  for (let stream = 0; stream < block.streamCount; stream++) {
    measureOffsets(filtered, residuals, typesOf(calendar, residuals, stream), stream, range);
    measureJitter(filtered, residuals, stream, range);
  }
  return filtered;
}

/** Day types of the residual days for a stream's area. */
function typesOf(calendar: CalendarRows, residuals: Residuals, stream: number): Uint8Array {
  const from = residuals.firstDay - calendar.firstDay;
  return calendar.dayTypes[calendar.areaRowOf[stream]].subarray(from, from + residuals.days);
}

function measureOffsets(
  filtered: FilteredDays,
  residuals: Residuals,
  types: Uint8Array,
  stream: number,
  range: { from: number; to: number },
): void {
  const values = new Float64Array(range.to - range.from);
  for (let type = 0; type < dayTypeCount; type++) {
    for (let hour = 0; hour < 24; hour++) {
      let count = 0;
      for (let day = range.from; day < range.to; day++) {
        const value = residuals.values[(stream * residuals.days + day) * 24 + hour];
        if (types[day] === type && !Number.isNaN(value)) values[count++] = value;
      }
      const at = (stream * dayTypeCount + type) * 24 + hour;
      const weekday = stream * dayTypeCount * 24 + hour;
      filtered.offsets[at] = count >= 3 ? medianInPlace(values, count) : type === 0 ? 0 : filtered.offsets[weekday];
    }
  }
}

function measureJitter(filtered: FilteredDays, residuals: Residuals, stream: number, range: { from: number; to: number }): void {
  const values = new Float64Array(range.to - range.from);
  for (let hour = 0; hour < 24; hour++) {
    let count = 0;
    let previous = Number.NaN;
    for (let day = range.from; day < range.to; day++) {
      const value = residuals.values[(stream * residuals.days + day) * 24 + hour];
      const change = Math.abs(value - previous);
      previous = value;
      if (!Number.isNaN(change)) values[count++] = change;
    }
    filtered.jitter[stream * 24 + hour] = count >= 7 ? (1.4826 / Math.SQRT2) * medianInPlace(values, count) : 1;
  }
}

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
  const window = new Float64Array((last - first + 1) * 24);
  const types = typesOf(calendar, residuals, stream);
  for (let day = first; day <= last; day++) {
    // a bridged gap reads the filtered value of 3 days before, so the days are filled and filtered in turn, two days apart
    fillDay(filtered, residuals, types[day], { stream, day, into: window, at: (day - first) * 24 });
    if (day - 2 >= from) filterDay(filtered, residuals, { stream, day: day - 2, last, first, window });
  }
  for (let day = Math.max(from, last - 1); day <= last; day++) filterDay(filtered, residuals, { stream, day, last, first, window });
}

/** Residuals of a day without their day-type offset; gaps bridged. */
function fillDay(
  filtered: FilteredDays,
  residuals: Residuals,
  type: number,
  to: { stream: number; day: number; into: Float64Array; at: number },
): void {
  const source = (to.stream * residuals.days + to.day) * 24;
  const offset = (to.stream * dayTypeCount + type) * 24;
  const bridge = source - bridgeDays * 24;
  let present = 0;
  for (let hour = 0; hour < 24; hour++) {
    const value = residuals.values[source + hour];
    const usable = !Number.isNaN(value);
    if (usable) present += 1;
    to.into[to.at + hour] = usable ? value - filtered.offsets[offset + hour] : to.day < bridgeDays ? 0 : filtered.values[bridge + hour];
  }
  filtered.presentHours[to.stream * residuals.days + to.day] = present;
}

/**
 * Near an edge the five days shift inwards; the last day of all has only the two before it, or a step would be cut until its fourth day.
 */
function filterDay(
  filtered: FilteredDays,
  residuals: Residuals,
  at: { stream: number; day: number; last: number; first: number; window: Float64Array },
): void {
  const { window } = at;
  const out = (at.stream * residuals.days + at.day) * 24;
  const jitter = at.stream * 24;
  const own = (at.day - at.first) * 24;
  const centre = (Math.max(2, Math.min(at.day, at.last - 2)) - at.first) * 24;
  for (let hour = 0; hour < 24; hour++) {
    const value = window[own + hour];
    const c = centre + hour;
    const median =
      at.last < 4
        ? value
        : at.day === at.last
          ? medianOf3(window[own + hour - 48], window[own + hour - 24], value)
          : medianOf5(window[c - 48], window[c - 24], window[c], window[c + 24], window[c + 48]);
    filtered.values[out + hour] = Math.abs(value - median) > spikeSigma * filtered.jitter[jitter + hour] ? median : value;
  }
}

function medianOf3(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function medianOf5(a: number, b: number, c: number, d: number, e: number): number {
  const low = Math.max(Math.min(a, b), Math.min(c, d));
  const high = Math.min(Math.max(a, b), Math.max(c, d));
  return medianOf3(low, high, e);
}
