import type { Meter } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCursor } from "./cursor.ts";
import { decodeJson } from "./decode-json.ts";
import type { ReadingBatch } from "../reading-batch.ts";
import type { DecodeReject, MeterLookup } from "./decode-types.ts";
import { createMessageDecoder, maxMessageBytes } from "./message-decoder.ts";
import { createMeterTrail } from "./meter-trail.ts";
import { scanMessage } from "./scan-message.ts";

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

/** Meters m0..m9 in area-0, n0..n9 in area-1, and one whose name is not ASCII. */
const meterIds = [...Array.from({ length: 10 }, (_, i) => `m${i}`), ...Array.from({ length: 10 }, (_, i) => `n${i}`), "Қарағанды-1"];
const lookup: MeterLookup = {
  meters: meterIds.map((meterId) => ({ meterId }) as Meter),
  ordinalOf: (id) => meterIds.indexOf(id),
  ordinalOfBytes: (bytes, start, end) => meterIds.findIndex((id) => Buffer.compare(bytesOf(id), bytes.subarray(start, end)) === 0),
  groupOf: Int32Array.from(meterIds, (id) => (id.startsWith("n") ? 1 : 0)),
  groupKeys: ["area-0", "area-1"],
};

const batchOf = (capacity = 4): ReadingBatch => ({
  count: 0,
  ordinals: new Int32Array(capacity),
  startMs: new Float64Array(capacity),
  values: new Float64Array(capacity),
  quantities: new Uint8Array(capacity),
  qualities: new Uint8Array(capacity),
});
const rowsOf = ({ count, ...columns }: ReadingBatch) => Object.values(columns).map((column) => Array.from(column.subarray(0, count)));

/** Decodes and gives rows and rejects. */
function decode(value: string | Uint8Array | null, key: string | null = "area-0") {
  const rejects: DecodeReject[] = [];
  const batch = batchOf();
  const decoder = createMessageDecoder(lookup, (reject) => rejects.push(reject));
  const bytes = typeof value === "string" ? bytesOf(value) : value;
  const readings = decoder.decode(key === null ? null : bytesOf(key), bytes, batch);
  return { readings, batch, rejects, reasons: rejects.map(({ reason }) => reason) };
}

const good = { meterId: "m1", intervalStart: "2022-01-03T06:00:00Z", kw: 12.345, quality: "measured" };
const startMs = Date.parse(good.intervalStart);

