import { type CandidateMessage, DAY_MS, HOUR_MS, type Meter, parseInstant } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Counters } from "./counters.ts";
import { createTestRun, finalSet, firstMs, loadWithStep, type Row, rowsOf, type TestRun, testMeter } from "./testing/rows.ts";

const days = 10;
const zones = ["UTC", "Asia/Almaty", "Asia/Kolkata", "America/St_Johns"];

interface Stream {
  readonly meters: Meter[];
  readonly rows: Row[];
}

/** 2 to 5 meters of mixed cadences and zones, one of them with a step up and perhaps down again; holes and estimated values. */
const streams: fc.Arbitrary<Stream> = fc
  .record({
    seed: fc.nat(1e6),
    cadences: fc.array(fc.constantFrom(60, 60, 30, 20, 15, 5), { minLength: 2, maxLength: 5 }),
    zone: fc.array(fc.constantFrom(...zones), { minLength: 5, maxLength: 5 }),
    onsetHours: fc.integer({ min: 80, max: 150 }),
    lastsHours: fc.constantFrom(48, 60, 1000),
    flaws: fc.constantFrom(0, 30, 7),
  })
  .map(({ seed, cadences, zone, onsetHours, lastsHours, flaws }) => {
    const meters = cadences.map((intervalMinutes, row) => testMeter(`m${row}`, { intervalMinutes, timeZone: zone[row] }));
    const onsetMs = firstMs + onsetHours * HOUR_MS;
    const isOn = (meter: Meter, startMs: number): boolean => meter.meterId === "m0" && startMs < onsetMs + lastsHours * HOUR_MS;
    const rows = rowsOf(meters, days, (meter, startMs) => loadWithStep(seed, isOn(meter, startMs) ? 60 : 0, onsetMs)(meter, startMs));
    const draw = drawsOf(seed);
    return { meters, rows: flaws === 0 ? rows : rows.flatMap((row) => flawed(row, draw(flaws))) };
  });

function flawed(row: Row, drawn: number): Row[] {
  if (drawn === 0) return [];
  return [drawn === 1 ? { ...row, quality: 1 } : row];
}

