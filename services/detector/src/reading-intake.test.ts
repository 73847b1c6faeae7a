import { type Meter, parseInstant } from "@hashwatt/contracts";
import { createMeterRegistry, createPipeline, type Pipeline } from "@hashwatt/pipeline";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "./dead-letters.ts";
import type { FetchedRecord } from "./fetched-record.ts";
import { createPartitionState } from "./partition-state.ts";
import { createReadingIntake, type ReadingIntake } from "./reading-intake.ts";

const meter = (meterId: string): Meter => ({
  meterId,
  name: "",
  level: "substation",
  parentId: null,
  areaId: "a",
  region: "",
  timeZone: "UTC",
  intervalMinutes: 60,
  ratedKw: null,
  latitude: null,
  longitude: null,
});
const registry = createMeterRegistry([meter("m1"), meter("m2")], "area");

/** Records as fetched: all in one buffer, offsets from `firstOffset`. */
function recordsOf(values: readonly unknown[], firstOffset = 0): FetchedRecord[] {
  const batchContext = { firstOffset: String(firstOffset) };
  const texts = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  const bytes = Buffer.from(`a${texts.join("")}`);
  let at = 1;
  return texts.map((text, offsetDelta) => {
    const [valueStart, valueEnd] = [at, (at += Buffer.byteLength(text))];
    const [key, value] = [bytes.subarray(0, 1), bytes.subarray(valueStart, valueEnd)];
    const offset = String(firstOffset + offsetDelta);
    return { bytes, keyStart: 0, keyEnd: 1, valueStart, valueEnd, key, value, offset, offsetDelta, batchContext };
  });
}

function newIntake() {
  const letters: DeadLetter[] = [];
  const intake: ReadingIntake = createReadingIntake({
    registry,
    partitionOfGroup: Int32Array.of(0),
    topic: "readings",
    pipeline: () => pipeline,
    onDeadLetter: (letter) => letters.push(letter),
  });
  const pipeline: Pipeline = createPipeline({ registry, onMessage: () => undefined, onReject: intake.onReject });
  return { intake, pipeline, letters, state: createPartitionState(0, 0) };
}

const reading = (hour: number, meterId = "m1", kw = 5) => ({
  meterId,
  intervalStart: new Date(parseInstant("2022-01-01T00:00:00Z") + hour * 3_600_000).toISOString(),
  kw,
});

describe("the intake", () => {
  it("takes records in and moves the next offset", () => {
    const { intake, pipeline, state } = newIntake();
    const records = recordsOf([reading(0), [reading(1), reading(2)]], 70);
    expect(intake.take(state, records, 0)).toBe(2);
    expect(state.nextOffset).toBe(72);
    expect(pipeline.counters()).toMatchObject({ read: 3 });
    expect(intake.decoded).toMatchObject({ messages: 2, readings: 3 });
  });

  it("passes over what it has taken before: kafkajs delivers it again after errors and rebalances", () => {
    const { intake, pipeline, state } = newIntake();
    const records = recordsOf([reading(0), reading(1), reading(2)], 70);
    intake.take(state, records.slice(0, 2), 0);
    intake.take(state, records, 0);
    expect(pipeline.counters()).toMatchObject({ read: 3, duplicate: 0 });
    expect(state.nextOffset).toBe(73);
  });

  it("sends each message that was not wholly used to the dead letters once, with its offset and every reason", () => {
    const { intake, letters, state } = newIntake();
    const mixed = [reading(0), { ...reading(1), meterId: "stranger" }, { ...reading(1), kw: "x" }];
    // The half hour is found by the pipeline, the rest by decoding; the empty array between gives no row.
    const halfHour = { ...reading(0), intervalStart: "2022-01-01T00:30:00Z" };
    intake.take(state, recordsOf([reading(3), mixed, [], halfHour, "{"], 70), 0);
    expect(
      letters.map(({ headers, value }) => [headers["source-offset"], headers["reason"], headers["rejected"], value?.toString()]),
    ).toEqual([
      ["71", "unknown_meter", "2", JSON.stringify(mixed)],
      ["74", "invalid_json", "1", "{"],
      ["73", "unaligned_interval", "1", JSON.stringify(halfHour)],
    ]);
    expect(letters[0].headers["rejects"]).toContain("invalid_value");
  });

  it("sends the years of clocks that lost the time to the dead letters at once", () => {
    const { intake, letters, state } = newIntake();
    const years = ["1970-01-01T00:00:00Z", "1999-12-31T23:00:00Z", "2070-01-01T00:00:00Z", "2099-12-31T23:00:00Z"];
    const lost = years.map((intervalStart) => ({ meterId: "m1", intervalStart, kw: 1 }));
    intake.take(state, recordsOf([reading(0), ...lost, reading(1)]), 0);
    expect(letters.map(({ headers, value }) => [headers["reason"], value?.toString()])).toEqual(
      lost.map((message) => ["invalid_time", JSON.stringify(message)]),
    );
  });

  it("takes negative zero, as rounding makes it of a small feed-in, for zero", () => {
    const { intake, pipeline, letters, state } = newIntake();
    const negative = ["-0", "-0.0", "-0.00e2"].map((kw, hour) => JSON.stringify(reading(hour)).replace('"kw":5', `"kw":${kw}`));
    const hours = [0, 1, 2, 3].flatMap((hour) => [reading(hour), reading(hour, "m2")]);
    intake.take(state, recordsOf([hours, ...negative, [0, 1, 2].map((hour) => reading(hour, "m1", 0))]), 0);
    expect(letters).toEqual([]);
    expect(pipeline.counters()).toMatchObject({ read: 14, revised: 3, duplicate: 3 });
  });

  it("takes a slice at a time, so that heartbeats find their moment", () => {
    const { intake, pipeline, state } = newIntake();
    const many = Array.from({ length: 10 }, (_, message) => Array.from({ length: 5000 }, (__, i) => reading((message * 5000 + i) % 200)));
    const records = recordsOf(many);
    const first = intake.take(state, records, 0);
    expect(first).toBe(4);
    expect(state.nextOffset).toBe(4);
    for (let index = first; index < records.length; ) index = intake.take(state, records, index);
    expect(pipeline.counters().read).toBe(50_000);
  });
});
