import { DAY_MS, HOUR_MS } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { SnapshotError } from "./snapshot-bytes.ts";
import { createTestRun, firstMs, loadWithStep, type Row, rowsOf, type TestRun, testMeter } from "./testing/rows.ts";

const meters = ["m1", "m2", "m3"].map((id) => testMeter(id));
const onsetMs = firstMs + 5 * DAY_MS;
const rows = rowsOf(meters, 12, (meter, startMs) => loadWithStep(3, meter.meterId === "m2" ? 60 : 0, onsetMs)(meter, startMs));
const until = (endMs: number): Row[] => rows.filter((row) => row.startMs + HOUR_MS < endMs);

function saved(run: TestRun): { history: Uint8Array; recent: Uint8Array } {
  const history = run.pipeline.saveHistory("a");
  return { history, recent: run.pipeline.saveRecent("a") };
}

/** What restoring says; the group then holds nothing. */
function refusal(target: TestRun, past: Uint8Array | undefined, now: Uint8Array): string {
  try {
    target.pipeline.restore("a", past, now);
  } catch (error) {
    expect(error).toBeInstanceOf(SnapshotError);
    expect(target.pipeline.activeGroups()).toEqual([]);
    return (error as Error).message;
  }
  return "no error";
}

describe("snapshots", () => {
  it("go on with a change of a closed day that was not judged yet", () => {
    const late: Row = { meterId: "m2", startMs: onsetMs + 30 * HOUR_MS, value: 120 };
    const before = [...until(firstMs + 8 * DAY_MS), late];
    const rest = rows.slice(before.length - 1);
    const whole = createTestRun(meters);
    whole.feed([...before, ...rest]);
    const first = createTestRun(meters);
    first.feed(before);
    const { history, recent } = saved(first);
    const second = createTestRun(meters);
    second.pipeline.restore("a", history, recent);
    second.feed(rest);
    expect(whole.messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    expect([...first.messages, ...second.messages]).toEqual(whole.messages);
  });

  it("save the history again when a day that has changed is given back between two closes", () => {
    // Late limit and midnight as in the pipeline's test: day 5 changes, then leaves at the midnight after day 8.
    const late: Row = { meterId: "m2", startMs: onsetMs + 5 * HOUR_MS, value: 120 };
    const toMidnight = [...until(firstMs + 9 * DAY_MS), late, ...rows.filter((row) => row.startMs + HOUR_MS === firstMs + 9 * DAY_MS)];
    const rest = rows.slice(toMidnight.length - 1);
    const whole = createTestRun(meters);
    whole.feed([...toMidnight, ...rest]);
    const first = createTestRun(meters);
    first.feed(until(firstMs + 9 * DAY_MS));
    first.pipeline.saveHistory("a");
    const version = first.pipeline.historyVersion("a");
    first.feed(toMidnight.slice(until(firstMs + 9 * DAY_MS).length));
    expect(first.pipeline.historyVersion("a")).toBe(version + 1);
    expect(() => first.pipeline.saveRecent("a")).toThrow(/save the history first/);
    const history = first.pipeline.saveHistory("a");
    const second = createTestRun(meters);
    second.pipeline.restore("a", history, first.pipeline.saveRecent("a"));
    second.feed(rest);
    expect([...first.messages, ...second.messages]).toEqual(whole.messages);
  });

  it("hold in the recent part only what was written since the history was saved", () => {
    const run = createTestRun(meters);
    run.feed(until(firstMs + 8 * DAY_MS));
    const { history, recent } = saved(run);
    run.feed([{ meterId: "m1", startMs: firstMs + 8 * DAY_MS, value: 1 }]);
    const grown = run.pipeline.saveRecent("a").length - recent.length;
    expect(grown).toBeGreaterThan(0);
    expect(grown).toBeLessThan(64);
    expect(recent.length).toBeLessThan(history.length / 4);
  });

  it("need no history before the first day has closed", () => {
    const run = createTestRun(meters);
    run.feed(until(firstMs + 10 * HOUR_MS));
    expect(run.pipeline.historyVersion("a")).toBe(0);
    const second = createTestRun(meters);
    second.pipeline.restore("a", undefined, run.pipeline.saveRecent("a"));
    expect(second.pipeline.saveHistory("a")).toEqual(run.pipeline.saveHistory("a"));
  });

  it("are refused where they do not belong, with what differs", () => {
    const run = createTestRun(meters);
    run.feed(until(firstMs + 8 * DAY_MS));
    const older = saved(run);
    run.feed(rows.slice(until(firstMs + 8 * DAY_MS).length));
    const { history, recent } = saved(run);
    const damaged = history.slice();
    damaged[damaged.length - 9] ^= 1;
    const foreign = recent.slice();
    foreign[4] = 9;
    expect(refusal(createTestRun(meters), damaged, recent)).toMatch(/damaged \(CRC-32 differs\)/);
    expect(refusal(createTestRun(meters), history.slice(0, -1), recent)).toMatch(/bytes of content, its header says/);
    expect(refusal(createTestRun(meters), history, new Uint8Array(5))).toMatch(/has 5 bytes/);
    expect(refusal(createTestRun(meters), history, foreign)).toMatch(/format version is 9/);
    expect(refusal(createTestRun(meters), recent, recent)).toMatch(/begins with "HWGR"/);
    expect(refusal(createTestRun(meters), undefined, recent)).toMatch(/needs the history of version/);
    expect(refusal(createTestRun(meters), older.history, recent)).toMatch(/needs the history of version \d+, not \d+/);
    expect(refusal(createTestRun(meters.slice(1)), history, recent)).toMatch(/its meters/);
    expect(refusal(createTestRun(meters, { graceMs: HOUR_MS }), history, recent)).toMatch(/its settings/);
  });

  it("survive a change of names and coordinates in the registry", () => {
    const run = createTestRun(meters);
    run.feed(rows);
    const { history, recent } = saved(run);
    const renamed = createTestRun(meters.map((meter) => ({ ...meter, name: "new", latitude: 50 })));
    renamed.pipeline.restore("a", history, recent);
    expect(renamed.pipeline.counters()).toEqual(run.pipeline.counters());
  });
});
