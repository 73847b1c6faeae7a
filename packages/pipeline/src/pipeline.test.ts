import { CandidateSchema, DAY_MS, HOUR_MS, type Meter, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createMeterRegistry } from "./meter-registry.ts";
import { createPipeline } from "./pipeline.ts";
import { createTestRun, finalSet, firstMs, loadWithStep, type Row, rowsOf, testMeter } from "./testing/rows.ts";

const meters = ["m1", "m2", "m3", "m4"].map((id) => testMeter(id));
const onsetMs = firstMs + 5 * DAY_MS;
const stepped = (meter: Meter, startMs: number): number => loadWithStep(1, meter.meterId === "m2" ? 60 : 0, onsetMs)(meter, startMs);

describe("pipeline", () => {
  it("raises a candidate when the day that shows the step closes, 12 hours after its end", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 9, stepped));
    expect(run.messages).toHaveLength(1);
    const [message] = run.messages;
    expect(message).toMatchObject({
      type: "raise",
      candidate: { meterId: "m2", direction: "up", onset: "2022-01-08T00:00:00Z", raisedAt: "2022-01-10T12:00:00Z" },
    });
    if (message.type !== "raise") return;
    expect(CandidateSchema.parse(message.candidate)).toEqual(message.candidate);
    expect(message.candidate.summary).toContain("appeared at m2 around 2022-01-08 00:00 (UTC)");
  });

  it("says nothing about a day before group time has passed its close", () => {
    const run = createTestRun(meters);
    const rows = rowsOf(meters, 9, stepped);
    const closeMs = firstMs + 7 * DAY_MS + 12 * HOUR_MS;
    run.feed(rows.filter((row) => row.startMs + HOUR_MS < closeMs));
    expect(run.messages).toHaveLength(0);
    run.feed(rows.filter((row) => row.startMs + HOUR_MS === closeMs));
    expect(run.messages).toHaveLength(1);
  });

  it("revises a candidate whose days a revised reading changes, and keeps the time at which it was raised", () => {
    const run = createTestRun(meters);
    const rows = rowsOf(meters, 10, stepped);
    run.feed(rows.filter((row) => row.startMs < firstMs + 8 * DAY_MS));
    run.feed([{ meterId: "m2", startMs: onsetMs + 3 * HOUR_MS, value: 107, quality: 2 }]);
    run.feed(rows.filter((row) => row.startMs >= firstMs + 8 * DAY_MS));
    expect(run.messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    expect(run.messages[1]).toMatchObject({ candidate: { raisedAt: "2022-01-10T12:00:00Z" } });
    expect(run.pipeline.counters().revised).toBe(1);
  });

  it("withdraws a candidate with the reason when late readings show that there was no step", () => {
    const run = createTestRun(meters);
    const rows = rowsOf(meters, 10, stepped);
    run.feed(rows.filter((row) => row.startMs < firstMs + 8 * DAY_MS));
    const calm = rowsOf([meters[1]], 1, () => 44, onsetMs).map((row) => ({ ...row, quality: 2 }));
    run.feed(calm);
    run.feed(rows.filter((row) => row.startMs >= firstMs + 8 * DAY_MS));
    expect(run.messages.slice(0, 2)).toMatchObject([
      { type: "raise", candidate: { onset: "2022-01-08T00:00:00Z" } },
      { type: "withdraw", meterId: "m2", at: "2022-01-11T12:00:00Z", reason: expect.stringContaining("readings for 2022-01-08 (UTC)") },
    ]);
  });

  it("lets a change of quality alone count as a revision", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 2, stepped));
    const again: Row = { meterId: "m1", startMs: firstMs + DAY_MS, value: stepped(meters[0], firstMs + DAY_MS) };
    run.feed([again, { ...again, quality: 1 }, { ...again, quality: 1 }, { ...again, quality: 2 }]);
    expect(run.pipeline.counters()).toMatchObject({ duplicate: 2, revised: 2 });
  });

  it("never opens a step on estimated values", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 9, stepped).map((row) => (row.meterId === "m2" && row.startMs >= onsetMs ? { ...row, quality: 1 } : row)));
    expect(run.messages).toHaveLength(0);
  });

  it("takes energy of the interval for the power that it means", () => {
    const quarter = meters.map((meter) => ({ ...meter, intervalMinutes: 15 }));
    const [power, energy] = [createTestRun(quarter), createTestRun(quarter)];
    const rows = rowsOf(quarter, 9, stepped);
    power.feed(rows);
    energy.feed(rows.map((row) => ({ ...row, value: row.value / 4, quantity: 1 })));
    expect(power.messages).toHaveLength(1);
    expect(energy.messages).toEqual(power.messages);
  });

  it("closes the day of a zone ahead of UTC at its own midnight", () => {
    const east = meters.map((meter) => ({ ...meter, timeZone: "Asia/Almaty" }));
    const run = createTestRun(east);
    run.feed(rowsOf(east, 9, (meter, startMs) => stepped(meter, startMs + 6 * HOUR_MS)));
    expect(run.messages).toMatchObject([{ candidate: { onset: "2022-01-07T18:00:00Z", raisedAt: "2022-01-10T06:00:00Z" } }]);
  });

  it("holds groups apart and names the group of a message", () => {
    const both = [...meters, ...["n1", "n2"].map((id) => testMeter(id, { areaId: "b" }))];
    const registry = createMeterRegistry(both, "area");
    const run = createTestRun(both, { registry });
    run.feed(rowsOf(both, 9, stepped));
    expect(run.pipeline.activeGroups()).toEqual(["a", "b"]);
    expect(run.pipeline.counters("b").read).toBe(2 * 9 * 24);
    run.pipeline.drop("b");
    expect(run.pipeline.activeGroups()).toEqual(["a"]);
    expect(() => run.pipeline.counters("c")).toThrow(/none of the registry's 2 peer groups/);
    expect(() => run.pipeline.saveRecent("b")).toThrow(/holds no state/);
  });

  it("gives the same candidates whatever the order of the meters in the registry", () => {
    const [run, reversed] = [createTestRun(meters), createTestRun(meters.toReversed())];
    const rows = rowsOf(meters, 9, stepped);
    run.feed(rows);
    reversed.feed(rows);
    expect(reversed.messages).toEqual(run.messages);
  });

  it.each([
    ["lateDays", { lateDays: 0 }, /lateDays is 0/],
    ["lateDays against the history", { lateDays: 15, parameters: { historyDays: 10, fitLagDays: 20 } }, /lateDays is 15/],
    ["graceMs", { graceMs: -1 }, /graceMs is -1/],
    ["graceMs beyond the late limit", { graceMs: 20 * DAY_MS }, /late limit of 14 days/],
  ])("refuses %s out of range", (_, options, message) => {
    const registry = createMeterRegistry(meters, "area");
    const create = () => createPipeline({ registry, onMessage: () => undefined, onReject: () => undefined, ...options });
    expect(create).toThrow(message);
  });
});

