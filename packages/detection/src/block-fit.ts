import type { Block } from "./block.ts";
import {
  dayTypesOfHours,
  fillRegressors,
  loadRows,
  type RowScale,
  refineRows,
  squareRow,
  typicalCellsOf,
  weatherRowsPerArea,
} from "./block-window.ts";
import { type CalendarRows, createCalendarRows, hoursOfDay } from "./calendar-rows.ts";
import { dayTypeCount, type IsHoliday } from "./day-types.ts";
import type { KnownStep } from "./detection-state.ts";
import { type Expectation, fitExpectation } from "./expectation.ts";
import type { GroupView } from "./group-view.ts";
import { dailyMaxima, type HourLimits, type HourRows, ratedLimit } from "./hours.ts";
import type { DetectionParameters } from "./parameters.ts";
import { createResiduals, type Residuals, writeResiduals } from "./residuals.ts";
import { medianInPlace } from "./statistics/select.ts";

/** The expectation of a block as of one refit day, with the residuals it leaves. Valid for the 7 civil days from `week` on. */
export interface BlockFit {
  readonly week: number;
  readonly calendar: CalendarRows;
  readonly scale: RowScale;
  readonly expectation: Expectation;
  readonly residuals: Residuals;
}

export interface FitContext {
  readonly view: GroupView;
  readonly parameters: DetectionParameters;
  readonly isHoliday: IsHoliday;
  /** Local time as the last fit of each block needed it. */
  readonly calendars: Map<Block, CalendarRows>;
}

/** Fits a block on the days [week - lag - fitDays, week - lag) and computes its residuals up to the day before `week`. */
export function fitBlock(context: FitContext, block: Block, week: number, knownSteps: readonly KnownStep[]): BlockFit {
  const { view, parameters } = context;
  const firstDay = week - parameters.fitLagDays - parameters.fitDays;
  const calendar = calendarOf(context, block, firstDay, week + 7 - firstDay);
  const fitEnd = hourOfDay(calendar, week - parameters.fitLagDays);
  const hours = hourOfDay(calendar, week) + 27 - calendar.firstHour;
  const range = { firstHour: calendar.firstHour, hours };
  const rows = loadRows(view, block, range);
  const limits = hourLimits(view, block, rows, { firstHour: calendar.firstHour, endHour: fitEnd });
  refineRows(view, block, rows, { limits, knownSteps, calendar });
  const window = { from: calendar.firstHour - rows.firstHour, to: fitEnd - rows.firstHour };
  const dayTypeOfHour = dayTypesOfHours(calendar, rows.firstHour, rows.hours);
  const typicalCells = typicalCellsOf(dayTypeOfHour, rows.firstHour);
  const scale = createScale(context, block, rows, { ...window, typicalCells, limits, knownSteps });
  const regressors = fillRegressors(view, block, rows, { ...scale, typicalCells });
  const dataFrom = firstHourWithData(block, rows, window);
  const expectation = fitExpectation(block, regressors, scale.meanKw, { from: dataFrom, to: window.to, dayTypeOfHour }, parameters);
  const residuals = createResiduals(block, week - parameters.residualDays, parameters.residualDays + 7);
  writeResiduals(block, { calendar, expectation, rows, regressors, residuals }, residuals.firstDay, week);
  return { week, calendar, scale, expectation, residuals };
}

/** Computes the residuals of one civil day (of the fit's window or its week) from the pages as they are now. */
export function refreshResidualDay(context: FitContext, block: Block, fit: BlockFit, civilDay: number): void {
  const { view } = context;
  const { calendar, scale, expectation, residuals } = fit;
  const { firstHour, endHour } = hoursOfDay(calendar, civilDay);
  const range = { firstHour, hours: endHour - firstHour };
  const rows = loadRows(view, block, range);
  refineRows(view, block, rows, { limits: scale.limits, knownSteps: scale.knownSteps, calendar });
  const typicalCells = typicalCellsOf(dayTypesOfHours(calendar, rows.firstHour, rows.hours), rows.firstHour);
  const regressors = fillRegressors(view, block, rows, { ...scale, typicalCells });
  writeResiduals(block, { calendar, expectation, rows, regressors, residuals }, civilDay, civilDay + 1);
}

/** Local time of a block over the days of a fit; most of them were asked for by the fit before. */
function calendarOf(context: FitContext, block: Block, firstDay: number, days: number): CalendarRows {
  const calendar = createCalendarRows(context.view, block, context.isHoliday, { firstDay, days }, context.calendars.get(block));
  context.calendars.set(block, calendar);
  return calendar;
}

function hourOfDay(calendar: CalendarRows, civilDay: number): number {
  const at = (civilDay - calendar.firstDay) * 24;
  const table = calendar.utcHours[0];
  return table[at] >= 0 ? table[at] : table[at + 1];
}

