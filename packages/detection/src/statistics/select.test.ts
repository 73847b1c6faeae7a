import * as fc from "fast-check";
import { quantileSorted } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { medianInPlace, quantileInPlace, robustDeviationInPlace, select } from "./select.ts";

/** Few distinct numbers, so that ties are common; without -0: sorted beside 0 either may come first. */
const values = fc.array(
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((value) => value + 0),
  ),
  {
    minLength: 1,
    maxLength: 60,
  },
);

function sorted(list: readonly number[]): number[] {
  return list.toSorted((a, b) => a - b);
}

function medianOf(list: readonly number[]): number {
  const ordered = sorted(list);
  const middle = ordered.length >> 1;
  return ordered.length % 2 === 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

describe("select", () => {
  it("finds what a sort would put at the place", () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, at) => {
        const k = at % list.length;
        expect(select(Float64Array.from(list), list.length, k)).toBeCloseTo(sorted(list)[k], 12);
      }),
    );
  });

  it("keeps the values and leaves those beyond the count alone", () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, at) => {
        const array = Float64Array.from([...list, 1e12, -1e12]);
        select(array, list.length, at % list.length);
        expect([...array.subarray(list.length)]).toEqual([1e12, -1e12]);
        expect(array.subarray(0, list.length).toSorted()).toEqual(Float64Array.from(list).toSorted());
      }),
    );
  });
});

describe("medianInPlace", () => {
  it("equals the median of a sorted copy", () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(medianInPlace(Float64Array.from(list), list.length)).toBeCloseTo(medianOf(list), 12);
      }),
    );
  });

  it("keeps the values", () => {
    fc.assert(
      fc.property(values, (list) => {
        const array = Float64Array.from(list);
        medianInPlace(array, list.length);
        expect(array.toSorted()).toEqual(Float64Array.from(list).toSorted());
      }),
    );
  });

  it("is NaN of nothing", () => {
    expect(medianInPlace(new Float64Array(3), 0)).toBeNaN();
  });
});

describe("quantileInPlace", () => {
  it("is what simple-statistics says of the sorted values", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0.25, 0.5, 0.95, 0.99), (list, p) => {
        expect(quantileInPlace(Float64Array.from(list), list.length, p)).toBe(quantileSorted(sorted(list), p));
      }),
    );
  });
});

describe("robustDeviationInPlace", () => {
  it("is 1.4826 times the median distance from the centre, whatever one outlier does", () => {
    expect(robustDeviationInPlace(Float64Array.of(9, 10, 11, 12, 8), 5, 10)).toBeCloseTo(1.4826, 12);
    expect(robustDeviationInPlace(Float64Array.of(9, 10, 11, 1e9, 8), 5, 10)).toBeCloseTo(1.4826, 12);
  });
});
