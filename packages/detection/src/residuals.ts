import type { Block } from "./block.ts";
import type { CalendarRows } from "./calendar-rows.ts";
import type { Expectation, RegressorRows } from "./expectation.ts";
import type { HourRows } from "./hours.ts";

/** Residuals of a block by local day and hour, in shares of each stream's mean. [(stream * days + day) * 24 + localHour]; NaN = no data. */
export interface Residuals {
  readonly firstDay: number;
  readonly days: number;
  readonly values: Float32Array;
}

export function createResiduals(block: Block, firstDay: number, days: number): Residuals {
  return { firstDay, days, values: new Float32Array(block.streamCount * days * 24).fill(Number.NaN) };
}

/**
 * Writes one civil day of every stream: share - sum(coefficient * regressor). The order of summation is that of the regressors, so a day
 * comes out the same to the bit whether it is computed with its window or alone.
 */
export function writeResidualDay(
  block: Block,
  from: { calendar: CalendarRows; expectation: Expectation; rows: HourRows; regressors: RegressorRows; residuals: Residuals },
  civilDay: number,
): void {
  const { calendar, expectation, rows, regressors, residuals } = from;
  const day = new Float64Array(24);
  const at = new Int32Array(24);
  for (let stream = 0; stream < block.streamCount; stream++) {
    const out = (stream * residuals.days + civilDay - residuals.firstDay) * 24;
    const mean = expectation.meanKw[stream];
    if (Number.isNaN(mean)) {
      residuals.values.fill(Number.NaN, out, out + 24);
      continue;
    }
    const table = calendar.utcHours[calendar.rowOf[stream]];
    const start = (civilDay - calendar.firstDay) * 24;
    for (let hour = 0; hour < 24; hour++) {
      const t = table[start + hour] - rows.firstHour;
      const usable = table[start + hour] >= 0 && t < rows.hours;
      at[hour] = usable ? t : 0;
      day[hour] = usable ? rows.values[stream * rows.hours + t] / mean : Number.NaN;
    }
    subtractExpected(expectation, regressors, stream, day, at);
    for (let hour = 0; hour < 24; hour++) residuals.values[out + hour] = day[hour]!;
  }
}

function subtractExpected(expectation: Expectation, regressors: RegressorRows, stream: number, day: Float64Array, at: Int32Array): void {
  const { width } = expectation;
  const { values, hours } = regressors;
  const contiguous = at[23] - at[0] === 23;
  for (let k = 0; k < width; k++) {
    const row = expectation.regressors[stream * width + k];
    if (row < 0) break;
    const coefficient = expectation.coefficients[stream * width + k];
    const base = row * hours;
    if (contiguous) {
      const first = base + at[0];
      for (let hour = 0; hour < 24; hour++) day[hour] -= coefficient * values[first + hour];
    } else {
      for (let hour = 0; hour < 24; hour++) day[hour] -= coefficient * values[base + at[hour]];
    }
  }
}
