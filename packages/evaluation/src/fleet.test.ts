import { HOUR_MS, type Meter, Quality } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArrivalOptions, defaultArrival } from "./arrival.ts";
import { type FleetPlan, meteredDays, planBatches } from "./fleet.ts";
import { transfer } from "./load-confounders.ts";
import { drawSiteModel } from "./load-model.ts";
import { meterFault } from "./meter-faults.ts";
import { machineHall } from "./mines.ts";
import { createRandom } from "./random.ts";
import { createAreas } from "./weather.ts";

const fromMs = Date.parse("2022-01-03T00:00:00Z");
const climate = { latitude: 50, longitude: 73, annualMeanC: 4, amplitudeC: 17, synopticC: 5 };
const meterOf = (meterId: string, parentId: string | null, intervalMinutes = 60): Meter => ({
  meterId,
  name: "",
  level: parentId === null ? "substation" : "feeder",
  parentId,
  areaId: "a",
  region: "",
  timeZone: "Asia/Almaty",
  intervalMinutes,
  ratedKw: 9_000,
  latitude: null,
  longitude: null,
});

/** A substation with two feeders, and a neighbour. */
function planOf(changes: Partial<FleetPlan> = {}, days = 30): FleetPlan {
  const random = createRandom(7);
  const site = (label: string, kw: number) => ({ ...drawSiteModel(kw, "many", random.fork(label)), restlessShare: 0 });
  return {
    name: "test",
    seed: 7,
    fromMs,
    days,
    meters: [meterOf("s", null), meterOf("f1", "s"), meterOf("f2", "s"), meterOf("t", null)],
    sites: [null, site("f1", 1_000), site("f2", 2_000), site("t", 4_000)],
    losses: [{ fixedKw: 20, perKwSquared: 1e-5 }, null, null, null],
    areas: createAreas([{ areaId: "a", region: "r", climate }], fromMs, days, [], random.fork("weather")),
    holidays: new Set(),
    effects: [],
    faults: [],
    arrival: defaultArrival,
    ...changes,
  };
}

/** Rows of all days by meter. */
function metered(plan: FleetPlan): number[][] {
  const rows: number[][] = plan.meters.map(() => []);
  for (const days of meteredDays(plan)) days.forEach((day, index) => rows[index].push(...day.kw));
  return rows;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Load in the cold days over load before; the model fixes the mean of the period, not of a day. */
const rise = (row: number[]) => mean(row.slice(12 * 24, 15 * 24)) / mean(row.slice(0, 9 * 24));

describe("the simulated load", () => {
  it("has the mean of its model, a quiet night and a quieter Sunday", () => {
    const [, , , t] = metered(planOf({}, 120));
    expect(mean(t) / 4_000).toBeGreaterThan(0.9);
    expect(mean(t) / 4_000).toBeLessThan(1.1);
    const atLocal = (localHour: number) => mean(t.filter((_, hour) => (hour + 6) % 24 === localHour));
    expect(atLocal(3)).toBeLessThan(0.85 * atLocal(19));
    const week = t.slice(0, 16 * 168); // from Monday 06:00 local
    const sunday = week.filter((_, hour) => Math.floor(((hour + 6) % 168) / 24) === 6);
    expect(mean(sunday)).toBeLessThan(0.98 * mean(week));
  });

  it("rises in the cold", () => {
    const snap = { fromMs: fromMs + 10 * 24 * HOUR_MS, toMs: fromMs + 18 * 24 * HOUR_MS, depthC: 15, regions: ["r"] };
    const cold = createAreas([{ areaId: "a", region: "r", climate }], fromMs, 30, [snap], createRandom(7).fork("weather"));
    const [, , , snapped] = metered(planOf({ areas: cold }));
    const [, , , plain] = metered(planOf());
    expect(rise(snapped)).toBeGreaterThan(1.06 * rise(plain));
  });

  it("adds up: a parent reads its children and the loss", () => {
    const [s, f1, f2] = metered(planOf());
    s.forEach((value, hour) => {
      const below = f1[hour] + f2[hour];
      expect(Math.abs(value - (below + 20 + 1e-5 * below * below))).toBeLessThan(1); // values are stored with one decimal
    });
  });

  it("adds up over cadences: a finer child is averaged", () => {
    const fine = planOf({ meters: [meterOf("s", null), meterOf("f1", "s", 15), meterOf("f2", "s"), meterOf("t", null)] }, 3);
    const [s, f1, f2] = metered(fine);
    expect(f1).toHaveLength(3 * 96);
    const below = mean(f1.slice(4, 8)) + f2[1];
    expect(Math.abs(s[1] - (below + 20 + 1e-5 * below * below))).toBeLessThan(1);
  });

  it("shows load without a meter in the parent only", () => {
    const hall = machineHall({
      meterIndex: 0,
      kw: 500,
      machines: 170,
      stairs: [[fromMs + 48 * HOUR_MS, 1]],
      rampHours: 1,
      toMs: Number.POSITIVE_INFINITY,
      interruptions: [],
      seed: "x",
    });
    const plain = metered(planOf({}, 6));
    const bypassed = metered(planOf({ effects: [hall] }, 6));
    expect(bypassed[1]).toEqual(plain[1]);
    expect(bypassed[0].slice(0, 48)).toEqual(plain[0].slice(0, 48));
    const added = bypassed[0].map((value, hour) => value - plain[0][hour]).slice(50);
    for (const value of added) expect(Math.abs(value - 520)).toBeLessThan(60); // 500 kW, its ripple and its share of the loss
  });

  it("moves a transferred load without losing any", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.9, noNaN: true }), fc.integer({ min: 0, max: 100 }), (share, start) => {
        const moved = transfer({ donorIndex: 3, receiverIndex: 1, share, fromMs: fromMs + start * HOUR_MS, toMs: fromMs + 130 * HOUR_MS });
        const plain = metered(planOf({}, 6));
        const after = metered(planOf({ effects: [moved] }, 6));
        after[3].forEach((value, hour) => {
          const sumBefore = plain[3][hour] + plain[1][hour];
          expect(Math.abs(value + after[1][hour] - sumBefore)).toBeLessThan(0.3);
          const inside = hour >= start && hour < 130;
          expect(Math.abs(plain[3][hour] - value - (inside ? share * plain[3][hour] : 0))).toBeLessThan(0.3);
        });
      }),
      { numRuns: 10 },
    );
  });
});