/** Whole numbers below a limit, the same for the same seed. */
function drawsOf(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** The rows in another order of arrival: each late by up to `hours`; rows of one meter and interval stay in order. */
function shuffled({ meters, rows }: Stream, seed: number, hours: number): Row[] {
  const draw = drawsOf(seed);
  const interval = new Map(meters.map((meter) => [meter.meterId, meter.intervalMinutes * 60_000]));
  return rows
    .map((row) => ({ row, at: row.startMs + interval.get(row.meterId)! + draw(hours * 60) * 60_000 }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

function runOf({ meters }: Stream, rows: readonly Row[], batchSize?: number): TestRun {
  const run = createTestRun(meters);
  run.feed(rows, batchSize);
  return run;
}

function sumOf(counters: Counters): number {
  const rejected = Object.values(counters.rejected).reduce((sum, count) => sum + count, 0);
  return counters.binned + counters.duplicate + counters.late + counters.parked + rejected;
}

function text(messages: readonly CandidateMessage[]): string {
  return JSON.stringify(messages);
}

const seeds = fc.nat(1e9);
const runs = { numRuns: 25 };

describe("messages are the same, byte for byte,", () => {
  it("when distinct intervals arrive in another order within the grace", () => {
    let said = 0;
    fc.assert(
      fc.property(streams, seeds, (stream, seed) => {
        const inOrder = runOf(stream, stream.rows);
        said += inOrder.messages.length;
        expect(text(runOf(stream, shuffled(stream, seed, 11)).messages)).toBe(text(inOrder.messages));
      }),
      runs,
    );
    expect(said).toBeGreaterThan(10);
  });

  it("when the stream is cut into other batches", () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 5000 }), (stream, batchSize) => {
        const rows = shuffled(stream, batchSize, 40);
        expect(text(runOf(stream, rows, batchSize).messages)).toBe(text(runOf(stream, rows).messages));
      }),
      runs,
    );
  });

  it("when rows are sent again", () => {
    fc.assert(
      fc.property(streams, seeds, (stream, seed) => {
        const draw = drawsOf(seed);
        const again = shuffled({ ...stream, rows: stream.rows.filter(() => draw(10) === 0) }, seed, 60);
        const rows: Row[] = [];
        let next = 0;
        for (const row of stream.rows) {
          rows.push(row);
          while (next < again.length && again[next].startMs < row.startMs - draw(50) * HOUR_MS) rows.push(again[next++]);
        }
        expect(text(runOf(stream, rows).messages)).toBe(text(runOf(stream, stream.rows).messages));
      }),
      runs,
    );
  });

  it("when the run is saved and restored at any points, and its bytes as well", () => {
    fc.assert(
      fc.property(
        streams,
        seeds,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
        (stream, seed, cuts) => {
          const rows = strewn(shuffled(stream, seed, 40), seed);
          const whole = createTestRun(stream.meters);
          whole.feed(rows);

          const messages: CandidateMessage[] = [];
          let run = createTestRun(stream.meters);
          let history: Uint8Array | undefined;
          let savedVersion = 0;
          let from = 0;
          for (const cut of [...cuts.map((share) => Math.floor(share * rows.length)).toSorted((a, b) => a - b), rows.length]) {
            run.feed(rows.slice(from, cut), 13);
            from = cut;
            messages.push(...run.messages);
            if (run.pipeline.activeGroups().length === 0) continue;
            // As a checkpoint does it: the history only when a day has closed since it was written.
            if (run.pipeline.historyVersion("a") !== savedVersion) {
              history = run.pipeline.saveHistory("a");
              savedVersion = run.pipeline.historyVersion("a");
            }
            const recent = run.pipeline.saveRecent("a");
            run = createTestRun(stream.meters);
            run.pipeline.restore("a", history, recent);
            expect(run.pipeline.saveRecent("a")).toEqual(recent);
          }
          expect(text(messages)).toBe(text(whole.messages));
          expect(run.pipeline.counters()).toEqual(whole.pipeline.counters());
          expect(run.pipeline.saveHistory("a")).toEqual(whole.pipeline.saveHistory("a"));
          expect(run.pipeline.saveRecent("a")).toEqual(whole.pipeline.saveRecent("a"));
        },
      ),
      runs,
    );
  });

  it("when one clock is wrong, whatever it says", () => {
    const years = ["2099-01-01T00:00:00Z", "2066-01-01T00:00:00Z"].map((instant) => parseInstant(instant) - firstMs);
    const offsets = fc.constantFrom(...years, -firstMs, 30 * DAY_MS, 365 * DAY_MS, -365 * DAY_MS);
    fc.assert(
      fc.property(streams, offsets, (stream, offsetMs) => {
        const last = stream.meters.at(-1)!.meterId;
        // Two right clocks are needed to outvote a wrong one that is behind; one that is ahead can be outwaited.
        if (offsetMs < 0 && stream.meters.length < 3) return;
        const right = stream.rows.filter((row) => row.meterId !== last);
        const wrong = stream.rows.map((row) => (row.meterId === last ? { ...row, startMs: row.startMs + offsetMs } : row));
        expect(text(runOf(stream, wrong).messages)).toBe(text(runOf(stream, right).messages));
      }),
      runs,
    );
  });
});

/** Wrong clocks, registers, revisions and garbage among the rows. */
function strewn(rows: readonly Row[], seed: number): Row[] {
  const draw = drawsOf(seed + 1);
  return rows.flatMap((row) => {
    switch (draw(60)) {
      case 0:
        return [row, { ...row, startMs: row.startMs + (draw(40) - 5) * DAY_MS }];
      case 1:
        return [row, { ...row, value: row.value + 1, quality: 2 }];
      case 2:
        return [row, { ...row, quantity: 2, value: draw(1e5) }];
      case 3:
        return [{ ...row, value: Number.NaN }, { ...row, startMs: row.startMs + draw(1e6) }, row];
      default:
        return [row];
    }
  });
}

function hourlyLoad(meter: Meter, startMs: number): number {
  const hourMs = Math.floor(startMs / HOUR_MS) * HOUR_MS;
  return loadWithStep(5, meter.meterId === "m3" ? 60 : 0, firstMs + 4 * DAY_MS)(meter, hourMs);
}

