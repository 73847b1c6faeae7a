import type { Block } from "./block.ts";
import type { HourRows } from "./hours.ts";
import type { KnownStep } from "./detection-state.ts";

/**
 * Takes the steps already raised out of the rows: once found, a mine is neither found again nor mistaken for load by its peers.
 * `localHourOf(stream, utcHour)` gives the local hour that the step's profile is told in.
 */
export function subtractKnownSteps(
  block: Block,
  rows: HourRows,
  steps: readonly KnownStep[],
  localHourOf: (stream: number, utcHour: number) => number,
): void {
  for (const step of steps) {
    const stream = block.groupStreams.indexOf(step.groupStream);
    if (stream < 0) continue;
    const from = Math.max(0, step.onsetHour - rows.firstHour);
    const to = Math.min(rows.hours, step.endHour - rows.firstHour);
    for (let t = from; t < to; t++) {
      const kw = step.profileKw[localHourOf(stream, rows.firstHour + t)];
      rows.values[stream * rows.hours + t] -= kw;
    }
  }
}
