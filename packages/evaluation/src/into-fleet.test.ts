import { DAY_MS, formatInstant, parseInstant, Quality } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import type { FleetBatch } from "./arrival.ts";
import { createFleet } from "./create-fleet.ts";
import { type EventfulFleet, type IntoOptions, type NaturalFleet, planInto } from "./into-fleet.ts";
import { createLoadColumns } from "./load-columns.ts";
import { mineKinds } from "./mines.ts";
import { editReadings } from "./reading-edits.ts";

const bare = createFleet({
  name: "bare",
  days: 150,
  areas: 2,
  substationsPerArea: 2,
  feedersPerSubstation: 4,
  transformersPerFeeder: 4,
  coldSnaps: 0,
  mines: {},
  confounders: {},
});
const columnsOf = (batches: Iterable<FleetBatch>) => {
  const columns = createLoadColumns(bare.meters);
  for (const batch of batches) columns.take(batch);
  return columns.finish();
};
const natural: NaturalFleet = { name: "bare", load: columnsOf(bare.batches()), permits: [], events: bare.events, weather: bare.weather };
const edited = async (plan: EventfulFleet) => {
  const batches: FleetBatch[] = [];
  for await (const batch of editReadings(plan.edits, bare.batches())) batches.push(batch);
  return batches;
};
const indexOf = (meterId: string) => bare.meters.findIndex((meter) => meter.meterId === meterId);
const parentOf = (meterId: string) => bare.meters[indexOf(meterId)].parentId;
const isWave = (entry: { kind: string }) => entry.kind === "cold_snap" || entry.kind === "heat_wave";
const hourOf = (instant: string) => Math.round((parseInstant(instant) - natural.load.fromMs) / 3_600_000);

/** Added kW by meter and hour. */
async function added(options: IntoOptions): Promise<{ plan: EventfulFleet; kw: (meterId: string, hour: number) => number }> {
  const plan = planInto(natural, options);
  const after = columnsOf(await edited(plan));
  return { plan, kw: (meterId, hour) => after.kw[indexOf(meterId)][hour] - natural.load.kw[indexOf(meterId)][hour] };
}

const rowsOf = (batches: Iterable<FleetBatch>, revised: boolean) =>
  [...batches].flatMap((batch) =>
    Array.from({ length: batch.count }, (_, row) => row)
      .filter((row) => revised || batch.quality[row] !== Quality.revised)
      .map((row) => `${batch.meterIndex[row]} ${batch.startMs[row]}`),
  );

