/**
 * What the pipeline costs beside detection: readings per CPU-second through `ingest`, and saving and restoring of 20 000 meters.
 * Seeded; run with `node test/bench/pipeline.ts`. Bars: 20 M readings per CPU-second, 24 KB a meter, 5 s for the restore.
 */
import { DAY_MS, HOUR_MS, type Meter, MeterSchema, parseInstant } from "@hashwatt/contracts";
import { createMeterRegistry, createPipeline, createReadingBatch, type Pipeline, type ReadingBatch } from "@hashwatt/pipeline";

const firstMs = parseInstant("2022-01-03T00:00:00Z");
const batchRows = 8192;

function metersOf(count: number, areas: number): Meter[] {
  return Array.from({ length: count }, (_, row) =>
    MeterSchema.parse({
      meterId: `meter-${row}`,
      level: "feeder",
      areaId: `area-${row % areas}`,
      timeZone: "Asia/Almaty",
      intervalMinutes: 15,
    }),
  );
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Arrival order of the readings of some hours: which meter and which quarter of an hour comes as number `row`. */
type Order = (row: number, meterCount: number, intervals: number) => { meter: number; interval: number };

const byTime: Order = (row, meterCount) => ({ meter: row % meterCount, interval: Math.floor(row / meterCount) });
const byMeter: Order = (row, _, intervals) => ({ meter: Math.floor(row / intervals), interval: row % intervals });
/** A multiplier without a common factor with the row count walks through all rows in a scattered order. */
const scattered: Order = (row, meterCount, intervals) => byTime((row * 7919) % (meterCount * intervals), meterCount, intervals);

function batchesOf(order: Order, meterCount: number, fromMs: number, hours: number): ReadingBatch[] {
  const intervals = hours * 4;
  const rows = meterCount * intervals;
  const batches: ReadingBatch[] = [];
  for (let from = 0; from < rows; from += batchRows) {
    const batch = createReadingBatch(batchRows);
    batch.count = Math.min(batchRows, rows - from);
    for (let row = 0; row < batch.count; row++) {
      const { meter, interval } = order(from + row, meterCount, intervals);
      batch.ordinals[row] = meter;
      batch.startMs[row] = fromMs + interval * 15 * 60_000;
      batch.values[row] = 100 + ((meter * 31 + interval * 17) % 97);
    }
    batches.push(batch);
  }
  return batches;
}

function createRun(meters: readonly Meter[]): Pipeline {
  const registry = createMeterRegistry(meters, "area");
  return createPipeline({ registry, onMessage: () => undefined, onReject: () => undefined });
}

function feed(pipeline: Pipeline, batches: readonly ReadingBatch[]): void {
  for (const batch of batches) pipeline.ingest(batch);
}

function benchIngest(name: string, order: Order, meterCount: number, areas: number): void {
  const meters = metersOf(meterCount, areas);
  const start = batchesOf(byTime, meterCount, firstMs, 1);
  // Ten hours in which no day closes: ingest alone. Every round into a new pipeline, whose group time has begun.
  const batches = batchesOf(order, meterCount, firstMs + 2 * HOUR_MS, 10);
  const rounds = Math.ceil(4e6 / (meterCount * 40));
  const rates = Array.from({ length: 7 }, () => {
    let seconds = 0;
    for (let round = 0; round < rounds; round++) {
      const pipeline = createRun(meters);
      feed(pipeline, start);
      seconds += cpuSeconds(() => feed(pipeline, batches));
    }
    return (rounds * meterCount * 40) / seconds / 1e6;
  }).toSorted((a, b) => a - b);
  console.log(
    `ingest, ${name}: ${rates[3].toFixed(1)} M readings per CPU-second (median of 7; ${rates[0].toFixed(1)} to ${rates[6].toFixed(1)})`,
  );
}

/** A full state (175 days), restored five times: as many bytes as 20 000 meters have. */
function benchSnapshots(meterCount: number, areas: number): void {
  const meters = metersOf(meterCount, areas);
  const pipeline = createRun(meters);
  const day = batchesOf(byTime, meterCount, firstMs, 24);
  const days = 175;
  const filling = cpuSeconds(() => {
    for (let done = 0; done < days; done++) {
      feed(pipeline, day);
      for (const { startMs } of day) for (let row = 0; row < startMs.length; row++) startMs[row] += DAY_MS;
    }
  });
  const rate = (meterCount * 96 * days) / filling / 1e6;
  console.log(
    `ingest, hour means and judging of days without a step, ${meterCount} meters, ${days} days: ${rate.toFixed(1)} M readings per CPU-second`,
  );
  const saved: { history: Uint8Array; recent: Uint8Array }[] = [];
  const groups = pipeline.activeGroups();
  const save = cpuSeconds(() => {
    for (const group of groups) saved.push({ history: pipeline.saveHistory(group), recent: pipeline.saveRecent(group) });
  });
  const bytes = saved.reduce((sum, { history, recent }) => sum + history.length + recent.length, 0);
  const others = Array.from({ length: 20_000 / meterCount }, () => createRun(meters));
  const restore = cpuSeconds(() => {
    for (const other of others) for (const [row, group] of groups.entries()) other.restore(group, saved[row].history, saved[row].recent);
  });
  const perMeter = (bytes / meterCount).toFixed(0);
  const saveAll = ((save * 20_000) / meterCount).toFixed(2);
  console.log(`snapshots of 20 000 meters: ${perMeter} bytes a meter, saved in ${saveAll} s, restored in ${restore.toFixed(2)} s of CPU`);
}

benchIngest("1 000 meters in one group, by time", byTime, 1000, 1);
benchIngest("10 000 meters in 100 groups, by time", byTime, 10_000, 100);
benchIngest("10 000 meters in 100 groups, ten hours of a meter at a time", byMeter, 10_000, 100);
benchIngest("10 000 meters in 100 groups, scattered over ten hours", scattered, 10_000, 100);
benchSnapshots(4000, 40);