describe("the final set of candidates is the same", () => {
  it("when rows arrive beyond the grace", () => {
    let said = 0;
    let changed = 0;
    fc.assert(
      fc.property(streams, seeds, (stream, seed) => {
        const tailMs = firstMs + (days - 3) * DAY_MS;
        const late = shuffled({ ...stream, rows: stream.rows.filter((row) => row.startMs < tailMs) }, seed, 50);
        const rows = [...late, ...stream.rows.filter((row) => row.startMs >= tailMs)];
        const run = runOf(stream, rows);
        expect(run.pipeline.counters().late).toBe(0);
        const inOrder = runOf(stream, stream.rows);
        said += inOrder.messages.length;
        changed += run.messages.length - inOrder.messages.length;
        expect(finalSet(run.messages)).toEqual(finalSet(inOrder.messages));
      }),
      { numRuns: 40 },
    );
    expect(said).toBeGreaterThan(10);
    expect(changed).toBeGreaterThan(0);
  });

  it("at any cadence that divides the hour", () => {
    const cadences = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];
    const hourly = cadences.map((_, row) => testMeter(`m${row}`));
    const mixed = cadences.map((intervalMinutes, row) => testMeter(`m${row}`, { intervalMinutes }));
    const runHourly = runOf({ meters: hourly, rows: [] }, rowsOf(hourly, 7, hourlyLoad));
    const runMixed = runOf({ meters: mixed, rows: [] }, rowsOf(mixed, 7, hourlyLoad));
    expect(runHourly.messages).toHaveLength(1);
    expect(runMixed.messages).toEqual(runHourly.messages);
  });

  it("from cumulative registers as from the power that they mean", () => {
    fc.assert(
      fc.property(streams, seeds, fc.constantFrom(0, 9e5), (stream, seed, firstKwh) => {
        const meters = stream.meters.map((meter) => ({ ...meter, intervalMinutes: 30 }));
        const power = rowsOf(meters, 8, loadWithStep(seed, 60, firstMs + 5 * DAY_MS));
        // A register is read at the end of the interval, which is the start of the next one; it rolls over at a million.
        const kwh = new Map(meters.map(({ meterId }) => [meterId, firstKwh + 99_000]));
        const first = meters.map(({ meterId }) => ({ meterId, startMs: firstMs, value: kwh.get(meterId)!, quantity: 2 }));
        const registers = power.map(({ meterId, startMs, value }) => {
          kwh.set(meterId, (kwh.get(meterId)! + value / 2) % 1e6);
          return { meterId, startMs: startMs + HOUR_MS / 2, value: kwh.get(meterId)!, quantity: 2 };
        });
        const fromPower = runOf({ meters, rows: [] }, power);
        expect(fromPower.messages.length).toBeGreaterThan(0);
        expect(runOf({ meters, rows: [] }, [...first, ...registers]).messages).toEqual(fromPower.messages);
      }),
      { numRuns: 10 },
    );
  });

  it("from registers with rollovers, exchanges and errors in any order within the grace", () => {
    fc.assert(
      fc.property(streams, seeds, (stream, seed) => {
        const draw = drawsOf(seed);
        const kwh = new Map(stream.meters.map(({ meterId }) => [meterId, draw(2) === 0 ? 99_500 : 5000]));
        const rows = stream.rows.map((row) => {
          const event = draw(150);
          const before = event === 0 ? 3 : kwh.get(row.meterId)!;
          kwh.set(row.meterId, (before + row.value / 2) % 1e5);
          return { ...row, value: event === 1 ? before / 3 : before, quantity: 2 };
        });
        const inOrder = runOf(stream, rows);
        const other = runOf(stream, shuffled({ ...stream, rows }, seed, 11));
        expect(JSON.stringify(other.messages)).toBe(JSON.stringify(inOrder.messages));
      }),
      runs,
    );
  });
});

describe("accounting", () => {
  const garbage = fc.record({
    meterId: fc.constantFrom("m0", "m1", "m2", "nobody"),
    startMs: fc.oneof(
      fc.integer({ min: 0, max: 300 }).map((hours) => firstMs + hours * HOUR_MS),
      fc.constantFrom(
        Number.NaN,
        0,
        firstMs + 1,
        parseInstant("2099-06-01T00:00:00Z"),
        parseInstant("2066-06-01T00:00:00Z"),
        firstMs + 900 * DAY_MS,
      ),
    ),
    value: fc.oneof(fc.integer({ min: -5, max: 200 }), fc.constantFrom(Number.NaN, -0, 1e300, Number.NEGATIVE_INFINITY)),
    quantity: fc.integer({ min: 0, max: 3 }),
    quality: fc.integer({ min: 0, max: 3 }),
  });

  it("holds for any rows: read = binned + duplicate + late + parked + rejected", () => {
    const meters = ["m0", "m1", "m2"].map((id) => testMeter(id));
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 400 }), (rows) => {
        const run = createTestRun(meters);
        run.feed(rows, 7);
        const counters = run.pipeline.counters();
        expect(counters.read).toBe(rows.length);
        expect(sumOf(counters)).toBe(rows.length);
        const rejected = Object.values(counters.rejected).reduce((sum, count) => sum + count, 0);
        expect(run.rejects).toHaveLength(rejected);
      }),
      { numRuns: 200 },
    );
  });
});