/** All rows in order of arrival. */
const rowsOf = (plan: FleetPlan) => {
  const rows: { key: string; kw: number; quality: number }[] = [];
  for (const batch of planBatches(plan)) {
    for (let i = 0; i < batch.count; i++) {
      rows.push({ key: `${batch.meterIndex[i]} ${batch.startMs[i]}`, kw: batch.kw[i], quality: batch.quality[i] });
    }
  }
  return rows;
};

/** What counts in the end: the last arrived version of each reading. */
const latest = (plan: FleetPlan) => new Map(rowsOf(plan).map((row) => [row.key, row.kw]));

describe("arrival", () => {
  const punctual: ArrivalOptions = { lateShare: 0, lateHours: 1, duplicateShare: 0, revisedShare: 0, revisionDays: 2 };

  it("keeps every reading, however it travels", () => {
    fc.assert(
      fc.property(
        fc.record({
          lateShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
          lateHours: fc.integer({ min: 1, max: 72 }),
          duplicateShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
          revisedShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
          revisionDays: fc.integer({ min: 2, max: 25 }),
        }),
        (arrival) => {
          const expected = latest(planOf({ arrival: punctual }, 8));
          const actual = latest(planOf({ arrival }, 8));
          expect(actual.size).toBe(expected.size);
          for (const [key, kw] of expected) expect(actual.get(key)).toBe(kw);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("sends each reading once and in order of time where nothing goes wrong", () => {
    const rows = rowsOf(planOf({ arrival: punctual }, 5));
    expect(rows).toHaveLength(4 * 5 * 24);
    const starts = rows.map((row) => Number(row.key.split(" ")[1]));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it("delays about one in a hundred, repeats some and corrects some", () => {
    const plan = planOf({}, 120);
    const rows = rowsOf(plan);
    const readings = 4 * 120 * 24;
    expect(rows.length).toBeGreaterThan(readings * 1.002);
    expect(rows.length).toBeLessThan(readings * 1.008);
    const revised = rows.filter((row) => row.quality === Quality.revised).length;
    expect(revised).toBeGreaterThan(3);
    let latestSeen = 0;
    let late = 0;
    for (const row of rows) {
      const start = Number(row.key.split(" ")[1]);
      if (start < latestSeen && row.quality === Quality.measured) late++;
      latestSeen = Math.max(latestSeen, start);
    }
    expect(late / readings).toBeGreaterThan(0.006);
    expect(late / readings).toBeLessThan(0.02);
  });

  it("sends the true values of an estimated stretch later", () => {
    const span = { fromMs: fromMs + 5 * 24 * HOUR_MS, toMs: fromMs + 7 * 24 * HOUR_MS };
    const fill = meterFault({ kind: "estimated_fill", meterIndex: 3, revisedLater: true, ...span });
    const rows = rowsOf(planOf({ faults: [fill], arrival: punctual }));
    expect(rows.filter((row) => row.quality === Quality.estimated)).toHaveLength(48);
    expect(rows.filter((row) => row.quality === Quality.revised)).toHaveLength(48);
    const truth = latest(planOf({ arrival: punctual }));
    const filled = latest(planOf({ faults: [fill], arrival: punctual }));
    for (const [key, kw] of truth) expect(filled.get(key)).toBe(kw);
  });
});
