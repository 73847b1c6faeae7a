import { DAY_MS, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { labelOf } from "./label-evidence.ts";
import type { ConfounderLabel, MineLabel } from "./labels.ts";

const onset = "2022-03-01T00:00:00Z";
const dayAt = (day: number) => parseInstant(onset) + day * DAY_MS;
const iso = (day: number) => new Date(dayAt(day)).toISOString();
const mine: MineLabel = { mineId: "m", meterIds: ["a", "b"], kind: "flat", onset, end: iso(100), kw: 9, pctOfMean: 9, machines: 3 };
const change = (kind: string, meterId: string): ConfounderLabel => ({
  confounderId: kind,
  kind,
  meterIds: [meterId],
  from: onset,
  to: null,
  kw: 9,
});
const confounders = [change("permitted_load", "p"), change("transfer", "t")];
const label = (meterId: string, day: number, more: Partial<MineLabel> = {}) =>
  labelOf({ mines: [{ ...mine, ...more }], confounders }, { meterId, onsetMs: dayAt(day) });

describe("label of a step for training", () => {
  it("is a mine within ten days of its onset, on every meter that sees it", () => {
    expect([label("a", 0), label("b", 9), label("a", -9)]).toEqual([1, 1, 1]);
  });

  it("is a mine during its build-up and at its restart", () => {
    expect(label("a", 40, { buildupEnd: iso(45) })).toBe(1);
    expect(label("a", 63, { pause: { from: iso(50), to: iso(60) } })).toBe(1);
  });

  it("is left out elsewhere while the mine runs, and innocent before and after", () => {
    expect([label("a", 50), label("a", 109)]).toEqual([undefined, undefined]);
    expect([label("a", -11), label("a", 111)]).toEqual([0, 0]);
  });

  it("is innocent on other meters and at innocent changes, and left out where the load is permitted", () => {
    expect([label("c", 0), label("t", 0)]).toEqual([0, 0]);
    expect([label("p", 0), label("p", -11)]).toEqual([undefined, 0]);
  });
});