describe("a message of good readings", () => {
  it("may be one reading", () => {
    const { readings, batch, rejects } = decode(JSON.stringify(good));
    expect({ readings, rejects, rows: rowsOf(batch) }).toEqual({ readings: 1, rejects: [], rows: [[1], [startMs], [12.345], [0], [0]] });
  });

  it("may be an array longer than the batch, which grows", () => {
    const many = Array.from({ length: 100 }, (_, i) => ({
      meterId: `m${i % 10}`,
      intervalStart: good.intervalStart,
      kwh: i,
      quality: "estimated",
    }));
    const { readings, batch } = decode(JSON.stringify(many));
    expect(readings).toBe(100);
    expect(Array.from(batch.values.subarray(0, 100))).toEqual(many.map(({ kwh }) => kwh));
    expect(Array.from(batch.quantities.subarray(0, 100))).toEqual(many.map(() => 1));
    expect(Array.from(batch.qualities.subarray(0, 100))).toEqual(many.map(() => 1));
  });

  it("may be columns", () => {
    const columns = {
      kwhRegister: [1, 2.5, 3],
      meterIds: ["m1", "m2", "m3"],
      intervalStart: Array.from({ length: 3 }, () => good.intervalStart),
    };
    const { batch, rejects } = decode(JSON.stringify(columns));
    expect(rejects).toEqual([]);
    expect(rowsOf(batch)).toEqual([
      [1, 2, 3],
      [startMs, startMs, startMs],
      [1, 2.5, 3],
      [2, 2, 2],
      [0, 0, 0],
    ]);
  });

  it.each([
    ["escapes", '{"meterId":"\\u006d1","intervalStart":"2022-01-03T06:00:00Z","kw":1}'],
    ["exponents", '{"meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":1e0}'],
    ["another zone", '{"meterId":"m1","intervalStart":"2022-01-03T12:00:00+06:00","kw":1}'],
    ["unknown fields", '{"seq":[1,{"a":2}],"note":"x","meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":1,"kvar":null}'],
    ["white space", ' \n[ {"kw" : 1 , "intervalStart" : "2022-01-03T06:00:00Z" ,\t"meterId" : "m1" } ]\r\n'],
    ["more digits than a double keeps", '{"meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":1.00000000000000000001}'],
  ])("may have %s", (_, text) => {
    const { batch, rejects } = decode(text);
    expect(rejects).toEqual([]);
    expect(rowsOf(batch).slice(0, 3)).toEqual([[1], [startMs], [1]]);
  });

  it("may name meters in any script", () => {
    expect(decode(JSON.stringify({ ...good, meterId: "Қарағанды-1" })).batch.ordinals[0]).toBe(20);
  });

  it("keeps the quality flags of the trade", () => {
    const flags = ["revised", 8, "9", "1.8.0", null, 19];
    const { batch } = decode(JSON.stringify(flags.map((quality) => ({ ...good, quality }))));
    expect(Array.from(batch.qualities.subarray(0, flags.length))).toEqual([2, 1, 1, 1, 0, 0]);
  });
});

describe("a bad message", () => {
  it.each([
    ["null_value", null, "area-0"],
    ["invalid_json", "{", "area-0"],
    ["invalid_json", "", "area-0"],
    ["invalid_json", '{"meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":NaN}', "area-0"],
    ["invalid_json", new Uint8Array([0x22, 0xff, 0x22]), "area-0"],
    ["invalid_reading", "7", "area-0"],
    ["invalid_reading", "null", "area-0"],
    ["invalid_reading", "{}", "area-0"],
    ["invalid_reading", '{"meterIds":["m1"],"intervalStart":[],"kw":[1]}', "area-0"],
    ["invalid_reading", JSON.stringify({ ...good, kwh: 3 }), "area-0"],
    ["invalid_reading", JSON.stringify({ meterId: "m1", kw: 3 }), "area-0"],
    ["invalid_time", JSON.stringify({ ...good, intervalStart: "yesterday" }), "area-0"],
    ["invalid_time", JSON.stringify({ ...good, intervalStart: 1641189600 }), "area-0"],
    ["invalid_value", JSON.stringify({ ...good, kw: "12" }), "area-0"],
    ["invalid_value", '{"meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":1e400}', "area-0"],
    ["unknown_quality", JSON.stringify({ ...good, quality: "fine" }), "area-0"],
    ["unknown_meter", JSON.stringify({ ...good, meterId: "stranger" }), "area-0"],
    ["no_key", JSON.stringify(good), null],
    ["wrong_partition", JSON.stringify(good), "area-1"],
    ["wrong_partition", JSON.stringify(good), "elsewhere"],
  ])("is %s: %s under key %s", (reason, value, key) => {
    const { readings, batch, reasons } = decode(value, key);
    expect({ readings, rows: batch.count, reasons }).toEqual({ readings: 1, rows: 0, reasons: [reason] });
  });

  it("is not even parsed when it is too large", () => {
    const { reasons, rejects } = decode(new Uint8Array(maxMessageBytes + 1));
    expect(reasons).toEqual(["too_large"]);
    expect(rejects[0].detail).toContain("5000001 bytes; the limit is 5000000");
  });

  it("is not on its group's partition", () => {
    const rejects: DecodeReject[] = [];
    const decoder = createMessageDecoder(lookup, (reject) => rejects.push(reject), { partitionOfGroup: Int32Array.of(3, 5) });
    const batch = batchOf();
    decoder.decode(bytesOf("area-0"), bytesOf(JSON.stringify(good)), batch, 3);
    decoder.decode(bytesOf("area-0"), bytesOf(JSON.stringify(good)), batch, 5);
    expect(batch.count).toBe(1);
    expect(rejects.map(({ reason, detail }) => [reason, detail])).toEqual([
      ["wrong_partition", expect.stringContaining("belongs on partition 3, not 5")],
    ]);
  });

  it("still gives its good readings", () => {
    const mixed = [good, { ...good, kw: null }, { ...good, meterId: "n1" }, 5, { ...good, meterId: "m2" }];
    const { readings, batch, rejects } = decode(JSON.stringify(mixed));
    expect(readings).toBe(5);
    expect(Array.from(batch.ordinals.subarray(0, batch.count))).toEqual([1, 2]);
    expect(rejects.map(({ reason, index }) => [reason, index])).toEqual([
      ["invalid_value", 1],
      ["wrong_partition", 2],
      ["invalid_reading", 3],
    ]);
    const columns = { meterIds: ["m1", "x", "m3"], intervalStart: Array.from({ length: 3 }, () => good.intervalStart), kw: [1, 2, null] };
    expect(decode(JSON.stringify(columns)).reasons).toEqual(["unknown_meter", "invalid_reading"]);
  });
});

