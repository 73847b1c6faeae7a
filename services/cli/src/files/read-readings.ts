import type { DuckDBConnection } from "@duckdb/node-api";
import type { RejectReason } from "@hashwatt/contracts";
import type { MeterRegistry, ReadingBatch } from "@hashwatt/pipeline";
import { CliError } from "../exit-codes.ts";
import { locateColumns } from "./csv-header.ts";
import { type CsvScan, scanCsv } from "./csv-scan.ts";
import { describeDuckError, escapeGlob, sqlText } from "./duck.ts";
import { DuckReadings } from "./duck-readings.ts";
import type { InputFile } from "./input-files.ts";
import { csvReadingsQuery, defineReadingTypes, parquetReadingsQuery } from "./readings-query.ts";
import type { FileReject, OnFileReject } from "./rejects.ts";
import { WalkReadings } from "./walk-readings.ts";

export interface ReadReadingsOptions {
  readonly files: readonly InputFile[];
  readonly registry: MeterRegistry;
  readonly duck: DuckDBConnection;
  /** Filled and handed out again and again; at least 2048 rows, the size of DuckDB's chunks. */
  readonly batch: ReadingBatch;
  /** As long as the batch: filled with reactive power (NaN = none) beside it. Undefined: it is not read. */
  readonly kvar?: Float64Array;
  readonly onReject: OnFileReject;
}

/** What became of the rows so far: records = delivered + the sum of rejected at the end of each file. */
export interface ReadCounts {
  /** Rows of the files that are through, proven by counting their lines (Parquet: their metadata). */
  records: number;
  delivered: number;
  rejected: Partial<Record<RejectReason, number>>;
}

export interface ReadingsSource {
  readonly counts: ReadCounts;
  /** Rows in arrival order. The batch is only good until the next is asked for. Throws CliError (data) on a file that cannot be used. */
  batches(): AsyncGenerator<FileBatch>;
}

/** A filled batch, all of one file. */
export interface FileBatch {
  readonly file: string;
  /** Rejects a delivered row that failed a later check; it gets file and line. The caller counts it. `text` = the cells as they were read. */
  reject(row: number, fault: Pick<FileReject, "reason" | "detail" | "text">): void;
}

/** A file that was looked at. */
export interface OpenFile {
  readonly input: InputFile;
  /** Undefined: Parquet. */
  readonly scan: CsvScan | undefined;
  readonly records: number;
}

/**
 * Readings of some files, straight into the columns of `batch`: no JavaScript string per row, memory independent of the files' length.
 * All files are scanned (integrity, header, number of records) before the first row is delivered, so that a broken file is known
 * before anything was done.
 */
export async function openReadings(options: ReadReadingsOptions): Promise<ReadingsSource> {
  const counts: ReadCounts = { records: 0, delivered: 0, rejected: {} };
  const { duck, registry } = options;
  await defineReadingTypes(
    duck,
    registry.meters.map((meter) => meter.meterId),
  );
  const files: OpenFile[] = [];
  for (const input of options.files) files.push(await openFile(input, duck));
  return {
    counts,
    batches: async function* () {
      for (const file of files) yield* readFile(file, options, counts);
    },
  };
}

async function openFile(input: InputFile, duck: DuckDBConnection): Promise<OpenFile> {
  const { path } = input;
  if (input.format === "csv") {
    const scan = await scanCsv(input);
    locateColumns(path, scan.header, "readings");
    return { input, scan, records: scan.records };
  }
  return describing(path, async () => {
    await parquetReadingsQuery(duck, path);
    const result = await duck.run(`select sum(num_rows)::double from parquet_file_metadata(${sqlText(escapeGlob(path))})`);
    return { input, scan: undefined, records: Number((await result.getRows())[0][0]) };
  });
}

async function* readFile(file: OpenFile, options: ReadReadingsOptions, counts: ReadCounts): AsyncGenerator<FileBatch> {
  const { input, scan } = file;
  const wantsKvar = options.kvar !== undefined;
  if (scan === undefined) {
    const reader = new DuckReadings(file, await parquetReadingsQuery(options.duck, input.path, wantsKvar), options, counts);
    yield* reader.batches();
    if (reader.stoppedBy !== undefined) throw describeDuckError(input.path, reader.stoppedBy);
    return;
  }
  let delivered = 0;
  if (scan.isRegular) {
    const reader = new DuckReadings(file, csvReadingsQuery(input.path, scan, wantsKvar), options, counts);
    yield* reader.batches();
    if (reader.stoppedBy === undefined) return;
    delivered = reader.fetched;
  }
  yield* new WalkReadings({ ...file, scan }, delivered, options, counts).batches();
}

/** Errors of DuckDB become one sentence. */
async function describing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CliError ? error : describeDuckError(path, error);
  }
}
