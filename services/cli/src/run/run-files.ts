import { formatInstant, type PeerGrouping, type RejectReason } from "@hashwatt/contracts";
import { createReadingBatch, type MeterRegistry, type Reject } from "@hashwatt/pipeline";
import type { ReviewQueue } from "@hashwatt/review-queue";
import type { Permit } from "@hashwatt/contracts";
import { CliError, exitCodes } from "../exit-codes.ts";
import { type Duck, openDuck } from "../files/duck.ts";
import { findInputFiles } from "../files/input-files.ts";
import { type FleetTablePaths, type FleetTables, readFleetTables } from "../files/read-fleet-tables.ts";
import { type FileBatch, openReadings, type ReadCounts, type ReadingsSource } from "../files/read-readings.ts";
import type { OnFileReject } from "../files/rejects.ts";
import type { Progress } from "../output/progress.ts";
import { openRegistry, type RunBatch, type RunResult, type RunSettings, runReadings } from "./run-readings.ts";

export interface FleetPaths extends FleetTablePaths {
  readonly readings: readonly string[];
}

export interface OpenFleet {
  readonly tables: FleetTables;
  readonly registry: MeterRegistry;
  readonly source: ReadingsSource;
  /** The batch the source fills. */
  readonly batch: ReturnType<typeof createReadingBatch>;
  /** Reactive power beside the batch; undefined where it is not read. */
  readonly kvar: Float64Array | undefined;
}

/** Rows handed to the pipeline at once: four chunks of DuckDB, 180 KB, small enough for the cache. */
const batchRows = 8192;

/** Opens the files of a fleet, checks them, and closes DuckDB when `use` is through. */
export async function withFleetFiles<T>(
  paths: FleetPaths,
  grouping: PeerGrouping | undefined,
  onReject: OnFileReject,
  use: (fleet: OpenFleet) => Promise<T>,
  wantsKvar = false,
): Promise<T> {
  const duck: Duck = await openDuck();
  try {
    const tables = await readFleetTables(duck.connection, paths, onReject);
    const registry = openRegistry(tables, grouping, paths.meters.join(" "));
    const batch = createReadingBatch(batchRows);
    const files = findInputFiles(paths.readings);
    const kvar = wantsKvar ? new Float64Array(batchRows) : undefined;
    const source = await openReadings({ files, registry, duck: duck.connection, batch, ...(kvar && { kvar }), onReject });
    return await use({ tables, registry, source, batch, kvar });
  } finally {
    duck.close();
  }
}

export interface RunFilesOptions extends RunSettings {
  readonly paths: FleetPaths;
  readonly grouping?: PeerGrouping | undefined;
  readonly openQueue: (permits: readonly Permit[]) => Promise<ReviewQueue>;
  readonly onReject: OnFileReject;
  readonly progress: Progress;
  readonly isEnough?: (() => boolean) | undefined;
}

export interface RunFilesResult extends RunResult {
  readonly tables: FleetTables;
  readonly registry: MeterRegistry;
  readonly counts: ReadCounts;
}

/** Files in, findings out. */
export async function runFiles(options: RunFilesOptions): Promise<RunFilesResult> {
  const { paths, grouping, openQueue, onReject, progress, ...settings } = options;
  return withFleetFiles(paths, grouping, onReject, async ({ tables, registry, source, batch }) => {
    checkInspected(registry, settings.inspect);
    const queue = await openQueue(tables.permits);
    try {
      const batches = toRunBatches(source, batch, onReject);
      const result = await runReadings({ ...settings, registry, tables, batches, queue, progress });
      return { ...result, tables, registry, counts: source.counts };
    } finally {
      await queue.close();
    }
  });
}

function checkInspected(registry: MeterRegistry, inspect: RunSettings["inspect"]): void {
  const unknown = [...(inspect?.meterIds ?? [])].filter((meterId) => registry.ordinalOf(meterId) < 0);
  if (unknown.length === 0) return;
  const count = registry.meters.length;
  throw new CliError(
    exitCodes.usage,
    `meter ${unknown.join(", ")} is none of the ${count} in the registry; ids are compared letter by letter`,
  );
}

async function* toRunBatches(source: ReadingsSource, batch: OpenFleet["batch"], onReject: OnFileReject): AsyncGenerator<RunBatch> {
  for await (const filled of source.batches()) yield { batch, onReject: (reject) => forwardReject(filled, reject, onReject) };
}

/** A reject of the pipeline becomes one of the file; a reading that was parked before has lost its line. */
function forwardReject(filled: FileBatch, reject: Reject, onReject: OnFileReject): void {
  const { row, reason, detail, meterId, startMs, value } = reject;
  const fault = { reason, detail, text: `${meterId},${formatStart(startMs)},${value}` };
  if (row >= 0) filled.reject(row, fault);
  else onReject({ ...fault, file: filled.file, line: null, column: null });
}

function formatStart(startMs: number): string {
  try {
    return formatInstant(startMs);
  } catch {
    return String(startMs);
  }
}

/** Where every row of the files went: records = binned + duplicate + late + parked + the sum of rejected. */
export interface RowAccounts {
  readonly records: number;
  readonly binned: number;
  readonly revised: number;
  readonly duplicate: number;
  readonly late: number;
  readonly parked: number;
  readonly rejected: Partial<Record<RejectReason, number>>;
}

/** Adds what the files and what the pipeline rejected. */
export function accountRows({ counts, counters }: Pick<RunFilesResult, "counts" | "counters">): RowAccounts {
  const rejected: Partial<Record<RejectReason, number>> = { ...counts.rejected };
  for (const [reason, count] of Object.entries(counters.rejected) as [RejectReason, number][]) {
    if (count > 0) rejected[reason] = (rejected[reason] ?? 0) + count;
  }
  const { binned, revised, duplicate, late, parked } = counters;
  return { records: counts.records, binned, revised, duplicate, late, parked, rejected };
}
