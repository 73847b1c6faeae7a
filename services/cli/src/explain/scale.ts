import { dateParts, monthName, shortDay } from "./format.ts";

/** Maps values to pixels. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** A linear scale that ends on round numbers, where values beyond it rest. `bottom` and `top` are pixels: y grows downwards. */
export function linearScale(low: number, high: number, bottom: number, top: number, tickCount = 4): Scale {
  const step = roundStep((high - low || Math.abs(high) || 1) / tickCount);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.max(from + step, Math.ceil(high / step - 1e-9) * step);
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  const scale = (value: number): number => bottom + (Math.max(0, Math.min(to - from, value - from)) / (to - from)) * (top - bottom);
  return Object.assign(scale, { ticks, low: from, high: to });
}

/** A value further out than so many times the spread of 9 in 10 is a fault or a spike: it is cut off, or nothing else could be seen. */
const spikeFactor = 3;

/** Lowest and highest of the values that a drawing should reach to; NaN does not count, spikes are cut. [0, 1] for none. */
export function extent(values: readonly number[]): readonly [low: number, high: number] {
  const known = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  if (known.length === 0) return [0, 1];
  const [few, many] = [0.05, 0.95].map((share) => known[Math.round(share * (known.length - 1))]);
  const spread = Math.max(many - few, 0.1 * Math.abs(many), 1e-6);
  return [Math.max(known[0], few - spikeFactor * spread), Math.min(known.at(-1)!, many + spikeFactor * spread)];
}

/** A scale for loads: it begins at zero, unless that would leave the drawing in its upper part. */
export function loadScale(values: readonly number[], bottom: number, top: number, tickCount?: number): Scale {
  const [low, high] = extent(values);
  return linearScale(low > 0.6 * high ? low - 0.25 * (high - low) : Math.min(0, low), Math.max(0, high), bottom, top, tickCount);
}

/** 1, 2 or 5 times a power of ten, not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((digit) => digit * power).find((round) => round >= step * 0.999)!;
}

export interface DayTick {
  readonly day: number;
  readonly label: string;
}

/** Local days as pixels; a day is as wide as `dayWidth` and begins at x(day). */
export interface DayAxis {
  (day: number): number;
  readonly fromDay: number;
  /** The last day shown. */
  readonly toDay: number;
  readonly left: number;
  readonly right: number;
  readonly dayWidth: number;
  readonly ticks: readonly DayTick[];
}

export function dayAxis(fromDay: number, toDay: number, left: number, right: number): DayAxis {
  const dayWidth = (right - left) / (toDay - fromDay + 1);
  const axis = (day: number): number => left + (day - fromDay) * dayWidth;
  return Object.assign(axis, { fromDay, toDay, left, right, dayWidth, ticks: dayTicks(fromDay, toDay) });
}

/** Mondays up to ten weeks, the 1st and 16th up to seven months, months beyond. */
function dayTicks(fromDay: number, toDay: number): DayTick[] {
  const days = Array.from({ length: toDay - fromDay + 1 }, (_, i) => fromDay + i);
  const span = days.length;
  const isTick = (day: number): boolean => {
    const { dayOfMonth, weekday } = dateParts(day);
    if (span <= 70) return weekday === 0;
    return dayOfMonth === 1 || (span <= 210 && dayOfMonth === 16);
  };
  return days.filter(isTick).map((day) => ({ day, label: span <= 210 ? yearAware(day) : monthLabel(day) }));
}

function yearAware(day: number): string {
  const { year, month, dayOfMonth } = dateParts(day);
  return month === 1 && dayOfMonth <= 7 ? `${shortDay(day)} ${year}` : shortDay(day);
}

function monthLabel(day: number): string {
  const { year, month } = dateParts(day);
  return month === 1 ? String(year) : monthName(month);
}
