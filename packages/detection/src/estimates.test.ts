import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import { energyOf } from "./estimates.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupView } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay } from "./testing/synthetic-group.ts";

const days = 145;
const onset = 122 * 24 + 12;
const tapKw = 1500;
const parent = 12;
/** Loss of the lines: 40 kW and 5 % of the parent's mean at its mean load. */
const lossShare = 0.05;

/**
 * 12 substations of 2 to 6 MW, and in slot 12 a parent of the first four: their sum, a tap of 1.5 MW from the onset on, and the
 * loss a + b P^2 of carrying all of it.
 */
function groupWithBypass(): GroupView {
  const view = createSyntheticGroup({ meterCount: 13, days, seed: 11 });
  const children = [0, 1, 2, 3];
  const sumAt = (day: number, hour: number) => children.reduce((sum, slot) => sum + view.hourPage(day)![hour * 13 + slot], 0);
  let mean = 0;
  for (let hour = 0; hour < days * 24; hour++) mean += sumAt(syntheticFirstDay + Math.floor(hour / 24), hour % 24) / (days * 24);
  for (let hour = 0; hour < days * 24; hour++) {
    const day = syntheticFirstDay + Math.floor(hour / 24);
    const carried = sumAt(day, hour % 24) + (hour >= onset ? tapKw : 0);
    view.hourPage(day)![(hour % 24) * 13 + parent] = carried + 40 + (lossShare / mean) * carried ** 2;
  }
  const parents = new Int32Array(13).fill(-1);
  for (const child of children) parents[child] = parent;
  const levels = new Uint8Array(13).fill(1);
  levels[parent] = 0;
  return { ...view, parents, levels };
}

function judge(view: GroupView): Finding[] {
  const detector = createGroupDetector(view, defaultParameters);
  const state = createDetectionState();
  return Array.from({ length: days }, (_, day) => detector.judge(state, syntheticFirstDay + day)).flat();
}

describe("estimates", () => {
  it("tell a bypass net of the loss that grows with the square of the parent's load, and how much that is", () => {
    const view = groupWithBypass();
    const [found] = judge(view);
    expect(found).toMatchObject({ slot: parent, lane: "bypass", signature: "loss" });
    // the loss of carrying 1.5 MW more is a tenth of them: a step with it would be 10 % too large
    expect(Math.abs(found.stepKw / tapKw - 1)).toBeLessThan(0.05);
    const mean = found.siteMeanKw;
    const carried = (lossShare / mean) * ((mean + tapKw) ** 2 - mean ** 2);
    expect(found.estimates.technicalLossKw).toBeGreaterThan(0.5 * carried);
    expect(found.estimates.technicalLossKw).toBeLessThan(1.5 * carried);
  });
});

describe("energyOf", () => {
  const utc = { utcHour: (day: number, hour: number) => day * 24 + hour };
  const flat = new Float64Array(24).fill(100);

  it("counts from the hour of the onset to the end of the day", () => {
    const load = { onsetDay: 10, onsetHour: 10 * 24 + 18, restDay: 10, profileKw: flat };
    expect(energyOf(utc, load, { day: 12, hour: Infinity })).toBe(100 * (6 + 48));
    expect(energyOf(utc, load, { day: 12, hour: 11 * 24 })).toBe(600);
  });

  it("counts a build-up as it grows", () => {
    const load = { onsetDay: 10, onsetHour: 10 * 24, restDay: 13, profileKw: flat };
    expect(energyOf(utc, load, { day: 14, hour: Infinity })).toBe(2400 * (0.25 + 0.5 + 0.75 + 1 + 1));
  });

  it("leaves out an hour that a clock change skips", () => {
    const skipping = { utcHour: (day: number, hour: number) => (day === 11 && hour === 2 ? -1 : day * 24 + hour) };
    const load = { onsetDay: 11, onsetHour: 11 * 24, restDay: 11, profileKw: flat };
    expect(energyOf(skipping, load, { day: 11, hour: Infinity })).toBe(2300);
  });
});
