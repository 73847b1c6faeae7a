import * as fc from "fast-check";
import { expect, it } from "vitest";
import { multiplyTile, tile } from "./product-tile.ts";

function rows(count: number, length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: count * length, maxLength: count * length });
}

it("gives the products of two rows with four, whatever their length and place", () => {
  const cases = fc.integer({ min: 0, max: 12 }).chain((length) => fc.tuple(fc.constant(length), rows(3, length), rows(6, length)));
  fc.assert(
    fc.property(cases, ([length, left, right]) => {
      multiplyTile(Float64Array.from(left), length, Float64Array.from(right), 2 * length, length);
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 4; j++) {
          let sum = 0;
          for (let t = 0; t < length; t++) sum += left[(1 + i) * length + t] * right[(2 + j) * length + t];
          expect(tile[i * 4 + j]).toBe(sum);
        }
      }
    }),
  );
});
