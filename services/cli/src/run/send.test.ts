import { parseInstant, Quality } from "@hashwatt/contracts";
import { createMeterRegistry, createReadingBatch, type ReadingBatch } from "@hashwatt/pipeline";
import { describe, expect, it } from "vitest";
import { makeMeter } from "../testing/read-all.ts";
import { createReadingEncoder, type ReadingMessage } from "./encode-readings.ts";
import { createPace, parseSpeed } from "./pace.ts";

const registry = createMeterRegistry([makeMeter("a", { areaId: "x" }), makeMeter('"b"', { areaId: "y" })], "area");

/** Rows [ordinal, time, kW, quality]. */
function makeBatch(...rows: [ordinal: number, time: string, kw: number, quality?: number][]): ReadingBatch {
  const batch = createReadingBatch(rows.length);
  for (const [row, [ordinal, time, kw, quality = Quality.measured]] of rows.entries()) {
    batch.ordinals[row] = ordinal;
    batch.startMs[row] = parseInstant(time);
    batch.values[row] = kw;
    batch.qualities[row] = quality;
  }
  batch.count = rows.length;
  return batch;
}

/** [key, kW of each reading] of a message of several. */
function kwOf({ key, value }: ReadingMessage): [string, number[]] {
  return [key, JSON.parse(value).map((reading: { kw: number }) => reading.kw)];
}

describe("createReadingEncoder", () => {
  const batch = makeBatch(
    [0, "2022-01-03T06:00:00Z", 1.25],
    [1, "2022-01-03T06:00:00Z", -0.1, Quality.estimated],
    [0, "2022-01-03T07:00:00Z", 1e21],
    [0, "2022-01-03T08:00:00Z", 3],
  );

  it("writes single readings under the key of their peer group", () => {
    const messages = createReadingEncoder(registry, 1).add(batch, 0, 2);
    expect(messages).toEqual([
      { key: "x", value: '{"meterId":"a","intervalStart":"2022-01-03T06:00:00Z","kw":1.25}' },
      { key: "y", value: '{"meterId":"\\"b\\"","intervalStart":"2022-01-03T06:00:00Z","kw":-0.1,"quality":"estimated"}' },
    ]);
  });

  it("gathers arrays by peer group in order of arrival and gives out the begun ones at the end", () => {
    const encoder = createReadingEncoder(registry, 2);
    expect(encoder.add(batch, 0, batch.count).map(kwOf)).toEqual([["x", [1.25, 1e21]]]);
    expect(encoder.rest().map(kwOf)).toEqual([
      ["x", [3]],
      ["y", [-0.1]],
    ]);
    expect(encoder.rest()).toEqual([]);
  });
});

describe("createPace", () => {
  it("understands max, real and factors", () => {
    expect([parseSpeed("max"), parseSpeed("real"), parseSpeed("60x"), parseSpeed("0.5x")]).toEqual([Number.POSITIVE_INFINITY, 1, 60, 0.5]);
    expect([parseSpeed("fast"), parseSpeed("0x"), parseSpeed("-1x")]).toEqual([undefined, undefined, undefined]);
  });

  it("waits where event time moves on, not for late readings and wrong clocks", async () => {
    let clockMs = 0;
    const pace = createPace(
      3600,
      () => clockMs,
      async (ms) => void (clockMs += ms),
    );
    const batch = makeBatch(
      [0, "2022-01-03T06:00:00Z", 1],
      [1, "2022-01-03T06:00:00Z", 1],
      [0, "2022-01-03T07:00:00Z", 1],
      [1, "2022-01-03T04:00:00Z", 1],
      [1, "2099-01-03T04:00:00Z", 1],
      [0, "2022-01-03T09:00:00Z", 1],
    );
    const pieces: [number, number, number][] = [];
    for await (const { from, to } of pace.pieces(batch)) pieces.push([from, to, clockMs]);
    expect(pieces).toEqual([
      [0, 2, 0],
      [2, 5, 1000],
      [5, 6, 3000],
    ]);
  });

  it("hands over whole batches at full speed", async () => {
    const pieces: unknown[] = [];
    const batch = makeBatch([0, "2022-01-03T06:00:00Z", 1], [0, "2022-01-04T06:00:00Z", 1]);
    for await (const piece of createPace(Number.POSITIVE_INFINITY).pieces(batch)) pieces.push(piece);
    expect(pieces).toEqual([{ from: 0, to: 2 }]);
  });
});
