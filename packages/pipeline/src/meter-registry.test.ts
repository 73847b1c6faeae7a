import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMeterRegistry } from "./meter-registry.ts";
import { testMeter } from "./testing/rows.ts";
import { textOfUtf8, utf8Bytes } from "./utf8.ts";

describe("meter registry", () => {
  it("finds meters by id and by the bytes of their id, and no others", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }), { maxLength: 60 }),
        fc.string(),
        (ids, other) => {
          const registry = createMeterRegistry(
            ids.map((id) => testMeter(id)),
            "area",
          );
          const byBytes = (id: string): number => {
            const bytes = utf8Bytes(`<${id}>`);
            return registry.ordinalOfBytes(bytes, 1, bytes.length - 1);
          };
          for (const [ordinal, id] of [...ids, other].entries()) {
            const expected = ordinal < ids.length ? ordinal : ids.indexOf(other);
            expect(registry.ordinalOf(id)).toBe(expected);
            expect(byBytes(id)).toBe(expected);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("groups by area, by region (an empty one by area) or as one fleet", () => {
    const meters = [testMeter("1", { region: "R" }), testMeter("2", { areaId: "b", region: "R" }), testMeter("3", { areaId: "c" })];
    expect(createMeterRegistry(meters, "area").groupKeys).toEqual(["a", "b", "c"]);
    expect(createMeterRegistry(meters, "region").groupKeys).toEqual(["R", "c"]);
    expect(createMeterRegistry(meters, "fleet").groupKeys).toEqual(["fleet"]);
    const registry = createMeterRegistry(meters, "region");
    expect([...registry.groupOf]).toEqual([0, 0, 1]);
    expect(registry.groupKeyOf(2)).toBe("c");
  });

  it("names the meter that is there twice, has an unknown parent or is its own ancestor", () => {
    expect(() => createMeterRegistry([testMeter("x"), testMeter("x")], "area")).toThrow('Meter "x" is in the registry twice');
    expect(() => createMeterRegistry([testMeter("x", { parentId: "y" })], "area")).toThrow('Meter "x" names the parent "y"');
    const cycle = [testMeter("x", { parentId: "y" }), testMeter("y", { parentId: "z" }), testMeter("z", { parentId: "y" })];
    expect(() => createMeterRegistry(cycle, "area")).toThrow(/Meter "x" has a cycle of parents/);
    expect(() => createMeterRegistry([testMeter("x", { parentId: "x" })], "area")).toThrow(/cycle/);
  });
});

describe("utf8", () => {
  it("encodes like the platform and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Bytes(text)).toEqual(new TextEncoder().encode(text));
        expect(textOfUtf8(utf8Bytes(text))).toBe(text);
      }),
    );
  });
});
