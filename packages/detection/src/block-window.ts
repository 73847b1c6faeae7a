import type { Block } from "./block.ts";
import { type CalendarRows, hoursOfDay, localHourIn } from "./calendar-rows.ts";
import type { KnownStep } from "./detection-state.ts";
import { dayTypeCount } from "./day-types.ts";
import type { RegressorRows } from "./expectation.ts";
import type { GroupView } from "./group-view.ts";
import { cleanHours, computeLosses, gatherHours, type HourLimits, type HourRows } from "./hours.ts";
import { subtractKnownSteps } from "./known-steps.ts";

/** What turns raw hours of a block into rows in shares of the mean, the same for a whole window and for one appended day. */
export interface RowScale {
  readonly meanKw: Float64Array;
  readonly limits: HourLimits;
  /** Typical share of the mean by [stream][dayType * 24 + utcHourOfDay]: stands in for a peer's missing hour. */
  readonly typical: Float32Array;
  readonly knownSteps: readonly KnownStep[];
  /** Areas of the block that have weather, in row order. */
  readonly weatherAreas: readonly number[];
  readonly extras: readonly Int32Array[];
  readonly unfit: Uint8Array;
}

/** Hours that cleaning looks back. */
const lookBackHours = 4;
/** Weather rows of an area: heating degrees, cooling degrees, heating degrees over the last day (walls are slow). */
export const weatherRowsPerArea = 3;
const heatingBaseC = 16;
const coolingBaseC = 20;

/**
 * Rows of the window at hand, shared by all groups: 4 MB for a block of 150 meters that stay in the cache, where one pair a group would be
 * cold whenever its turn comes. Good until the next window is loaded.
 */
let raw = new Float64Array(0);
let filled = new Float64Array(0);

function regressorRowCount(block: Block, weatherAreas: readonly number[]): number {
  return block.streamCount + weatherAreas.length * weatherRowsPerArea + (block.streamCount - block.meterCount);
}

/** Row of the square that a loss stream is regressed on: they come last, in the order of the streams. */
export function squareRow(block: Block, weatherAreas: readonly number[], stream: number): number {
  return regressorRowCount(block, weatherAreas) - (block.streamCount - stream);
}

/** Raw kW rows over [firstHour, firstHour + hours) and the hours before it that cleaning looks back on. */
export function loadRows(view: GroupView, block: Block, range: { firstHour: number; hours: number }): HourRows {
  const hours = range.hours + lookBackHours;
  if (raw.length < block.streamCount * hours) raw = new Float64Array(block.streamCount * hours);
  return gatherHours(view, block, range.firstHour - lookBackHours, hours, raw);
}

/** Cleans raw rows by limits, computes the losses and takes the known steps out. */
export function refineRows(
  view: GroupView,
  block: Block,
  rows: HourRows,
  clean: { limits: HourLimits; knownSteps: readonly KnownStep[]; calendar: CalendarRows },
): void {
  cleanHours(view, block, rows, clean.limits);
  computeLosses(block, rows);
  subtractKnownSteps(block, rows, clean.knownSteps, (stream, utcHour) => localHourIn(clean.calendar, stream, utcHour));
}

/** Rows in shares of the mean with nothing missing, plus weather and loss squares. Same hours as `rows`. */
export function fillRegressors(
  view: GroupView,
  block: Block,
  rows: HourRows,
  scale: RowScale & { readonly typicalCells: Uint8Array },
): RegressorRows {
  const { hours } = rows;
  const rowCount = regressorRowCount(block, scale.weatherAreas);
  if (filled.length < rowCount * hours) filled = new Float64Array(rowCount * hours);
  for (let stream = 0; stream < block.streamCount; stream++) fillShares(rows, stream, scale);
  scale.weatherAreas.forEach((area, i) => fillWeather(view, area, rows, (block.streamCount + i * weatherRowsPerArea) * hours));
  for (let loss = block.meterCount; loss < block.streamCount; loss++)
    fillSquare(block, loss, hours, scale.meanKw, squareRow(block, scale.weatherAreas, loss) * hours);
  return { rowCount, hours, values: filled, extras: scale.extras, unfit: scale.unfit };
}

