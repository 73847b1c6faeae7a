import type { Assessment } from "./assessment.ts";
import type { KnownStep } from "./detection-state.ts";
import { freshAge } from "./fresh-steps.ts";
import type { JudgedGroup } from "./group-context.ts";

/** Since when a load that ceased had been there. */
export interface LoadOrigin {
  /**
   *   raised   a step up that was raised: its onset
   *   before   no step up of its size in the past that is remembered: the load is older than that
   */
  readonly basis: "raised" | "before";
  readonly civilDay: number;
  readonly utcHour: number;
}

/** Past step over the fall from which on it can have been the beginning. */
const leastSize = 0.6;

/** Of a step down: the step it ends, or how far back the stream's remembered steps show no beginning. undefined of a step up, and where one could be it. */
export function originOf({ state, view }: JudgedGroup, found: Assessment, ends: KnownStep | undefined): LoadOrigin | undefined {
  if (found.direction > 0) return undefined;
  if (ends !== undefined) return { basis: "raised", civilDay: ends.onsetDay, utcHour: ends.onsetHour };
  const steps = state.pages.map((page) => page[found.groupStream]);
  const held = steps.findIndex((step) => !Number.isNaN(step));
  if (held < 0 || steps.some((step) => step >= leastSize * Math.abs(found.increment.size))) return undefined;
  const civilDay = state.days[held] - freshAge;
  return {
    basis: "before",
    civilDay,
    utcHour: view.calendars[view.calendarOf[found.judged.block.slots[found.stream]]].utcHour(civilDay, 12),
  };
}