describe("accounting", () => {
  const bad: [string, Partial<Row>][] = [
    ["invalid_time", { startMs: Number.NaN }],
    ["invalid_time", { startMs: parseInstant("1970-01-01T00:00:00Z") }],
    ["invalid_time", { startMs: parseInstant("2099-01-01T00:00:00Z") }],
    ["unaligned_interval", { startMs: firstMs + DAY_MS + 60_000 }],
    ["invalid_value", { value: Number.NaN }],
    ["invalid_value", { value: Number.POSITIVE_INFINITY }],
    ["invalid_value", { value: -2e9 }],
    ["invalid_value", { value: -1, quantity: 2 }],
    ["unknown_quality", { quality: 7 }],
    ["invalid_reading", { quantity: 3 }],
    ["unknown_meter", { meterId: "nobody" }],
  ];
  it.each(bad)("rejects with reason %s: %j", (reason, over) => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 2, stepped));
    run.feed([{ meterId: "m1", startMs: firstMs + DAY_MS, value: 1, ...over }]);
    expect(run.rejects).toMatchObject([{ reason, row: 0, meterId: over.meterId === undefined ? "m1" : "" }]);
    expect(run.pipeline.counters().rejected).toMatchObject({ [reason]: 1 });
  });

  it("takes negative zero for zero", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 2, () => -0));
    run.feed(rowsOf(meters, 2, () => 0).slice(-20));
    expect(run.pipeline.counters()).toMatchObject({ duplicate: 20, revised: 0 });
  });

  it("rejects what the group's first reading says of the year 2099 before the group has a time", () => {
    const run = createTestRun(meters);
    run.feed([{ meterId: "m1", startMs: parseInstant("2099-12-31T23:00:00Z"), value: 1 }]);
    expect(run.pipeline.counters()).toMatchObject({ read: 1, parked: 0, rejected: { invalid_time: 1 } });
  });

  it("keeps out what is older than the late limit", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 9, stepped));
    const limitMs = firstMs + 6 * DAY_MS;
    run.feed([limitMs - HOUR_MS, limitMs].map((startMs) => ({ meterId: "m1", startMs, value: 1 })));
    expect(run.pipeline.counters()).toMatchObject({ late: 1, revised: 1 });
  });

  it.each([5, 29, 30, 47])("judges again as if a reading %i hours after the onset had been right at first", (hours) => {
    const rows = rowsOf(meters, 13, stepped);
    const [early, late] = [createTestRun(meters), createTestRun(meters)];
    // With 5 h, midnight lies between the change and the next close: the oldest day is given back before the close looks at it.
    const change: Row = { meterId: "m2", startMs: onsetMs + hours * HOUR_MS, value: 111 };
    early.feed(rows.map((row) => (row.meterId === "m2" && row.startMs === change.startMs ? change : row)));
    const before = rows.filter((row) => row.startMs + HOUR_MS < firstMs + 9 * DAY_MS);
    late.feed(before);
    late.feed([change]);
    late.feed(rows.slice(before.length));
    expect(late.pipeline.counters()).toMatchObject({ late: 0, revised: 1 });
    expect(late.messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    expect(finalSet(late.messages)).toEqual(finalSet(early.messages));
  });
});