describe("events put into a metered fleet", () => {
  it("are the same for the same seed and others for another", async () => {
    const [first, again, other] = [1, 1, 2].map((seed) => planInto(natural, { seed }));
    expect(again.labels).toEqual(first.labels);
    expect(await edited(again)).toEqual(await edited(first));
    expect(other.labels.mines).not.toEqual(first.labels.mines);
  });

  it("hold every kind of mine, on meters that nothing else happens to, after the warm-up", () => {
    const { labels } = planInto(natural, { seed: 5, mines: 24, confounders: 20 });
    expect(new Set(labels.mines.map((mine) => mine.kind))).toEqual(new Set(mineKinds));
    const hosts = labels.mines.map((mine) => mine.meterIds[0]);
    expect(new Set(hosts).size).toBe(hosts.length);
    const sharp = labels.confounders.filter((entry) => entry.kind !== "cold_snap" && entry.kind !== "heat_wave");
    for (const entry of sharp) {
      if (entry.kind === "permitted_load") continue; // the licensed part of a permit that is exceeded
      for (const meterId of entry.meterIds.slice(0, entry.kind === "transfer" ? 2 : 1)) expect(hosts).not.toContain(meterId);
    }
    const quietUntil = formatInstant(natural.load.fromMs + labels.warmupDays * DAY_MS);
    for (const { onset } of labels.mines) expect(onset >= quietUntil).toBe(true);
    for (const { from } of labels.confounders) expect(from >= quietUntil).toBe(true);
  });

  it("are plain loads in a range of sizes where that is asked: around the clock on a meter, as a bypass on a parent", () => {
    const { mines, confounders } = planInto(natural, { seed: 6, mines: 16, confounders: 0, plainPct: [20, 90] }).labels;
    expect(mines.length).toBeGreaterThan(12);
    expect(confounders.filter((entry) => !isWave(entry))).toEqual([]);
    const parents = new Set(bare.meters.map(({ parentId }) => parentId));
    for (const { kind, meterIds, pctOfMean } of mines) {
      expect(kind).toBe(parents.has(meterIds[0]) ? "bypass" : "flat");
      // whole machines make the smallest ones larger
      expect(pctOfMean).toBeGreaterThan(kind === "bypass" ? 15 : 12);
      expect(pctOfMean).toBeLessThan(130);
    }
    expect(new Set(mines.map(({ kind }) => kind)).size).toBe(2);
  });

  it("are loads of just the given sizes on the given meters where that is asked, and no others", async () => {
    const leaf = bare.meters.find(({ level }) => level === "transformer")!;
    const parent = bare.meters.find(({ level }) => level === "feeder")!;
    const exactKw = new Map([
      [leaf.meterId, 33.3],
      [parent.meterId, 77],
    ]);
    const { plan, kw } = await added({ seed: 8, mines: 10, confounders: 0, exactKw });
    const told = plan.labels.mines.map(({ meterIds, kind, kw: size, end }) => [meterIds[0], kind, size, end]);
    expect(told.toSorted((a, b) => Number(a[2]) - Number(b[2]))).toEqual([
      [leaf.meterId, "flat", 33.3, null],
      [parent.meterId, "bypass", 77, null],
    ]);
    const { onset } = plan.labels.mines.find(({ kind }) => kind === "flat")!;
    const hours = Array.from({ length: 24 * 10 }, (_, hour) => kw(leaf.meterId, hourOf(onset) + 48 + hour));
    expect(hours.reduce((sum, one) => sum + one, 0) / hours.length).toBeCloseTo(33.3, 0);
    expect(planInto(natural, { seed: 8, mines: 1, confounders: 0, exactKw }).labels.mines).toHaveLength(1);
  });

  it("add the labelled load to the meter and, with a little loss, to those that feed it", async () => {
    const { plan, kw } = await added({ seed: 3, mines: 20, confounders: 0 });
    const flat = plan.labels.mines.filter((mine) => mine.kind === "flat" && mine.end === null);
    expect(flat.length).toBeGreaterThan(0);
    for (const mine of flat) {
      const meter = bare.meters[indexOf(mine.meterIds[0])];
      const hours = Array.from({ length: 24 * 10 }, (_, hour) => hourOf(mine.onset) + 48 + hour);
      const mean = (meterId: string) => hours.reduce((sum, hour) => sum + kw(meterId, hour), 0) / hours.length;
      if (plan.labels.confounders.some((entry) => entry.meterIds.includes(meter.meterId))) continue; // a cold snap on top
      expect(mean(meter.meterId) / mine.kw).toBeGreaterThan(0.9);
      expect(mean(meter.meterId) / mine.kw).toBeLessThan(1.1);
      expect(kw(meter.meterId, hourOf(mine.onset) - 30)).toBe(0);
      if (meter.parentId !== null) expect(mean(meter.parentId)).toBeGreaterThan(0.95 * mean(meter.meterId));
    }
  });

  it("show a bypass in the parent alone, and a customer moved behind the meter as a fall below and a rise above", async () => {
    const { plan, kw } = await added({ seed: 11, mines: 20, confounders: 0 });
    const bypass = plan.labels.mines.find((mine) => mine.kind === "bypass")!;
    const moved = plan.labels.mines.find((mine) => mine.kind === "moved_behind")!;
    const at = hourOf(bypass.onset) + 48;
    const children = bare.meters.filter((meter) => meter.parentId === bypass.meterIds[0]);
    const below = children.reduce((sum, child) => sum + kw(child.meterId, at), 0);
    expect((kw(bypass.meterIds[0], at) - below) / bypass.kw).toBeGreaterThan(0.8);
    const [, child] = moved.meterIds;
    expect(kw(child, hourOf(moved.onset) + 48)).toBeLessThan(0);
    expect(kw(moved.meterIds[0], hourOf(moved.onset) + 48)).toBeGreaterThan(0);
  });

  it("leave order, repeats and late rows as they were, and drop rows only in gaps", async () => {
    const plan = planInto(natural, { seed: 7 });
    const gaps = plan.labels.confounders.filter((entry) => entry.kind === "gap");
    expect(gaps.length).toBeGreaterThan(0);
    const isInGap = (meterIndex: number, startMs: number) =>
      gaps.some(
        ({ meterIds, from, to }) =>
          meterIds.includes(bare.meters[meterIndex].meterId) &&
          startMs >= parseInstant(from) &&
          startMs < (to === null ? Infinity : parseInstant(to)),
      );
    const before = rowsOf(bare.batches(), false).filter((row) => !isInGap(...(row.split(" ").map(Number) as [number, number])));
    expect(rowsOf(await edited(plan), false)).toEqual(before);
  });

  it("send true values after estimated ones, where that is labelled", async () => {
    for (let seed = 1; ; seed++) {
      const plan = planInto(natural, { seed, mines: 0, confounders: 12 });
      const fill = plan.labels.confounders.find((entry) => entry.kind === "estimated_fill" && entry.revised === true);
      if (fill === undefined) continue;
      const index = indexOf(fill.meterIds[0]);
      const rows = (await edited(plan)).flatMap((batch) =>
        Array.from({ length: batch.count }, (_, row) => row)
          .filter((row) => batch.meterIndex[row] === index)
          .map((row) => ({ startMs: batch.startMs[row], quality: batch.quality[row] })),
      );
      const estimated = rows.filter((row) => row.quality === Quality.estimated).map((row) => row.startMs);
      const revised = new Set(rows.filter((row) => row.quality === Quality.revised).map((row) => row.startMs));
      expect(estimated.length).toBeGreaterThan(24);
      expect(estimated.filter((startMs) => !revised.has(startMs))).toEqual([]);
      break;
    }
  });

  it("make the air of a cold snap cold in the weather file too", () => {
    for (let seed = 1; ; seed++) {
      const plan = planInto(natural, { seed, mines: 0, confounders: 0 });
      const snap = plan.labels.confounders.find(isWave);
      if (snap === undefined) continue;
      const areaId = bare.meters[indexOf(snap.meterIds[0])].areaId;
      const meanC = (weather: EventfulFleet["weather"]) => {
        const here = weather.filter(
          (record) => record.areaId === areaId && record.intervalStart > snap.from && record.intervalStart < snap.to!,
        );
        return here.reduce((sum, record) => sum + record.tempC, 0) / here.length;
      };
      const change = meanC(plan.weather) - meanC(natural.weather);
      expect(snap.kind === "cold_snap" ? -change : change).toBeGreaterThan(2);
      break;
    }
  });

  it("name the meters above a change as well, where it is large there", () => {
    const { labels } = planInto(natural, { seed: 5, mines: 0, confounders: 20 });
    const transfers = labels.confounders.filter((entry) => entry.kind === "transfer");
    expect(transfers.length).toBeGreaterThan(0);
    for (const { meterIds } of transfers) {
      for (const above of meterIds.slice(2)) expect(meterIds.filter((id) => parentOf(id) === above)).toHaveLength(1);
    }
    expect(transfers.some(({ meterIds }) => meterIds.length > 2)).toBe(true);
  });

  it("keep what was known before, and keep away from it", () => {
    const known = planInto(natural, { seed: 1, mines: 6, confounders: 0 }).labels;
    const { labels } = planInto({ ...natural, labels: known }, { seed: 2, mines: 6, confounders: 0 });
    expect(labels.mines.slice(0, known.mines.length)).toEqual(known.mines);
    expect(new Set(labels.mines.map((mine) => mine.mineId)).size).toBe(labels.mines.length);
    expect(labels.mines.length).toBeGreaterThan(known.mines.length);
    const before = new Set(known.mines.flatMap((mine) => mine.meterIds));
    for (const mine of labels.mines.slice(known.mines.length)) expect(before).not.toContain(mine.meterIds[0]);
  });

  it("need neither peers nor parents nor a long history", () => {
    const alone = createFleet({ days: 70, areas: 1, substationsPerArea: 1, warmupDays: 30, mines: {}, confounders: {}, coldSnaps: 0 });
    const columns = createLoadColumns(alone.meters);
    for (const batch of alone.batches()) columns.take(batch);
    const plan = planInto({ name: "alone", load: columns.finish(), permits: [], events: [], weather: [] }, { seed: 1 });
    expect(plan.labels.mines).toHaveLength(1);
  });
});
