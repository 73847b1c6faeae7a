import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { figuresPath, type GateFigures, measureGate } from "./measure.ts";

/**
 * How far a figure may fall behind the recorded one. A change that is meant to cost more must record new figures (measure-gate.ts --write) and
 * say why. Two mines are 5 % of the set; two false candidates are 1.2 per 100 meter-years.
 */
const tolerances = {
  found: 2,
  falseMixed: 2,
  falseNull: 2,
  medianDelayDays: 2,
  p90DelayDays: 5,
  medianSizeError: 0.05,
  medianOnsetErrorHours: 4,
};

describe("detection on the fixed set of fleets", () => {
  const recorded = JSON.parse(readFileSync(figuresPath, "utf8")) as GateFigures;
  let figures: GateFigures;
  let table = "";

  beforeAll(async () => {
    ({ figures, table } = await measureGate());
  });

  it("is measured on the mines that the figures were recorded on", () => {
    expect(figures.mines).toBe(recorded.mines);
  });

  it("finds no fewer mines than recorded, but for two", () => {
    expect(figures.found, table).toBeGreaterThanOrEqual(recorded.found - tolerances.found);
  });

  it("raises no more false candidates than recorded, but for two", () => {
    expect(figures.falseMixed, table).toBeLessThanOrEqual(recorded.falseMixed + tolerances.falseMixed);
    expect(figures.falseNull, table).toBeLessThanOrEqual(recorded.falseNull + tolerances.falseNull);
  });

  it("is no later than recorded, but for two days", () => {
    expect(figures.medianDelayDays, table).toBeLessThanOrEqual(recorded.medianDelayDays + tolerances.medianDelayDays);
    expect(figures.p90DelayDays, table).toBeLessThanOrEqual(recorded.p90DelayDays + tolerances.p90DelayDays);
  });

  it("tells size and onset no worse than recorded", () => {
    expect(figures.medianSizeError, table).toBeLessThanOrEqual(recorded.medianSizeError + tolerances.medianSizeError);
    expect(figures.medianOnsetErrorHours, table).toBeLessThanOrEqual(recorded.medianOnsetErrorHours + tolerances.medianOnsetErrorHours);
  });
});