describe("group time", () => {
  it("comes back after a gap of three weeks in the whole group, with nothing lost", () => {
    const after = firstMs + 25 * DAY_MS;
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 4, stepped));
    run.feed(rowsOf(meters, 9, loadWithStep(1, 0, 0), after));
    expect(run.pipeline.groupTimeMs("a")).toBe(after + 9 * DAY_MS);
    expect(run.pipeline.counters()).toMatchObject({ read: 4 * 13 * 24, binned: 4 * 13 * 24, parked: 0 });
  });

  it("begins anew after a gap longer than the history", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 9, stepped));
    const fresh = createTestRun(meters);
    const again = firstMs + 400 * DAY_MS;
    const rows = rowsOf(meters, 9, loadWithStep(7, 60, again + 5 * DAY_MS), again);
    run.feed(rows);
    fresh.feed(rows);
    expect(run.messages.slice(1)).toEqual(fresh.messages);
    expect(run.messages).toHaveLength(5);
  });

  it("comes back after a gap from which most meters never return", () => {
    const many = Array.from({ length: 20 }, (_, row) => testMeter(`m${row}`));
    const run = createTestRun(many);
    run.feed(rowsOf(many, 4, stepped));
    run.feed(rowsOf(many.slice(0, 3), 20, stepped, firstMs + 10 * DAY_MS));
    expect(run.pipeline.groupTimeMs("a")).toBeGreaterThanOrEqual(firstMs + 26 * DAY_MS);
    expect(run.pipeline.counters()).toMatchObject({ late: 0, rejected: { clock_ahead: 0 } });
  });

  it("is not held by meters that fall silent and not pushed by one that is two days ahead", () => {
    const many = Array.from({ length: 8 }, (_, row) => testMeter(`m${row}`));
    const run = createTestRun(many);
    run.feed(rowsOf(many, 2, stepped));
    run.feed(rowsOf(many.slice(0, 3), 3, stepped, firstMs + 2 * DAY_MS));
    expect(run.pipeline.groupTimeMs("a")).toBe(firstMs + 5 * DAY_MS);
    run.feed(rowsOf(many.slice(0, 1), 2, stepped, firstMs + 5 * DAY_MS));
    expect(run.pipeline.groupTimeMs("a")).toBe(firstMs + 5 * DAY_MS);
    expect(run.pipeline.counters().parked).toBeGreaterThan(0);
  });

  it("works for a group of one meter, which one wrong reading does not mislead", () => {
    const [only] = meters;
    const run = createTestRun([only]);
    const rows = rowsOf([only], 9, loadWithStep(1, 60, onsetMs));
    run.feed([{ ...rows[0], startMs: parseInstant("2066-01-01T00:00:00Z") }, ...rows]);
    expect(run.messages).toHaveLength(1);
    expect(run.pipeline.counters()).toMatchObject({ parked: 1, binned: 9 * 24 });
    run.feed(rowsOf([only], 2, () => 1, firstMs + 30 * DAY_MS));
    expect(run.pipeline.groupTimeMs("a")).toBe(firstMs + 32 * DAY_MS);
  });

  it("rejects as clock_ahead what a wrong clock sends beyond the parking, oldest first", () => {
    const run = createTestRun(meters);
    run.feed(rowsOf(meters, 3, stepped));
    run.feed(
      rowsOf([meters[3]], 9, stepped, parseInstant("2050-01-01T00:00:00Z")).flatMap((row, hour) => [
        row,
        ...rowsOf([meters[0]], 9, stepped).slice(hour, hour + 1),
      ]),
    );
    expect(run.pipeline.counters()).toMatchObject({ parked: 72, rejected: { clock_ahead: 9 * 24 - 72 } });
    expect(run.rejects[0]).toMatchObject({ reason: "clock_ahead", meterId: "m4", row: -1, startMs: parseInstant("2050-01-01T00:00:00Z") });
  });
});
