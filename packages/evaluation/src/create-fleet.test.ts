import { MeterSchema, parseInstant, PermitSchema, GridEventSchema } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createFleet, type FleetOptions } from "./create-fleet.ts";
import type { Fleet } from "./fleet.ts";
import { mineKinds } from "./mines.ts";
import { confounderKinds } from "./place-confounders.ts";

const bytesOf = (fleet: Fleet) =>
  [...fleet.batches()].map((batch) =>
    [batch.meterIndex, batch.startMs, batch.kw, batch.kvar, batch.quality].map((column) => column.slice(0, batch.count)),
  );
const one = (kinds: readonly string[]) => Object.fromEntries(kinds.map((kind) => [kind, 1]));
const everything: FleetOptions = {
  days: 150,
  areas: 2,
  substationsPerArea: 3,
  feedersPerSubstation: 3,
  transformersPerFeeder: 4,
  intervalMinutes: 60,
  holidays: ["2023-03-08"],
  mines: one(mineKinds),
  confounders: one(confounderKinds),
};

describe("create fleet", () => {
  it("gives the same bytes for the same seed, and others for another", () => {
    const options = { days: 70, substationsPerArea: 4 };
    expect(bytesOf(createFleet(options))).toEqual(bytesOf(createFleet(options)));
    const fleet = createFleet(options);
    expect(bytesOf(fleet)).toEqual(bytesOf(fleet));
    expect(bytesOf(createFleet({ ...options, seed: 2 }))).not.toEqual(bytesOf(fleet));
  });

  it("can hold one of each kind of mine and change, with valid records", () => {
    const fleet = createFleet(everything);
    expect(fleet.labels.mines.map((mine) => mine.kind).toSorted()).toEqual([...mineKinds].toSorted());
    const kinds = new Set(fleet.labels.confounders.map((confounder) => confounder.kind));
    for (const kind of confounderKinds) expect(kinds).toContain(kind);
    for (const meter of fleet.meters) MeterSchema.parse(meter);
    for (const permit of fleet.permits) PermitSchema.parse(permit);
    for (const event of fleet.events) GridEventSchema.parse(event);
    const ids = new Set(fleet.meters.map((meter) => meter.meterId));
    for (const mine of fleet.labels.mines) {
      expect(mine.meterIds.filter((id) => !ids.has(id))).toEqual([]);
      expect(parseInstant(mine.onset)).toBeGreaterThanOrEqual(fleet.fromMs + 60 * 86_400_000);
    }
    let rows = 0;
    for (const batch of fleet.batches()) {
      rows += batch.count;
      expect(batch.kw.subarray(0, batch.count).every((kw) => Number.isFinite(kw))).toBe(true);
    }
    expect(rows).toBeGreaterThan(0.95 * fleet.meters.length * 150 * 24);
  });

  it("puts a step of the labelled size where the label says", () => {
    const fleet = createFleet({
      days: 120,
      areas: 1,
      substationsPerArea: 3,
      mines: { flat: 1 },
      confounders: {},
      coldSnaps: 0,
      minePct: [80, 80],
    });
    const [mine] = fleet.labels.mines;
    const index = fleet.meters.findIndex((meter) => meter.meterId === mine.meterIds[0]);
    const onsetMs = parseInstant(mine.onset);
    const sums = { before: 0, beforeCount: 0, after: 0, afterCount: 0 };
    const day = 86_400_000;
    for (const batch of fleet.batches()) {
      for (let i = 0; i < batch.count; i++) {
        if (batch.meterIndex[i] !== index) continue;
        const since = batch.startMs[i] - onsetMs;
        if (since >= -14 * day && since < 0) {
          sums.before += batch.kw[i];
          sums.beforeCount++;
        } else if (since >= day && since < 15 * day) {
          sums.after += batch.kw[i];
          sums.afterCount++;
        }
      }
    }
    const step = sums.after / sums.afterCount - sums.before / sums.beforeCount;
    expect(step / mine.kw).toBeGreaterThan(0.75);
    expect(step / mine.kw).toBeLessThan(1.25);
    expect(mine.pctOfMean).toBeCloseTo(80, 0);
  });

  it("says what is wrong with the options", () => {
    expect(() => createFleet({ from: "2023-01-01T05:00:00Z" })).toThrow('from is "2023-01-01T05:00:00Z"; a fleet starts at midnight UTC');
    expect(() => createFleet({ areas: 0 })).toThrow(/at least one area/);
    expect(() => createFleet({ mines: { bypass: 1 } })).toThrow(/no host is left for mine bypass: all parents with metered children/);
    expect(() => createFleet({ mines: { flat: 500 } })).toThrow(/ask for less or for a larger grid/);
  });
});
