import { createRequire } from "node:module";
import type { Batch } from "kafkajs";
import { describe, expect, it } from "vitest";
import { createOffsetReader, type FetchedRecord, recordsOf } from "./fetched-record.ts";

const load = createRequire(createRequire(import.meta.url).resolve("kafkajs"));
const encodeRecord = load("./src/protocol/recordBatch/record/v0") as (record: object) => unknown;
const encodeBatch = load("./src/protocol/recordBatch/v0") as { RecordBatch: (batch: object) => Promise<{ buffer: Buffer }> };
const decodeMessages = load("./src/protocol/requests/fetch/v4/decodeMessages") as (decoder: unknown) => Promise<FetchedRecord[]>;
const Decoder = load("./src/protocol/decoder") as new (bytes: Buffer) => unknown;
const RequestQueue = load("./src/network/requestQueue") as new (
  options: object,
) => { scheduleCheckPendingRequests(): void; throttleCheckTimeoutId: unknown };

/** One stored batch of records as a broker sends it. */
async function fetched(
  records: { key: string | null; value: string | null; headers?: Record<string, string | string[]> }[],
  firstOffset = 0,
) {
  const batch = await encodeBatch.RecordBatch({
    firstTimestamp: 1000,
    maxTimestamp: 1000 + records.length,
    lastOffsetDelta: records.length - 1,
    records: records.map((record, offsetDelta) => encodeRecord({ offsetDelta, timestampDelta: offsetDelta, ...record })),
  });
  const bytes = Buffer.from(batch.buffer);
  bytes.writeBigInt64BE(BigInt(firstOffset), 0);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return decodeMessages(new Decoder(Buffer.concat([size, bytes])));
}

describe("kafkajs as patched", () => {
  it("fetches records with their place in the bytes, and gives each field when asked", async () => {
    const records = await fetched(
      [
        { key: "area-1", value: "{}", headers: { a: "1", b: ["2", "3"] } },
        { key: null, value: null, headers: {} },
        { key: "", value: "ж" },
      ],
      2 ** 40,
    );
    const [first, second, third] = recordsOf({ messages: records } as unknown as Batch);
    expect([first.key?.toString(), first.value?.toString(), first.offset]).toEqual(["area-1", "{}", String(2 ** 40)]);
    expect(first.bytes.subarray(first.valueStart, first.valueEnd)).toEqual(Buffer.from("{}"));
    const message = first as unknown as {
      timestamp: string;
      headers: Record<string, unknown>;
      attributes: number;
      isControlRecord: boolean;
    };
    expect([message.timestamp, message.attributes, message.isControlRecord]).toEqual(["1000", 0, false]);
    expect(message.headers).toEqual({ a: Buffer.from("1"), b: [Buffer.from("2"), Buffer.from("3")] });
    expect([second.key, second.value, second.keyStart, second.valueStart]).toEqual([null, null, -1, -1]);
    expect((second as unknown as { headers: object }).headers).toEqual({});
    expect([third.key?.length, third.value?.toString()]).toEqual([0, "ж"]);
    const offsetOf = createOffsetReader();
    expect([first, second, third].map((record) => offsetOf(record))).toEqual([2 ** 40, 2 ** 40 + 1, 2 ** 40 + 2]);
  });

  it("takes a stored batch of more records than a call takes arguments", async () => {
    const records = await fetched(Array.from({ length: 150_000 }, () => ({ key: null, value: null })));
    expect(records).toHaveLength(150_000);
  });

  it("sets no timer while nothing waits to be sent", () => {
    const options = {
      maxInFlightRequests: 1,
      requestTimeout: 1000,
      enforceRequestTimeout: false,
      clientId: "t",
      broker: "b",
      logger: undefined,
    };
    const queue = new RequestQueue(options);
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
