import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupView } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

const days = 165;
const onsetDay = 122;

function judge(view: GroupView, length: number): Finding[] {
  const detector = createGroupDetector(view, defaultParameters);
  const state = createDetectionState();
  return Array.from({ length }, (_, day) => detector.judge(state, syntheticFirstDay + day)).flat();
}

/** A mine of a share of the first meter's mean of some 4 MW. */
const mineOf =
  (share: number, day = onsetDay): NonNullable<SyntheticGroup["change"]> =>
  (slot, hour, kw) =>
    slot === 0 && hour >= day * 24 + 12 ? kw + 4000 * share : kw;

/** Load that grows by three fifths of the mean in 20 days. */
const slow: SyntheticGroup["change"] = (_slot, hour, kw) => kw + 2400 * Math.max(0, Math.min(1, (hour / 24 - 100) / 20));

function needed([{ tests }]: readonly Finding[]): number {
  return tests.find(({ name }) => name === "step_over_noise")!.threshold;
}

function untestedOf({ tests }: Finding): string[] {
  return tests.filter(({ verdict }) => verdict === "not_tested").map(({ name }) => name);
}

describe("a group with little data", () => {
  it.each([1, 2, 3, 5])("of %i meters raises nothing where nothing happens", (meterCount) => {
    for (const seed of [1, 2, 3]) expect(judge(createSyntheticGroup({ meterCount, days, seed }), days)).toEqual([]);
  });

  it.each([1, 2, 3])(
    "of %i meters finds a mine of three fifths of the mean on the right meter, and says what it could not ask",
    (meterCount) => {
      const findings = judge(createSyntheticGroup({ meterCount, days, seed: 7, change: mineOf(0.6) }), days);
      expect(findings.map(({ slot, direction }) => ({ slot, direction }))).toEqual([{ slot: 0, direction: 1 }]);
      expect(Math.abs(findings[0].stepKw / 2400 - 1)).toBeLessThan(0.25);
      const untested = ["neighbours", "meter_reads_right", "parent_rises", "not_weather", "not_estimated", "not_seasonal"];
      expect(untestedOf(findings[0])).toEqual(expect.arrayContaining(meterCount === 1 ? [...untested, "not_transferred"] : untested));
      for (const { verdict, note } of findings[0].tests) if (verdict === "not_tested") expect(note).toMatch(/\w+ \w+/);
    },
  );

  it("of one meter takes no build-up for a mine: alone it cannot be told from the season", () => {
    expect(judge(createSyntheticGroup({ meterCount: 1, days, seed: 7, change: slow }), days)).toEqual([]);
  });

  it.each([1, 3, 12])("of %i meters raises nothing in its first five weeks, whatever happens", (meterCount) => {
    for (const [seed, day] of [7, 14, 21, 28].entries()) {
      const view = createSyntheticGroup({ meterCount, days: 35, seed, change: mineOf(1, day) });
      expect(judge(view, 35)).toEqual([]);
    }
  });

  it("of eight weeks finds a mine of 30 % among a dozen meters, and asks for more certainty than it does later", () => {
    const young = judge(createSyntheticGroup({ meterCount: 12, days: 63, seed: 7, change: mineOf(0.3, 36) }), 63);
    expect(young.map(({ slot }) => slot)).toEqual([0]);
    const old = judge(createSyntheticGroup({ meterCount: 12, days, seed: 7, change: mineOf(0.3) }), days);
    expect(needed(young)).toBeGreaterThan(needed(old) + 0.4);
  });

  it("whose meters are silent, or whose readings are all zero, raises nothing and goes on", () => {
    const silent = createSyntheticGroup({ meterCount: 3, days: 60, seed: 7, change: (slot, _hour, kw) => (slot === 1 ? kw : 0) });
    expect(judge({ ...silent, hourPage: (day) => (day % 2 === 0 ? silent.hourPage(day) : undefined) }, 60)).toEqual([]);
    expect(judge({ ...silent, hourPage: () => undefined }, 60)).toEqual([]);
  });

  it("of a parent with one child names the child, and a balance is not asked of", () => {
    const view = createSyntheticGroup({ meterCount: 4, days, seed: 7, change: mineOf(0.6) });
    const parents = Int32Array.from([1, -1, -1, -1]);
    const pages = Array.from({ length: days }, (_, day) => {
      const page = view.hourPage(syntheticFirstDay + day)!.slice();
      for (let hour = 0; hour < 24; hour++) page[hour * 4 + 1] += page[hour * 4];
      return page;
    });
    const findings = judge({ ...view, parents, hourPage: (day) => pages[day - syntheticFirstDay] }, days);
    expect(findings.map(({ slot, lane }) => ({ slot, lane }))).toEqual([{ slot: 0, lane: "mining" }]);
    expect(findings[0].tests.find(({ name }) => name === "parent_rises")?.verdict).toBe("passed");
    expect(untestedOf(findings[0])).toContain("meter_reads_right");
  });
});
