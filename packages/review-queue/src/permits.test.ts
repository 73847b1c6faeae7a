import type { Permit } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgePermits, type AdmittedStep } from "./permits.ts";

const permit = (overrides: Partial<Permit> = {}): Permit => ({
  permitId: "permit-1",
  meterId: "meter-1",
  maxKw: 800,
  validFrom: "2022-01-01T00:00:00Z",
  validTo: null,
  holder: "",
  ...overrides,
});

const candidate = (stepKw: number, onset = "2022-02-01T00:00:00Z") =>
  ({ meterId: "meter-1", lane: "mining", direction: "up", onset, stepKw, stepKwLow: stepKw * 0.95 }) as const;

const step = (stepKw: number, onset = "2022-01-10T00:00:00Z"): AdmittedStep => ({
  stepKw,
  onset,
  direction: stepKw < 0 ? "down" : "up",
});

describe("judgePermits", () => {
  it("finds no permit where none is for the meter", () => {
    expect(judgePermits(candidate(500), [permit({ meterId: "meter-2" })])).toMatchObject({ verdict: "none", permitIds: [], excessKw: 0 });
  });

  it("takes the sum of all permits valid at the onset", () => {
    const judged = judgePermits(candidate(1200), [permit(), permit({ permitId: "permit-2", maxKw: 500 })]);
    expect(judged).toMatchObject({ verdict: "within", allowanceKw: 1300, permitIds: ["permit-1", "permit-2"] });
  });

  it("does not accuse a mine that runs at its permit and is measured a little above", () => {
    expect(judgePermits(candidate(820), [permit()]).verdict).toBe("within");
    expect(judgePermits(candidate(850), [permit()])).toMatchObject({ verdict: "exceeded", excessKw: 50 });
  });

  it("does not accuse a mine whose first hour is estimated into the day before its permit", () => {
    expect(judgePermits(candidate(500, "2021-12-31T03:00:00Z"), [permit()]).verdict).toBe("within");
    expect(judgePermits(candidate(500, "2021-12-20T00:00:00Z"), [permit()]).verdict).toBe("none");
  });

  it("says that a permit ended, and which", () => {
    const ended = permit({ validTo: "2022-01-15T00:00:00Z" });
    const judged = judgePermits(candidate(500), [ended]);
    expect(judged).toMatchObject({ verdict: "ended", permitIds: ["permit-1"], allowanceKw: 0 });
    expect(judged.note).toBe("Permit ended: permit-1 (800.0 kW) on 2022-01-15T00:00:00Z.");
  });

  it("counts what earlier steps used up, once, whatever overlaps", () => {
    const two = [permit(), permit({ permitId: "permit-2", maxKw: 200 })];
    expect(judgePermits(candidate(400), [permit()], [step(500)])).toMatchObject({ verdict: "exceeded", allowanceKw: 300, excessKw: 100 });
    expect(judgePermits(candidate(400), two, [step(500)])).toMatchObject({ verdict: "within", allowanceKw: 500 });
    expect(judgePermits(candidate(400), [permit()], [step(2000)])).toMatchObject({ verdict: "exceeded", allowanceKw: 0, excessKw: 400 });
  });

  it("does not charge a permit for steps before it was valid", () => {
    expect(judgePermits(candidate(700), [permit()], [step(900, "2021-06-01T00:00:00Z")])).toMatchObject({ verdict: "within" });
  });

  it("gives back what a step down ended", () => {
    expect(judgePermits(candidate(700), [permit()], [step(700), step(-700)])).toMatchObject({ verdict: "within", allowanceKw: 800 });
    expect(judgePermits(candidate(700), [permit()], [step(700), step(-300)])).toMatchObject({ verdict: "exceeded", allowanceKw: 400 });
  });

  it("does not judge a step down", () => {
    expect(judgePermits({ ...candidate(-500), direction: "down" }, [permit()]).verdict).toBe("not_judged");
  });

  it("never leaves more than the permits give, nor less than nothing, and never accuses a step inside what is left", () => {
    const steps = fc.array(fc.double({ min: -2000, max: 2000, noNaN: true }).map((kw) => step(kw)));
    fc.assert(
      fc.property(steps, fc.double({ min: 1, max: 3000, noNaN: true }), fc.nat({ max: 1000 }), (earlier, stepKw, maxKw) => {
        const judged = judgePermits(candidate(stepKw), [permit({ maxKw }), permit({ permitId: "permit-2" })], earlier);
        expect(judged.allowanceKw).toBeGreaterThanOrEqual(0);
        expect(judged.allowanceKw).toBeLessThanOrEqual(maxKw + 800 + 1e-6);
        expect(judged.verdict === "exceeded").toBe(judged.excessKw > 0);
        if (stepKw <= judged.allowanceKw) expect(judged.verdict).toBe("within");
      }),
    );
  });
});
