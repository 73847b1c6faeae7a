import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hallLevel, type MachineHall } from "./mines.ts";

const hour = 3_600_000;
const hall: MachineHall = {
  meterIndex: 0,
  kw: 1000,
  machines: 300,
  stairs: [[0, 1]],
  rampHours: 4,
  toMs: Number.POSITIVE_INFINITY,
  interruptions: [],
  seed: "test",
};

describe("machine hall", () => {
  it("climbs its ramp and stays, day and night", () => {
    expect(hallLevel(hall, 0, 12, 1)).toBe(0);
    expect(hallLevel(hall, 2 * hour, 14, 1)).toBe(0.5);
    for (let at = 4; at < 200; at++) expect(hallLevel(hall, at * hour, at % 24, 1)).toBe(1);
  });

  it("rests in its hours, over midnight too, and by halves where a slot is cut", () => {
    const pausing = { ...hall, dailyRest: [18, 22] as const };
    const level = (localHour: number, width = 1) => hallLevel(pausing, 100 * hour, localHour, width);
    expect([level(17.5), level(18.5), level(21.5), level(22.5)]).toEqual([1, expect.closeTo(0.04), expect.closeTo(0.04), 1]);
    expect(level(18, 1)).toBeCloseTo(0.52);
    const byNight = { ...hall, dailyRest: [7, 22] as const };
    const night = [22.5, 23.5, 0.5, 6.5].map((localHour) => hallLevel(byNight, 100 * hour, localHour, 1));
    expect(night).toEqual([1, 1, 1, 1]);
    expect(hallLevel(byNight, 100 * hour, 12.5, 1)).toBeCloseTo(0.04);
  });

  it("runs on for a while without network, falls to its fans and restarts slowly", () => {
    const outage = { fromMs: 100 * hour, toMs: 130 * hour, residual: 0.1, lagHours: 3, restartHours: 6 };
    const cut = { ...hall, interruptions: [outage] };
    const level = (at: number) => hallLevel(cut, at * hour, at % 24, 1);
    expect([level(99), level(103), level(104), level(130), level(133), level(136)]).toEqual([
      1,
      1,
      expect.closeTo(0.1),
      expect.closeTo(0.1),
      expect.closeTo(0.55),
      1,
    ]);
  });

  it("never leaves the range from nothing to full load", () => {
    const staircase = {
      ...hall,
      stairs: [
        [0, 0.3],
        [20 * hour, 0.6],
        [21 * hour, 1],
      ] as const,
      toMs: 500 * hour,
    };
    fc.assert(
      fc.property(fc.double({ min: -50, max: 600, noNaN: true }), (at) => {
        const level = hallLevel(staircase, at * hour, 12, 1);
        expect(level).toBeGreaterThanOrEqual(0);
        expect(level).toBeLessThanOrEqual(1);
      }),
    );
    expect(hallLevel(staircase, 500 * hour, 12, 1)).toBe(0);
  });
});
