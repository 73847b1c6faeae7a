import { describe, expect, it } from "vitest";
import { createDetectionState } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { createGroupDetector } from "./group-detector.ts";
import type { GroupView } from "./group-view.ts";
import { defaultParameters } from "./parameters.ts";
import { createSyntheticGroup, syntheticFirstDay, type SyntheticGroup } from "./testing/synthetic-group.ts";

const days = 150;
const meterCount = 20;
const parent = 19;
const children = [0, 1, 2, 3, 4, 5];
const onset = 122 * 24 + 12;

type Change = NonNullable<SyntheticGroup["change"]>;

/** Load of its own that a meter gets at the onset, or days after it. */
const adding =
  (kwOf: Readonly<Record<number, number>>, daysLater: Readonly<Record<number, number>> = {}): Change =>
  (slot, hour, kw) =>
    hour >= onset + 24 * (daysLater[slot] ?? 0) ? kw + (kwOf[slot] ?? 0) : kw;

/** 19 substations, the first six of which are fed by slot 19; it reads their sum, a loss of 2 % and, from the onset on, what none of them meters. */
function fedGroup(change: Change, unmeteredKw: number): GroupView {
  const view = createSyntheticGroup({ meterCount, days, seed: 11, change });
  for (let hour = 0; hour < days * 24; hour++) {
    const page = view.hourPage(syntheticFirstDay + Math.floor(hour / 24))!;
    const at = (hour % 24) * meterCount;
    const fedKw = children.reduce((sum, slot) => sum + page[at + slot], 0);
    page[at + parent] = 1.02 * fedKw + (hour >= onset ? unmeteredKw : 0);
  }
  const parents = Int32Array.from({ length: meterCount }, (_, slot) => (children.includes(slot) ? parent : -1));
  return { ...view, parents };
}

/** What is raised at the parent or below it. */
function judge(change: Change, unmeteredKw = 0): Finding[] {
  const detector = createGroupDetector(fedGroup(change, unmeteredKw), defaultParameters);
  const state = createDetectionState();
  return Array.from({ length: days }, (_, day) => detector.judge(state, syntheticFirstDay + day))
    .flat()
    .filter(({ slot }) => slot === parent || children.includes(slot));
}

const atParent = (findings: readonly Finding[]) => findings.filter(({ slot }) => slot === parent);
const slotsBelow = ({ below = [] }: Finding) => below.map(({ slot }) => slot).toSorted((a, b) => a - b);

describe("steps below", () => {
  const spreadKw: Readonly<Record<number, number>> = { 0: 400, 1: 380, 2: 420, 3: 390, 4: 410 };

  it.each([
    { what: "all that began within days", daysLater: { 1: 2, 2: 1, 3: 3 }, slots: [0, 1, 2, 3, 4] },
    { what: "not one that came a fortnight later", daysLater: { 3: 14 }, slots: [0, 1, 2, 4] },
  ])("name a cluster with its loads, $what", ({ daysLater, slots }) => {
    const [found, ...others] = atParent(judge(adding(spreadKw, daysLater)));
    expect(others).toEqual([]);
    expect(found.signature).toBe("cluster");
    expect(slotsBelow(found)).toEqual(slots);
    for (const { slot, stepKw } of found.below!) {
      // siblings are expected from each other, so that up to a third of what they gain together does not show
      expect(stepKw / spreadKw[slot]).toBeGreaterThan(0.6);
      expect(stepKw / spreadKw[slot]).toBeLessThan(1.1);
    }
  });

  it.each([
    { what: "two meters below", kwOf: { 0: 900, 1: 900 } },
    { what: "two meters below, and a trifle on a third", kwOf: { 0: 900, 1: 900, 2: 120 } },
  ])("leave the shape of a step that is that of $what", ({ kwOf }) => {
    const [found] = atParent(judge(adding(kwOf)));
    expect(found.signature).toBe("flat");
    expect(found).not.toHaveProperty("below");
  });

  it.each([
    { what: "as the balance rose by as much", unmeteredKw: 1200 },
    { what: "as the balance rose by twice as much, because load came with it", unmeteredKw: 2400 },
  ])("name the customer below that fell $what", ({ unmeteredKw }) => {
    const findings = judge(adding({ 2: -1200 }), unmeteredKw);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ slot: parent, lane: "bypass", signature: "moved_behind", below: [{ slot: 2 }] });
    expect(Math.abs(findings[0].below![0].stepKw / -1200 - 1)).toBeLessThan(0.1);
  });

  it.each([
    { what: "no meter below fell", kwOf: {} },
    { what: "a meter below lost a twentieth of its load", kwOf: { 2: -250 } },
    { what: "a meter below lost twice as much", kwOf: { 2: -1400 } },
  ])("leave a balance a loss where $what", ({ kwOf }) => {
    const findings = judge(adding(kwOf), 700);
    expect(findings.map(({ slot, signature }) => ({ slot, signature }))).toEqual([{ slot: parent, signature: "loss" }]);
    expect(findings[0]).not.toHaveProperty("below");
  });
});
