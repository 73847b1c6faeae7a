import type { Assessment } from "./assessment.ts";
import type { GroupView, LocalCalendar } from "./group-view.ts";
import { marginalLoss } from "./technical-loss.ts";

/** What a load amounts to. */
export interface Estimates {
  /** From its onset to the end of the judged day, kWh. NaN of a step down: since when it was there is another question. */
  readonly energyKwh: number;
  /**
   * Of a bypass: by how much the balance rose at the onset because the loss of the lines grows with the square of the load, kW, mean over the day. It
   * is no part of the step. NaN of other steps.
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
    technicalLossKw: isLoss ? technicalLoss(found) : Number.NaN,
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

function technicalLoss({ judged, stream, stepKw, increment }: Assessment): number {
  const runningShare = increment.template.running.reduce((sum, running) => sum + running, 0) / 24;
  return marginalLoss(judged, stream, increment.size) * stepKw * runningShare;
}
