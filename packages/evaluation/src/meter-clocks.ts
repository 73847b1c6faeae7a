import { DAY_MS, type Meter } from "@hashwatt/contracts";
import { createZoneClock, type DayClock, type ZoneClock } from "./zone-clock.ts";

interface ClockPlan {
  readonly meters: readonly Meter[];
  /** Midnight UTC. */
  readonly fromMs: number;
  readonly days: number;
  /** Local days "YYYY-MM-DD". */
  readonly holidays: ReadonlySet<string>;
}

/** Clocks of all meters on a day; meters of one zone and cadence share one. */
export function createMeterClocks(plan: ClockPlan): (dayIndex: number) => readonly DayClock[] {
  const zones = new Map<string, ZoneClock>();
  for (const { timeZone } of plan.meters) {
    if (!zones.has(timeZone)) zones.set(timeZone, createZoneClock(timeZone, plan.fromMs, plan.days * 24, plan.holidays));
  }
  return (dayIndex) => {
    const today = new Map<string, DayClock>();
    return plan.meters.map(({ timeZone, intervalMinutes }) => {
      const key = `${timeZone} ${intervalMinutes}`;
      let clock = today.get(key);
      if (!clock) {
        clock = zones.get(timeZone)!.dayClock(plan.fromMs + dayIndex * DAY_MS, intervalMinutes);
        today.set(key, clock);
      }
      return clock;
    });
  };
}
