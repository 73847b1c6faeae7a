import type { DetectionState } from "./detection-state.ts";

/**
 * Age at which the steps of all streams are remembered, full days. No fit has seen them then: later ones learn what meters do together, and of a
 * transfer or of a cold that half of an area shows a third is left in the residuals after three weeks.
 */
export const freshAge = 10;

/** Flat steps of a stream with onsets on the days around one, as they were measured at `freshAge`; shares of the mean, NaN = not judged. */
export function freshSteps(state: DetectionState, groupStream: number, onsetDay: number, within: number): number[] {
  return Array.from({ length: 2 * within + 1 }, (_, i) => {
    const row = state.days.indexOf(onsetDay - within + i + freshAge);
    return row < 0 ? Number.NaN : state.pages[row][groupStream];
  }).filter((step) => !Number.isNaN(step));
}