/** Believable hours of each meter: from a thirtieth of to 4 times the median daily maximum of the four weeks before the lag. */
function hourLimits(view: GroupView, block: Block, raw: HourRows, window: { firstHour: number; endHour: number }): HourLimits {
  const lowKw = new Float64Array(block.streamCount).fill(Number.NaN);
  const highKw = lowKw.slice();
  const days = Math.min(28, Math.floor((window.endHour - window.firstHour) / 24));
  const from = window.endHour - days * 24 - raw.firstHour;
  const maxima = new Float64Array(days);
  for (let stream = 0; stream < block.meterCount; stream++) {
    const count = dailyMaxima(raw, stream, from, ratedLimit(view, block, stream), maxima);
    if (count < 7) continue;
    const median = medianInPlace(maxima, count);
    lowKw[stream] = 0.03 * median;
    highKw[stream] = 4 * median;
  }
  return { lowKw, highKw };
}

function createScale(
  context: FitContext,
  block: Block,
  rows: HourRows,
  window: { from: number; to: number; typicalCells: Uint8Array; limits: HourLimits; knownSteps: readonly KnownStep[] },
): RowScale {
  const { view, parameters } = context;
  const meanKw = new Float64Array(block.streamCount).fill(Number.NaN);
  const unfit = new Uint8Array(block.streamCount);
  const minHours = parameters.minFitDays * 24 * 0.8;
  for (let stream = 0; stream < block.streamCount; stream++) {
    const { mean, count } = meanOf(rows, stream, window);
    const base = stream < block.meterCount ? mean : meanKw[block.parents[stream]];
    if (count >= minHours) meanKw[stream] = base;
    unfit[stream] = count < (window.to - window.from) * 0.1 || count < minHours || Number.isNaN(base) ? 1 : 0;
  }
  const middle = rows.firstHour + Math.floor((window.from + window.to) / 2);
  const weatherAreas = [...block.areas].filter((area) => !Number.isNaN(view.temperatureC(area, middle)));
  const typical = typicalProfiles(block, rows, meanKw, window);
  const extras = Array.from({ length: block.streamCount }, (_, stream) => {
    const area = weatherAreas.indexOf(view.areas[block.slots[stream]]);
    const weather =
      area < 0 ? [] : Array.from({ length: weatherRowsPerArea }, (_row, k) => block.streamCount + area * weatherRowsPerArea + k);
    const square = stream < block.meterCount ? [] : [squareRow(block, weatherAreas, stream)];
    return Int32Array.from([...weather, ...square]);
  });
  return { meanKw, limits: window.limits, typical, knownSteps: window.knownSteps, weatherAreas, extras, unfit };
}

function meanOf(rows: HourRows, stream: number, window: { from: number; to: number }): { mean: number; count: number } {
  let sum = 0;
  let count = 0;
  for (let t = window.from; t < window.to; t++) {
    const value = rows.values[stream * rows.hours + t];
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return { mean: count > 0 && sum > 0 ? sum / count : Number.NaN, count };
}

/** Mean share by day type and UTC hour over the last 8 weeks of the window; an empty cell takes the hour's mean over all day types, else 1. */
function typicalProfiles(
  block: Block,
  rows: HourRows,
  meanKw: Float64Array,
  window: { from: number; to: number; typicalCells: Uint8Array },
): Float32Array {
  const typical = new Float32Array(block.streamCount * dayTypeCount * 24);
  const sums = new Float64Array(dayTypeCount * 24);
  const counts = new Float64Array(dayTypeCount * 24);
  const from = Math.max(window.from, window.to - 56 * 24);
  for (let stream = 0; stream < block.streamCount; stream++) {
    sums.fill(0);
    counts.fill(0);
    for (let t = from; t < window.to; t++) {
      const value = rows.values[stream * rows.hours + t];
      if (value !== value) continue;
      const cell = window.typicalCells[t];
      sums[cell] += value / meanKw[stream];
      counts[cell] += 1;
    }
    for (let cell = 0; cell < sums.length; cell++) typical[stream * sums.length + cell] = cellMean(sums, counts, cell);
  }
  return typical;
}

function cellMean(sums: Float64Array, counts: Float64Array, cell: number): number {
  if (counts[cell] > 0) return sums[cell] / counts[cell];
  const hour = cell % 24;
  let sum = 0;
  let count = 0;
  for (let other = hour; other < sums.length; other += 24) {
    sum += sums[other];
    count += counts[other];
  }
  const mean = sum / count;
  return Number.isFinite(mean) ? mean : 1;
}

/** First hour of the window at which a tenth of the meters have data: a young group is fitted on what it has. */
function firstHourWithData(block: Block, rows: HourRows, window: { from: number; to: number }): number {
  for (let t = window.from; t < window.to; t += 24) {
    let present = 0;
    for (let stream = 0; stream < block.meterCount; stream++) if (!Number.isNaN(rows.values[stream * rows.hours + t])) present += 1;
    if (present * 10 >= block.meterCount) return t;
  }
  return window.to;
}
