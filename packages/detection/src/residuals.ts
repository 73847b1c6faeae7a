import type { Block } from "./block.ts";
import type { CalendarRows } from "./calendar-rows.ts";
import type { Expectation, RegressorRows } from "./expectation.ts";
import type { HourRows } from "./hours.ts";
import { takeFloat32 } from "./rooms.ts";

/** Residuals of a block by local day and hour, in shares of each stream's mean. [(stream * days + day) * 24 + localHour]; NaN = no data. */
export interface Residuals {
  readonly firstDay: number;
  readonly days: number;
  /** Share less what the regressors say. */
  readonly raw: Float32Array;
  /** The same without what peers that were displaced leak into it (see displacements.ts): what steps are measured on. */
  readonly values: Float32Array;
}

/** What residuals are computed from. `rows` and `regressors` cover the same hours. */
export interface ResidualSource {
  readonly calendar: CalendarRows;
  readonly expectation: Expectation;
  readonly rows: HourRows;
  readonly regressors: RegressorRows;
  readonly residuals: Residuals;
}

export function createResiduals(block: Block, firstDay: number, days: number): Residuals {
  const cells = block.streamCount * days * 24;
  return { firstDay, days, raw: takeFloat32(cells).fill(Number.NaN), values: takeFloat32(cells).fill(Number.NaN) };
}

/**
 * Writes the raw residuals of the civil days [firstDay, endDay) of every stream: share - sum(coefficient * regressor). The order of summation is that of the
 * regressors, so a day comes out the same to the bit whether it is computed with its window or alone.
 *
 * Local hours follow on each other as UTC hours do except at clock changes, so the days are cut into runs of successive hours and
 * these into eights: the sums of eight hours stay in registers while the regressors go by, and the eight hours of all regressors in the cache
 * while the streams do.
 */
export function writeResiduals(block: Block, source: ResidualSource, firstDay: number, endDay: number): void {
  const { calendar, rows, residuals } = source;
  const cells = { from: (firstDay - calendar.firstDay) * 24, to: (endDay - calendar.firstDay) * 24 };
  const shift = (calendar.firstDay - residuals.firstDay) * 24;
  calendar.utcHours.forEach((table, calendarRow) => {
    for (let cell = cells.from; cell < cells.to; ) {
      const length = runLength(table, cell, cells.to, rows.firstHour + rows.hours);
      if (length > 0) writeRun(block, source, calendarRow, { t: table[cell] - rows.firstHour, at: cell + shift, length });
      else writeNothing(block, source, calendarRow, cell + shift);
      cell += Math.max(1, length);
    }
  });
}

/** Cells from `cell` on whose UTC hours follow on each other; 0 where the cell has no hour, or one past the rows. */
function runLength(table: Int32Array, cell: number, end: number, endHour: number): number {
  const first = table[cell];
  if (first < 0 || first >= endHour) return 0;
  let next = cell + 1;
  while (next < end && table[next] === first + next - cell && table[next] < endHour) next++;
  return next - cell;
}

function writeNothing(block: Block, { calendar, residuals }: ResidualSource, calendarRow: number, at: number): void {
  for (let stream = 0; stream < block.streamCount; stream++)
    if (calendar.rowOf[stream] === calendarRow) residuals.raw[stream * residuals.days * 24 + at] = Number.NaN;
}

/** Hours from column `t` of the rows on, to cell `at` of the residuals on. */
interface Run {
  readonly t: number;
  readonly at: number;
  readonly length: number;
}

function writeRun(block: Block, source: ResidualSource, calendarRow: number, { t, at, length }: Run): void {
  const { rowOf } = source.calendar;
  const { meanKw } = source.expectation;
  const rowCells = source.residuals.days * 24;
  for (let done = 0; done < length; done += 8) {
    for (let stream = 0; stream < block.streamCount; stream++) {
      const mean = meanKw[stream];
      if (rowOf[stream] !== calendarRow || mean !== mean) continue;
      const out = stream * rowCells + at + done;
      if (length - done >= 8) writeEight(source, stream, t + done, out);
      else for (let i = 0; i < length - done; i++) writeOne(source, stream, t + done + i, out + i);
    }
  }
}

function writeEight(source: ResidualSource, stream: number, t: number, out: number): void {
  const { meanKw, width, regressors: regressorRows, coefficients } = source.expectation;
  const { values, hours } = source.regressors;
  const kw = source.rows.values;
  const mean = meanKw[stream];
  const from = stream * hours + t;
  let s0 = kw[from] / mean;
  let s1 = kw[from + 1] / mean;
  let s2 = kw[from + 2] / mean;
  let s3 = kw[from + 3] / mean;
  let s4 = kw[from + 4] / mean;
  let s5 = kw[from + 5] / mean;
  let s6 = kw[from + 6] / mean;
  let s7 = kw[from + 7] / mean;
  for (let k = stream * width; k < (stream + 1) * width; k++) {
    const row = regressorRows[k];
    if (row < 0) break;
    const coefficient = coefficients[k];
    const base = row * hours + t;
    s0 -= coefficient * values[base];
    s1 -= coefficient * values[base + 1];
    s2 -= coefficient * values[base + 2];
    s3 -= coefficient * values[base + 3];
    s4 -= coefficient * values[base + 4];
    s5 -= coefficient * values[base + 5];
    s6 -= coefficient * values[base + 6];
    s7 -= coefficient * values[base + 7];
  }
  const residuals = source.residuals.raw;
  residuals[out] = s0;
  residuals[out + 1] = s1;
  residuals[out + 2] = s2;
  residuals[out + 3] = s3;
  residuals[out + 4] = s4;
  residuals[out + 5] = s5;
  residuals[out + 6] = s6;
  residuals[out + 7] = s7;
}

function writeOne(source: ResidualSource, stream: number, t: number, out: number): void {
  const { meanKw, width, regressors: regressorRows, coefficients } = source.expectation;
  const { values, hours } = source.regressors;
  let share = source.rows.values[stream * hours + t] / meanKw[stream];
  for (let k = stream * width; k < (stream + 1) * width; k++) {
    const row = regressorRows[k];
    if (row < 0) break;
    share -= coefficients[k] * values[row * hours + t];
  }
  source.residuals.raw[out] = share;
}