/**
 * Square of the load that a parent's children take, in shares of the parent's mean. The parent's own load has the balance in it: regressed on its
 * square, a balance that wanders explains itself, and a 400 kW bypass in a balance that wandered by 60 kW was sized at 171 kW instead of 376.
 */
function fillSquare({ children, parents }: Block, loss: number, hours: number, meanKw: Float64Array, out: number): void {
  filled.fill(0, out, out + hours);
  for (const child of children[loss]) {
    const share = meanKw[child] / meanKw[parents[loss]];
    if (share !== share) continue;
    for (let t = 0; t < hours; t++) filled[out + t] += share * filled[child * hours + t];
  }
  for (let t = 0; t < hours; t++) filled[out + t] **= 2;
}

/** A function of its own: within the loop over streams it was compiled while it ran and thrown away at its end, 250 times a run. */
function fillShares({ values, hours }: HourRows, stream: number, scale: RowScale & { readonly typicalCells: Uint8Array }): void {
  const { typical, typicalCells } = scale;
  const mean = scale.meanKw[stream];
  const start = stream * hours;
  const profile = stream * dayTypeCount * 24;
  for (let t = 0; t < hours; t++) {
    const share = values[start + t] / mean;
    filled[start + t] = share === share ? share : typical[profile + typicalCells[t]];
  }
}

function fillWeather(view: GroupView, area: number, rows: HourRows, start: number): void {
  const { hours, firstHour } = rows;
  const heatingAt = (hour: number) => {
    const temperature = view.temperatureC(area, hour);
    return Number.isNaN(temperature) ? 0 : Math.max(0, heatingBaseC - temperature) / 10;
  };
  let day = 0;
  for (let back = 1; back <= 24; back++) day += heatingAt(firstHour - back);
  for (let t = 0; t < hours; t++) {
    const temperature = view.temperatureC(area, firstHour + t);
    const heating = heatingAt(firstHour + t);
    day += heating - heatingAt(firstHour + t - 24);
    filled[start + t] = heating;
    filled[start + hours + t] = Number.isNaN(temperature) ? 0 : Math.max(0, temperature - coolingBaseC) / 10;
    filled[start + 2 * hours + t] = day / 24;
  }
}

/** Whether the residuals of a civil day depend on any of the UTC hours [first, last]: its own hours and those that cleaning looks back on. */
export function readsHours(calendar: CalendarRows, civilDay: number, { first, last }: { first: number; last: number }): boolean {
  const span = hoursOfDay(calendar, civilDay);
  return last >= span.firstHour - lookBackHours && first < span.endHour;
}

/** Day type of each UTC hour by the block's first calendar and area: good enough for centring and filling. */
export function dayTypesOfHours(calendar: CalendarRows, firstHour: number, hours: number): Uint8Array {
  const types = new Uint8Array(hours);
  const table = calendar.utcHours[0];
  // The hours stand in the table where they would without clock changes, give or take a few.
  const guess = firstHour - calendar.firstHour;
  const end = Math.min(table.length, guess + hours + 30);
  for (let i = Math.max(0, guess - 30); i < end; i++) {
    const t = table[i] - firstHour;
    if (table[i] >= 0 && t >= 0 && t < hours) types[t] = calendar.dayTypes[0][Math.floor(i / 24)]!;
  }
  return types;
}

/** Cell of a stream's typical profile for each hour: dayType * 24 + UTC hour of the day. */
export function typicalCellsOf(dayTypeOfHour: Uint8Array, firstHour: number): Uint8Array {
  let utcHour = firstHour % 24;
  return dayTypeOfHour.map((type) => {
    const cell = type * 24 + utcHour;
    utcHour = utcHour === 23 ? 0 : utcHour + 1;
    return cell;
  });
}
