import { Quality } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import type { MeteredDay } from "./grid-day.ts";
import { type FaultPlan, meterFault } from "./meter-faults.ts";
import { createZoneClock } from "./zone-clock.ts";

const hour = 3_600_000;
const clock = createZoneClock("UTC", 0, 72, new Set());
const dayOf = (day: number): MeteredDay => ({
  startMs: day * 24 * hour,
  clock: clock.dayClock(day * 24 * hour, 60),
  kw: Float64Array.from({ length: 24 }, (_, slot) => 100 * (day + 1) + slot),
  kvar: new Float64Array(24).fill(10),
  quality: new Uint8Array(24),
  correctedKw: new Float64Array(24).fill(Number.NaN),
});
/** Two days through a fault from 20:00 of the first to 04:00 of the second. */
const run = (plan: Omit<FaultPlan, "meterIndex" | "fromMs" | "toMs">) => {
  const apply = meterFault({ meterIndex: 0, fromMs: 20 * hour, toMs: 28 * hour, ...plan }).start();
  const days = [dayOf(0), dayOf(1)];
  for (const day of days) apply(day);
  return days;
};

describe("meter faults", () => {
  it("freeze at the last value over midnight, and only in their time", () => {
    const [first, second] = run({ kind: "frozen" });
    expect(Array.from(first.kw.slice(18))).toEqual([118, 119, 119, 119, 119, 119]);
    expect(Array.from(second.kw.slice(0, 6))).toEqual([119, 119, 119, 119, 204, 205]);
  });

  it("leave a gap", () => {
    const [first, second] = run({ kind: "gap" });
    expect([...first.kw].filter((value) => Number.isNaN(value))).toHaveLength(4);
    expect([...second.kw].filter((value) => Number.isNaN(value))).toHaveLength(4);
  });

  it("scale active and reactive power alike", () => {
    const [first] = run({ kind: "ct_change", factor: 2 });
    expect([first.kw[19], first.kw[20], first.kvar[20]]).toEqual([119, 240, 20]);
  });

  it("mark filled values as estimated and announce the true ones", () => {
    const [, second] = run({ kind: "estimated_fill", revisedLater: true });
    expect(Array.from(second.quality.slice(3, 5))).toEqual([Quality.estimated, Quality.measured]);
    expect([second.correctedKw[3], second.correctedKw[4]]).toEqual([203, Number.NaN]);
  });

  it("shift stamps with yesterday's values at midnight", () => {
    const [first, second] = run({ kind: "clock_shift", shiftSlots: 2 });
    expect([first.kw[19], first.kw[20], second.kw[0], second.kw[3], second.kw[4]]).toEqual([119, 118, 122, 201, 204]);
  });
});
