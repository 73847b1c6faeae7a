import { describe, expect, it } from "vitest";
import { dayAxis, extent, linearScale, loadScale } from "./scale.ts";

describe("linearScale", () => {
  it("ends on round numbers around the values", () => {
    const scale = linearScale(3, 87, 200, 0);
    expect(scale.ticks).toEqual([0, 50, 100]);
    expect([scale(0), scale(100), scale(50)]).toEqual([200, 0, 100]);
  });

  it("keeps values beyond it at its ends, and holes holes", () => {
    const scale = linearScale(0, 10, 100, 0);
    expect([scale(-5), scale(25), scale(Number.NaN)]).toEqual([100, 0, Number.NaN]);
  });

  it("has a range where all values are the same", () => {
    for (const value of [0, 5, 0.001, -3]) {
      const scale = linearScale(value, value, 100, 0);
      expect(scale.high).toBeGreaterThan(scale.low);
      expect(Number.isFinite(scale(value))).toBe(true);
    }
  });
});

describe("extent", () => {
  it("leaves out a spike but not a load that came to stay", () => {
    const quiet = Array.from({ length: 100 }, (_, i) => 100 + (i % 10));
    expect(extent([...quiet, 100_000])[1]).toBeLessThan(200);
    expect(extent([...quiet, ...quiet.slice(0, 12).map((kw) => kw * 5)])[1]).toBe(545);
    expect(extent([Number.NaN])).toEqual([0, 1]);
  });
});

describe("loadScale", () => {
  it("begins at zero unless the loads would lie in its upper part", () => {
    expect(loadScale([20, 80, 100], 100, 0).low).toBe(0);
    expect(loadScale([80, 90, 100], 100, 0).low).toBeGreaterThan(50);
    expect(loadScale([-30, 90, 100], 100, 0).low).toBeLessThan(0);
  });
});

const labels = (days: number): string[] => dayAxis(17_167, 17_167 + days - 1, 0, 1000).ticks.map(({ label }) => label);

describe("dayAxis", () => {
  it("marks Mondays, half months or months, by how long it is", () => {
    expect(labels(14)).toEqual(["2 Jan 2017", "9 Jan"]);
    expect(labels(100)).toEqual(["1 Jan 2017", "16 Jan", "1 Feb", "16 Feb", "1 Mar", "16 Mar", "1 Apr"]);
    expect(labels(400)).toHaveLength(14);
  });
});
