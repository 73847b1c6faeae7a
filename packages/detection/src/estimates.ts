import type { Assessment } from "./assessment.ts";
import { regressorRowCount } from "./block-window.ts";
import { type GroupView, hourKw, type LocalCalendar } from "./group-view.ts";
import { coefficientOf } from "./peer-steps.ts";

/** What a load amounts to. */
export interface Estimates {
  /** From its onset to the end of the judged day, kWh. NaN of a step down: since when it was there is another question. */
  readonly energyKwh: number;
  /**
   * Of a bypass: by how much the balance rose at the onset because the loss of the lines grows with the square of the parent's load, kW. It is
   * no part of the step. NaN of other steps.
   */
  readonly technicalLossKw: number;
}

export function estimate(view: GroupView, found: Assessment): Estimates {
  const { civilDay, age, onset, stepKw, increment, isLoss } = found;
  const calendar = view.calendars[view.calendarOf[found.judged.block.slots[found.stream]]];
  const load = {
    onsetDay: onset.civilDay,
    onsetHour: onset.utcHour,
    restDay: found.weights.gapDays > 1 ? civilDay - age : onset.civilDay,
    profileKw: increment.template.running.map((running) => running * stepKw),
  };
  return {
    energyKwh: found.direction > 0 ? energyOf(calendar, load, { day: civilDay, hour: Infinity }) : Number.NaN,
    technicalLossKw: isLoss ? technicalLoss(view, found) : Number.NaN,
  };
}

/** Energy of a load from its onset to the end of a civil day or to a UTC hour, whichever comes first; until it rests it grows straight. */
export function energyOf(
  calendar: LocalCalendar,
  load: { onsetDay: number; onsetHour: number; restDay: number; profileKw: Float64Array },
  to: { day: number; hour: number },
): number {
  let energyKwh = 0;
  for (let day = load.onsetDay; day <= to.day; day++) {
    const part = Math.min(1, (day - load.onsetDay + 1) / (load.restDay - load.onsetDay + 1));
    for (let hour = 0; hour < 24; hour++) {
      const utcHour = calendar.utcHour(day, hour);
      if (utcHour >= load.onsetHour && utcHour < to.hour) energyKwh += load.profileKw[hour] * part;
    }
  }
  return energyKwh;
}

/**
 * Coefficient of the parent's squared load in the expected balance, times what the step adds to the mean square: of the same hours with and
 * without it, so that the weather of the days before and since is no part of it.
 */
function technicalLoss(view: GroupView, { judged, stream, onset, civilDay, meanKw, stepKw, increment }: Assessment): number {
  const { block, fit } = judged;
  const square = regressorRowCount(block, fit.scale.weatherAreas) - (block.streamCount - stream);
  const addedKw = (stepKw * increment.template.running.reduce((sum, running) => sum + running, 0)) / 24;
  const loadKw = meanLoad(view, block.slots[stream], { from: onset.utcHour, to: (civilDay + 1) * 24 });
  // squares are of shares of the parent's mean, and so is the balance
  return (coefficientOf(judged, stream, square) * addedKw * (2 * loadKw - addedKw)) / meanKw;
}

/** Mean kW over the UTC hours with data. */
function meanLoad(view: GroupView, slot: number, { from, to }: { from: number; to: number }): number {
  let sum = 0;
  let count = 0;
  for (let utcHour = from; utcHour < to; utcHour++) {
    const kw = hourKw(view, slot, utcHour);
    if (Number.isNaN(kw)) continue;
    sum += kw;
    count += 1;
  }
  return count > 0 ? sum / count : Number.NaN;
}