const time = fc.oneof(
  fc
    .date({ min: new Date("1970-01-01"), max: new Date("2199-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString().replace(/\.\d+Z$/, "Z")),
  fc.date({ min: new Date("1970-01-01"), max: new Date("2199-12-31"), noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom("2022-02-30T00:00:00Z", "2022-01-03T24:00:00Z", "2022-13-03T00:00:00Z", "2022-01-03T06:61:00Z", "2022-01-03", "x"),
);
const value = fc.oneof(
  fc.double({ noDefaultInfinity: true }),
  fc.integer(),
  fc.integer({ min: -99999, max: 99999 }).map((i) => i / 1000),
  fc.constantFrom(null, "1"),
);
const reading = fc.record(
  {
    meterId: fc.oneof(fc.constantFrom(...meterIds.slice(0, 10), "Қарағанды-1"), fc.constantFrom("n1", "stranger", 7)),
    intervalStart: time,
    kw: value,
    kwh: value,
    kvar: value,
    quality: fc.constantFrom("measured", "estimated", "revised", "8", 8, null, 3, "odd"),
    note: fc.oneof(fc.string(), fc.string({ unit: "binary" }), value, fc.boolean(), fc.constant({ a: [1] })),
  },
  { requiredKeys: ["meterId", "intervalStart"] },
);
const columns = fc.array(fc.record({ meterId: fc.constantFrom(...meterIds.slice(0, 10)), at: time, kw: value })).map((rows) => ({
  meterIds: rows.map(({ meterId }) => meterId),
  intervalStart: rows.map(({ at }) => at),
  kw: rows.map(({ kw }) => kw),
}));
const instant = fc.date({ min: new Date("1990-01-01"), max: new Date("2040-12-31"), noInvalidDate: true });
/** Readings as producers send them. */
const plainReading = fc.record({
  meterId: fc.constantFrom(...meterIds.slice(0, 10)),
  intervalStart: instant.map((date) => `${date.toISOString().slice(0, 17)}00Z`),
  kw: fc.integer({ min: -999_999, max: 999_999 }).map((watts) => watts / 1000),
  quality: fc.constantFrom("measured", "estimated", "revised"),
});
const message = fc
  .oneof(
    plainReading,
    fc.array(plainReading, { maxLength: 5 }),
    reading,
    fc.array(reading, { maxLength: 5 }),
    columns,
    fc.json().map((text) => JSON.parse(text) as unknown),
  )
  .chain((content) => fc.constantFrom(JSON.stringify(content), JSON.stringify(content, null, 2)))
  .map(bytesOf);
/** Bytes overwritten, dropped or doubled anywhere. */
const mutated = fc
  .tuple(
    message,
    fc.array(fc.record({ at: fc.nat(), byte: fc.oneof(fc.nat(255), fc.constantFrom(...bytesOf('"{}[],:0-.eE\\ '))), kind: fc.nat(2) }), {
      maxLength: 3,
    }),
  )
  .map(([bytes, edits]) => {
    const edited = Array.from(bytes);
    for (const { at, byte, kind } of edits) edited.splice(at % (edited.length + 1), kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]));
    return Uint8Array.from(edited);
  });

/** Kept from message to message, as in a decoder: what they remember of one must not spoil the next. */
const cursor = createCursor();
const trail = createMeterTrail(lookup);

/** Rows of each road, undefined where the scanner leaves the message to the other. */
function bothRoads(bytes: Uint8Array) {
  const scanned = batchOf();
  Object.assign(cursor, { bytes: Uint8Array.of(...bytes, 0x31, 0x7d), at: 0, end: bytes.length });
  const accepted = scanMessage(cursor, { lookup, trail, batch: scanned, group: 0 });
  const parsed = batchOf();
  const rejects: DecodeReject[] = [];
  decodeJson(bytes, {
    lookup,
    batch: parsed,
    verdict: { group: 0, reason: "wrong_partition", detail: "" },
    onReject: (r) => rejects.push(r),
  });
  return { accepted, scanned, parsed, rejects };
}

describe("the scanner", () => {
  it("reads what it accepts exactly as JSON.parse and the schemas do", () => {
    let acceptedCount = 0;
    fc.assert(
      fc.property(fc.oneof(message, mutated), (bytes) => {
        const { accepted, scanned, parsed, rejects } = bothRoads(bytes);
        if (!accepted) {
          expect(scanned.count).toBe(0);
          return;
        }
        acceptedCount++;
        expect(rejects).toEqual([]);
        expect(rowsOf(scanned)).toEqual(rowsOf(parsed));
      }),
      { numRuns: 5000 },
    );
    expect(acceptedCount).toBeGreaterThan(500);
  });

  it("accepts the common shapes", () => {
    for (const content of [
      good,
      [good, { ...good, meterId: "m2" }],
      { meterIds: ["m1"], intervalStart: [good.intervalStart], kw: [-0.5] },
      [],
    ]) {
      expect(bothRoads(bytesOf(JSON.stringify(content))).accepted).toBe(true);
    }
  });

  it("rounds every decimal of up to 15 digits as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), fc.nat(14), fc.boolean(), (digits, decimals, negative) => {
        const text = String(digits).padStart(decimals + 1, "0");
        const kw = `${negative ? "-" : ""}${text.slice(0, text.length - decimals)}${decimals > 0 ? "." : ""}${text.slice(text.length - decimals)}`;
        const bytes = bytesOf(
          `{"meterId":"m1","intervalStart":"2022-01-03T06:00:00Z","kw":${decimals > 0 ? kw : (negative ? "-" : "") + text}}`,
        );
        const { accepted, scanned } = bothRoads(bytes);
        if (accepted) expect(scanned.values[0]).toBe(Number(decimals > 0 ? kw : (negative ? "-" : "") + text));
      }),
      { numRuns: 3000 },
    );
  });
});

it("no bytes at all make the decoder throw, and every message is accounted for", () => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array()), fc.option(fc.uint8Array({ maxLength: 8 })), (bytes, key) => {
      const rejects: DecodeReject[] = [];
      const batch = batchOf();
      const readings = createMessageDecoder(lookup, (reject) => rejects.push(reject)).decode(key, bytes, batch);
      expect(readings).toBe(batch.count + rejects.length);
    }),
    { numRuns: 2000 },
  );
});
