import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

const draws = (random: { bits(): number }, count: number) => Array.from({ length: count }, () => random.bits());

describe("random", () => {
  it("gives the same numbers for the same seed and label, other numbers for another", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, label) => {
        expect(draws(createRandom(seed, label), 5)).toEqual(draws(createRandom(seed, label), 5));
        expect(draws(createRandom(seed, label), 5)).not.toEqual(draws(createRandom(seed, `${label}x`), 5));
      }),
    );
  });

  it("forks without regard to what was drawn before", () => {
    const fresh = createRandom(3).fork("child");
    const used = createRandom(3);
    draws(used, 10);
    expect(draws(used.fork("child"), 5)).toEqual(draws(fresh, 5));
  });

  it("draws normal numbers with mean 0 and deviation 1", () => {
    const random = createRandom(5);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it("keeps all items when it shuffles, and refuses to pick from none", () => {
    const random = createRandom(1);
    expect(random.shuffle([3, 1, 2]).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(() => random.pick([])).toThrow(/empty list/);
  });
});
