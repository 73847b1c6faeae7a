/**
 * Reading files: rows per CPU-second from a file to the columns of a batch, proof of completeness included, beside DuckDB alone, which only
 * scans, casts and hands over its vectors. Plain CSV and gzip, seeded, five alternating runs each:
 *
 *   node test/bench/reading-files.ts [DAYS]
 *
 * Bar: the ratio of CPU-seconds at most 1.5.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { findInputFiles, openDuck, openReadings, writeFleet } from "@hashwatt/cli/files";
import { qualityNames } from "@hashwatt/contracts";
import { createFleet } from "@hashwatt/evaluation";
import { createMeterRegistry, createReadingBatch, type MeterRegistry } from "@hashwatt/pipeline";

/** 5 M rows of 1 000 hourly meters. */
const days = Number(process.argv[2] ?? 209);
const runs = 5;

type Road = (path: string, registry: MeterRegistry) => Promise<number>;

/** The product's road, as `replay` takes it. */
async function readByHashwatt(path: string, registry: MeterRegistry): Promise<number> {
  const duck = await openDuck();
  const batch = createReadingBatch(8192);
  const onReject = () => {
    throw new Error(`${path}: a good row was rejected`);
  };
  const source = await openReadings({ files: findInputFiles([path]), registry, duck: duck.connection, batch, onReject });
  let rows = 0;
  for await (const _filled of source.batches()) rows += batch.count;
  duck.close();
  return rows;
}

function listed(texts: readonly string[]): string {
  return texts.map((text) => `'${text}'`).join(",");
}

/** The same columns by types that DuckDB's reader casts to by itself: no rejects, no second spelling of anything, no proof. */
async function readByDuck(path: string, registry: MeterRegistry): Promise<number> {
  const duck = await openDuck();
  await duck.connection.run(`create type meter as enum (${listed(registry.meters.map(({ meterId }) => meterId))})`);
  await duck.connection.run(`create type quality as enum (${listed(qualityNames)})`);
  const columns = "{meter_id: 'meter', interval_start: 'timestamp', kw: 'double', kvar: 'varchar', quality: 'quality'}";
  const result = await duck.connection.stream(
    `select enum_code(meter_id)::integer, epoch_ms(interval_start)::double, kw, enum_code(quality)::utinyint
     from read_csv('${path}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = ${columns})`,
  );
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (let column = 0; column < 4; column++) chunk.getColumnVector(column);
    rows += chunk.rowCount;
  }
  duck.close();
  return rows;
}

async function cpuSeconds(road: Road, path: string, registry: MeterRegistry, expectedRows: number): Promise<number> {
  const before = process.cpuUsage();
  const rows = await road(path, registry);
  const { user, system } = process.cpuUsage(before);
  if (rows !== expectedRows) throw new Error(`${path}: ${rows} rows were read instead of ${expectedRows}`);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** In a function of its own, so that the fleet is garbage before the clock runs. */
async function writeFiles(folder: string): Promise<{ rows: number; registry: MeterRegistry; files: Record<string, string> }> {
  const from = "2023-01-01T00:00:00Z";
  const fleet = createFleet({ name: "reading", seed: 1, from, days, areas: 100, substationsPerArea: 10, feedersPerSubstation: 0 });
  const rows = await writeFleet(folder, fleet, () => undefined);
  const gzip = join(folder, "readings.csv.gz");
  const plain = join(folder, "readings.csv");
  await pipeline(createReadStream(gzip), createGunzip(), createWriteStream(plain));
  return { rows, registry: createMeterRegistry(fleet.meters, "fleet"), files: { plain, gzip } };
}

async function compare(format: string, path: string, registry: MeterRegistry, rows: number): Promise<void> {
  const seconds = { hashwatt: [] as number[], duck: [] as number[] };
  for (let run = 0; run < runs; run++) {
    seconds.hashwatt.push(await cpuSeconds(readByHashwatt, path, registry, rows));
    seconds.duck.push(await cpuSeconds(readByDuck, path, registry, rows));
  }
  const [ours, duck] = [median(seconds.hashwatt), median(seconds.duck)];
  const ratio = Math.round((100 * ours) / duck) / 100;
  console.log(
    JSON.stringify({ format, rows, rowsPerCpuSecond: Math.round(rows / ours), duckRowsPerCpuSecond: Math.round(rows / duck), ratio }),
  );
}

const folder = mkdtempSync(join(tmpdir(), "hashwatt-reading-"));
try {
  const { rows, registry, files } = await writeFiles(folder);
  for (const [format, path] of Object.entries(files)) await compare(format, path, registry, rows);
} finally {
  rmSync(folder, { recursive: true });
}
