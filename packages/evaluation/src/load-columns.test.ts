import { DAY_MS, HOUR_MS, type Meter } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createLoadColumns, usualLoad } from "./load-columns.ts";

const fromMs = Date.parse("2022-01-03T06:00:00Z");
const meter = { meterId: "m", intervalMinutes: 60 } as Meter;
const batchOf = (rows: readonly (readonly [hour: number, kw: number])[]) => ({
  count: rows.length,
  meterIndex: new Int32Array(rows.length),
  startMs: Float64Array.from(rows, ([hour]) => fromMs + hour * HOUR_MS),
  kw: Float64Array.from(rows, ([, kw]) => kw),
  kvar: new Float64Array(rows.length).fill(Number.NaN),
  quality: new Uint8Array(rows.length),
  arrivalMs: 0,
});

describe("load columns", () => {
  it("begin at midnight, hold the latest version and leave gaps open", () => {
    const columns = createLoadColumns([meter]);
    columns.take(
      batchOf([
        [0, 5],
        [1, 6],
        [3, 8],
      ]),
    );
    columns.take(
      batchOf([
        [1, 7],
        [30, 9],
      ]),
    );
    const load = columns.finish();
    expect([load.fromMs, load.days]).toEqual([fromMs - 6 * HOUR_MS, 2]);
    expect([...load.kw[0].subarray(6, 10)]).toEqual([5, 7, Number.NaN, 8]);
    expect(load.kw[0][36]).toBe(9);
  });

  it("are not stretched by a clock that is wrong by years", () => {
    const columns = createLoadColumns([meter]);
    const usual = Array.from({ length: 300 }, (_, hour): [number, number] => [hour, 5]);
    columns.take(batchOf([...usual, [24 * 4000, 1], [-24 * 4000, 1]]));
    expect(columns.finish().days).toBe(13);
  });

  it("refuse to be empty", () => {
    expect(() => createLoadColumns([meter]).finish()).toThrow("there is no reading of these meters");
  });

  it("know the usual load from a unit error", () => {
    const row = Float32Array.from({ length: 1000 }, (_, at) => (at < 5 ? 90_000 : 90 + (at % 21)));
    expect(usualLoad(row).meanKw).toBeCloseTo(100, 0);
    expect(usualLoad(row).ceilingKw).toBeLessThan(400);
    expect(usualLoad(new Float32Array(DAY_MS / HOUR_MS).fill(Number.NaN))).toEqual({ meanKw: 0, ceilingKw: 0 });
  });
});
