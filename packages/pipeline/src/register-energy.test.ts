import { describe, expect, it } from "vitest";
import { isBackwards, isExchange, registerEnergyKwh } from "./register-energy.ts";

const unlimited = Number.POSITIVE_INFINITY;

describe("energy between two registers", () => {
  it("is their difference, and unknown where one is missing", () => {
    expect(registerEnergyKwh(10, 12.5, unlimited)).toBe(2.5);
    expect(registerEnergyKwh(10, 10, unlimited)).toBe(0);
    expect(registerEnergyKwh(Number.NaN, 1, unlimited)).toBeNaN();
    expect(registerEnergyKwh(1, Number.NaN, unlimited)).toBeNaN();
  });

  it.each([
    [999, 2, 3],
    [99_990, 15, 25],
    [999_999.5, 0.5, 1],
  ])("goes through a rollover from %d to %d", (from, to, energy) => {
    expect(registerEnergyKwh(from, to, unlimited)).toBeCloseTo(energy, 9);
  });

  it("takes a fall to below 1 % for an exchange of the meter, also one that rolled over more than the meter can carry", () => {
    expect(isExchange(registerEnergyKwh(52_000, 12, unlimited))).toBe(true);
    expect(isExchange(registerEnergyKwh(95_000, 3, 100))).toBe(true);
    expect(isExchange(registerEnergyKwh(95_000, 3, unlimited))).toBe(false);
  });

  it("takes any other fall for an error", () => {
    expect(isBackwards(registerEnergyKwh(52_000, 51_000, unlimited))).toBe(true);
    expect(isBackwards(registerEnergyKwh(0.95, 0.05, unlimited))).toBe(true);
    expect(isBackwards(registerEnergyKwh(52_000, 53_000, unlimited))).toBe(false);
  });
});
