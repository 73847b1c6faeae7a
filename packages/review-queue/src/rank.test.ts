import { DAY_MS } from "@hashwatt/contracts";
import { expect, it } from "vitest";
import { rankOf, RANK_TAU_MS } from "./rank.ts";

it("ranks e times the energy like one tau of waiting", () => {
  expect(rankOf(1000 * Math.E, 0.5, 30 * DAY_MS)).toBeCloseTo(rankOf(1000, 0.5, 30 * DAY_MS - RANK_TAU_MS), 9);
});

it("stays finite where the score or the energy is nothing", () => {
  expect(rankOf(0, 0, 0)).toBeCloseTo(Math.log(1e-3), 9);
});
