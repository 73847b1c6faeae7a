import { Quality } from "@hashwatt/contracts";
import type { MeteredDay, MeterFault } from "./grid-day.ts";

export const faultKinds = ["ct_change", "unit_error", "frozen", "estimated_fill", "gap", "rollover_spike", "clock_shift"] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultPlan {
  readonly kind: FaultKind;
  readonly meterIndex: number;
  readonly fromMs: number;
  /** Infinity = to the end. */
  readonly toMs: number;
  /** ct_change, unit_error: readings are multiplied by it. rollover_spike: the size of the spike over the true value. */
  readonly factor?: number;
  /** clock_shift: how far the stamps run late, in slots. */
  readonly shiftSlots?: number;
  /** estimated_fill: true values follow as revisions. */
  readonly revisedLater?: boolean;
}

type DayFault = (day: MeteredDay, slot: number) => void;

interface FaultRun {
  readonly fault: DayFault;
  readonly before?: (day: MeteredDay) => void;
  readonly remember?: (day: MeteredDay) => void;
}

function scaled(plan: FaultPlan): FaultRun {
  const factor = plan.factor ?? 1;
  return {
    fault: (day, slot) => {
      day.kw[slot] *= factor;
      day.kvar[slot] *= factor;
    },
  };
}

/** The last value before the fault, again and again. */
function frozen(): FaultRun {
  let kw = Number.NaN;
  let kvar = Number.NaN;
  return {
    fault: (day, slot) => {
      if (slot > 0) [kw, kvar] = [day.kw[slot - 1], day.kvar[slot - 1]];
      if (!Number.isNaN(kw)) [day.kw[slot], day.kvar[slot]] = [kw, kvar];
    },
    remember: (day) => {
      kw = day.kw[day.clock.slots - 1];
      kvar = day.kvar[day.clock.slots - 1];
    },
  };
}

/** The profile of the last good day, marked as estimated; a fill of a day's mean where there was none. */
function estimatedFill(plan: FaultPlan): FaultRun {
  let reference: Float64Array | undefined;
  return {
    fault: (day, slot) => {
      const value = reference?.[slot] ?? day.kw[0];
      if (plan.revisedLater === true) day.correctedKw[slot] = day.kw[slot];
      day.kw[slot] = value;
      day.kvar[slot] = Number.NaN;
      day.quality[slot] = Quality.estimated;
    },
    remember: (day) => {
      if (day.startMs + day.clock.slots * day.clock.slotMs <= plan.fromMs) reference = day.kw.slice();
    },
  };
}

/** Values under stamps that are `shiftSlots` late. Shifts of more than a day are refused. */
function clockShift(plan: FaultPlan): FaultRun {
  const shift = plan.shiftSlots ?? 1;
  let yesterday: Float64Array | undefined;
  let today: Float64Array | undefined;
  return {
    before: (day) => {
      yesterday = today;
      today = day.kw.slice();
    },
    fault: (day, slot) => {
      const from = slot - shift;
      const value = from >= 0 ? today?.[from] : yesterday?.[day.clock.slots + from];
      if (value !== undefined) day.kw[slot] = value;
    },
  };
}

const faults: Readonly<Record<FaultKind, (plan: FaultPlan) => FaultRun>> = {
  ct_change: scaled,
  unit_error: scaled,
  rollover_spike: scaled,
  frozen,
  estimated_fill: estimatedFill,
  gap: () => ({ fault: (day, slot) => void (day.kw[slot] = Number.NaN) }),
  clock_shift: clockShift,
};

/** A fault as something that edits a meter's days. */
export function meterFault(plan: FaultPlan): MeterFault {
  const start = () => {
    const run = faults[plan.kind](plan);
    return (day: MeteredDay) => {
      run.before?.(day);
      for (let slot = 0; slot < day.clock.slots; slot++) {
        const atMs = day.startMs + slot * day.clock.slotMs;
        if (atMs >= plan.fromMs && atMs < plan.toMs) run.fault(day, slot);
      }
      run.remember?.(day);
    };
  };
  return { meterIndex: plan.meterIndex, fromMs: plan.fromMs, toMs: plan.toMs, start };
}
