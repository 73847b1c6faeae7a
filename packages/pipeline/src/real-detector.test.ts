import { type Calibration, type CandidateMessage, DAY_MS, HOUR_MS, type Meter } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { hash64 } from "./hash64.ts";
import { createMeterRegistry } from "./meter-registry.ts";
import { createPipeline } from "./pipeline.ts";
import { createReadingBatch } from "./reading-batch.ts";
import { explanations } from "./remaining-doubts.ts";
import { testCalibration } from "./testing/calibration.ts";
import { finalSet, firstMs, type Row, rowsOf, testMeter } from "./testing/rows.ts";

const days = 95;
const meters = Array.from({ length: 10 }, (_, row) => testMeter(`m${row}`, { timeZone: "America/Chicago" }));

/** A number from 0 to 1, the same for the same cell. */
function noise(seed: number, cell: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(cell + 7, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Days and weeks with a common mood; three meters gain a flat load, one on a young stream, one that ends again. */
function load(meter: Meter, startMs: number): number {
  const hour = Math.floor((startMs - firstMs) / HOUR_MS);
  const day = Math.floor(hour / 24);
  const own = Number(meter.meterId.slice(1));
  const shape = 1 + 0.3 * Math.sin(((hour % 24) / 24) * 2 * Math.PI) + (day % 7 > 4 ? -0.1 : 0) + 0.1 * noise(99, day);
  const base = 300 + 40 * own;
  const steps: Record<number, readonly [number, number]> = { 2: [42, 1000], 5: [50, 70], 7: [58, 1000] };
  const [from, to] = steps[own] ?? [1000, 1000];
  return base * shape * (1 + 0.04 * noise(own, hour)) + (day >= from && day < to ? base * 0.35 : 0);
}

function run(rows: readonly Row[], restartAt: readonly number[] = [], calibration?: Calibration): CandidateMessage[] {
  const registry = createMeterRegistry(meters, "area");
  const messages: CandidateMessage[] = [];
  const create = () =>
    createPipeline({
      registry,
      calibration,
      onMessage: (message) => messages.push(message),
      onReject: ({ detail }) => expect.unreachable(detail),
    });
  let pipeline = create();
  const batch = createReadingBatch(1);
  batch.count = 1;
  for (const [row, { meterId, startMs, value, quality = 0 }] of rows.entries()) {
    batch.ordinals[0] = registry.ordinalOf(meterId);
    batch.startMs[0] = startMs;
    batch.values[0] = value;
    batch.qualities[0] = quality;
    pipeline.ingest(batch);
    if (!restartAt.includes(row)) continue;
    const history = pipeline.saveHistory("a");
    const recent = pipeline.saveRecent("a");
    pipeline = create();
    pipeline.restore("a", history, recent);
  }
  expect(pipeline.counters().late).toBe(0);
  return messages;
}

/** One row in ten comes up to 13 days late; some weeks without late ones end the stream. */
function disordered(rows: readonly Row[]): Row[] {
  return rows
    .map((row, index) => ({ row, at: arrivalMs(row, index) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

function arrivalMs(row: Row, index: number): number {
  const isLate = noise(1, index) < 0.1 && row.startMs < firstMs + (days - 20) * DAY_MS;
  return row.startMs + (isLate ? noise(2, index) * 13 * DAY_MS : 0);
}

const scoresOf = (messages: readonly CandidateMessage[]) =>
  messages.flatMap((message) => (message.type === "raise" ? [message.candidate.score] : []));

describe("pipeline with the real detector", () => {
  const rows = rowsOf(meters, days, load);
  const late = disordered(rows);

  it("says the same, byte for byte, when it is restarted", () => {
    const messages = run(late);
    expect(messages.some((message) => message.type === "revise" && message.candidate.endedAt !== undefined)).toBe(true);
    const restarts = [0.3, 0.41, 0.45, 0.55, 0.56, 0.7, 0.9].map((share) => Math.floor(share * late.length));
    expect(hash64(JSON.stringify(run(late, restarts)))).toBe(hash64(JSON.stringify(messages)));
  });

  it("raises by the corrected score where it is calibrated, and the threshold decides", () => {
    const plain = scoresOf(run(rows));
    const halved = scoresOf(run(rows, [], testCalibration(meters, "area", { intercept: 0, slope: 0.5, minScore: 0.5 })));
    expect(halved.length).toBeGreaterThanOrEqual(plain.length);
    expect(Math.max(...halved)).toBeLessThan(Math.max(...plain));
    for (const score of halved) expect(score).toBeGreaterThanOrEqual(0.5);
    expect(run(rows, [], testCalibration(meters, "area", { intercept: -9, slope: 1, minScore: 0.5 }))).toEqual([]);
  });

  it("has words for every innocent explanation that its tests ask about", () => {
    const tests = run(rows).flatMap((message) => (message.type === "withdraw" ? [] : message.candidate.evidence.tests));
    const names = new Set(tests.map(({ name }) => name).filter((name) => !(name in explanations)));
    const otherTests = ["step_share", "step_kw", "age", "seen_both", "internet_outage", "curtailment", "inspection"];
    expect([...names].toSorted()).toEqual(otherTests.toSorted());
  });

  it("ends with the same candidates and evidence when readings come late", () => {
    expect(hash64(JSON.stringify(finalSet(run(late))))).toBe(hash64(JSON.stringify(finalSet(run(rows)))));
  });
});
