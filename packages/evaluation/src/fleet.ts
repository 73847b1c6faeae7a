import { DAY_MS, type GridEvent, type Meter, type Permit, Quality, type Weather } from "@hashwatt/contracts";
import { type ArrivalOptions, createArrival, type FleetBatch } from "./arrival.ts";
import { addRow, type GridDay, type LoadEffect, type MeteredDay, type MeterFault } from "./grid-day.ts";
import type { FleetLabels } from "./labels.ts";
import { createSiteLoad, type SiteModel } from "./load-model.ts";
import { createMeterClocks } from "./meter-clocks.ts";
import { createRandom } from "./random.ts";
import { createTree, type Tree } from "./tree.ts";
import type { AreaSeries } from "./weather.ts";

import type { DayClock } from "./zone-clock.ts";

/** A fleet in memory; the product's file formats as records, readings as a generator of arrival-ordered columns. */
export interface Fleet {
  name: string;
  seed: number;
  fromMs: number;
  /** End of the last interval. */
  toMs: number;
  meters: Meter[];
  permits: Permit[];
  events: GridEvent[];
  weather: Weather[];
  labels: FleetLabels;
  /** Starts over on each call; the same fleet gives the same batches. A batch is the taker's to keep. */
  batches(): Generator<FleetBatch>;
}

/** Technical loss below a parent: a fixed part and one that grows with the square of the load. */
export interface LossModel {
  readonly fixedKw: number;
  readonly perKwSquared: number;
}

/** Everything from which a fleet's readings follow. Arrays are by meter index unless said otherwise. */
export interface FleetPlan {
  readonly name: string;
  readonly seed: number;
  /** Start, midnight UTC. */
  readonly fromMs: number;
  readonly days: number;
  readonly meters: readonly Meter[];
  /** Load of the point itself; null for a parent whose children are all metered. */
  readonly sites: readonly (SiteModel | null)[];
  readonly losses: readonly (LossModel | null)[];
  readonly areas: readonly AreaSeries[];
  /** Local days "YYYY-MM-DD". */
  readonly holidays: ReadonlySet<string>;
  /** Not by meter. */
  readonly effects: readonly LoadEffect[];
  readonly faults: readonly MeterFault[];
  readonly arrival: ArrivalOptions;
}

function aggregate(day: GridDay, tree: Tree, losses: readonly (LossModel | null)[]): void {
  for (const index of tree.upward) {
    const loss = losses[index];
    const kw = day.kw[index];
    if (loss) for (let slot = 0; slot < kw.length; slot++) kw[slot] += loss.fixedKw + loss.perKwSquared * kw[slot] * kw[slot];
    const parent = tree.parentOf[index];
    if (parent < 0) continue;
    addRow(kw, day.kw[parent]);
    addRow(day.kvar[index], day.kvar[parent]);
  }
}

/** Six significant digits at most, as a head-end stores them: true load still differs from hour to hour. */
function decimalScale(meter: Meter): number {
  const size = Math.max(1, meter.ratedKw ?? 1000);
  return 10 ** Math.max(0, 5 - Math.ceil(Math.log10(size)));
}

interface Run {
  day(dayIndex: number): GridDay;
}

/** The true load of all points, day by day in order: sites, effects by stage, sums and losses. */
function startTruth(plan: FleetPlan, clocks: (dayIndex: number) => readonly DayClock[]): Run {
  const tree = createTree(plan.meters);
  const areaIndex = new Map(plan.areas.map((area) => [area.areaId, area]));
  const areas = plan.meters.map((meter) => {
    const area = areaIndex.get(meter.areaId);
    if (!area) throw new RangeError(`meter ${meter.meterId}: area ${meter.areaId} has no weather in the plan`);
    return area;
  });
  const root = createRandom(plan.seed, plan.name);
  const loads = plan.sites.map((site, index) =>
    site ? createSiteLoad(site, areas[index], plan.days, root.fork(`site/${plan.meters[index].meterId}`)) : null,
  );
  const effects = (["share", "addition"] as const).flatMap((stage) =>
    plan.effects.filter((effect) => effect.stage === stage).map((effect) => ({ effect, apply: effect.start() })),
  );
  const rows = () => plan.meters.map((meter) => new Float64Array(1440 / meter.intervalMinutes));
  const kw = rows();
  const kvar = rows();
  const day = (dayIndex: number): GridDay => {
    const startMs = plan.fromMs + dayIndex * DAY_MS;
    const today = clocks(dayIndex);
    const grid = {
      startMs,
      firstHour: dayIndex * 24,
      kw,
      kvar,
      clockOf: (meterIndex: number) => today[meterIndex],
      areaOf: (meterIndex: number) => areas[meterIndex],
    };
    loads.forEach((load, index) => {
      if (load) load.fillDay(dayIndex, today[index], kw[index], kvar[index]);
      else {
        kw[index].fill(0);
        kvar[index].fill(0);
      }
    });
    for (const { effect, apply } of effects) if (effect.fromMs < startMs + DAY_MS && effect.toMs > startMs) apply(grid);
    aggregate(grid, tree, plan.losses);
    return grid;
  };
  return { day };
}

/**
 * The fleet as metered, day by day, before anything travels: what the readings would be if all arrived in time.
 * The rows are reused for the next day.
 */
export function* meteredDays(plan: FleetPlan): Generator<MeteredDay[]> {
  const clocks = createMeterClocks(plan);
  const truth = startTruth(plan, clocks);
  const faults = plan.faults.map((fault) => ({ fault, apply: fault.start() }));
  const scales = plan.meters.map(decimalScale);
  const own = plan.meters.map((meter) => ({
    quality: new Uint8Array(1440 / meter.intervalMinutes),
    correctedKw: new Float64Array(1440 / meter.intervalMinutes),
  }));
  for (let dayIndex = 0; dayIndex < plan.days; dayIndex++) {
    const grid = truth.day(dayIndex);
    const days = plan.meters.map((_, index): MeteredDay => {
      const { quality, correctedKw } = own[index];
      quality.fill(Quality.measured);
      correctedKw.fill(Number.NaN);
      return { startMs: grid.startMs, clock: grid.clockOf(index), kw: grid.kw[index], kvar: grid.kvar[index], quality, correctedKw };
    });
    for (const { fault, apply } of faults) apply(days[fault.meterIndex]);
    days.forEach((day, index) => {
      for (const row of [day.kw, day.kvar, day.correctedKw]) {
        for (let slot = 0; slot < row.length; slot++) row[slot] = Math.round(row[slot] * scales[index]) / scales[index];
      }
    });
    yield days;
  }
}

/** Readings of a plan in arrival order. */
export function* planBatches(plan: FleetPlan): Generator<FleetBatch> {
  const arrival = createArrival(plan.arrival, plan.meters.length, `${plan.seed}/${plan.name}`);
  for (const days of meteredDays(plan)) yield* arrival.send(days);
  yield* arrival.finish();
}
