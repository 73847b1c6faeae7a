import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import type { RejectReason } from "@hashwatt/contracts";
import type { MeterRegistry, ReadingBatch } from "@hashwatt/pipeline";
import { CliError } from "../exit-codes.ts";
import { describeDuckError, escapeGlob, sqlText } from "./duck.ts";
import { FileRejectLog } from "./file-reject-log.ts";
import type { InputFile } from "./input-files.ts";
import { LineFinder } from "./line-finder.ts";
import { findMalformedRows, type MalformedRow } from "./malformed-rows.ts";
import { type CsvScan, scanCsv } from "./csv-scan.ts";
import { csvReadingsQuery, defineReadingTypes, parquetReadingsQuery, qualityCodes, type ReadingsQuery } from "./readings-query.ts";
import type { FileReject, OnFileReject } from "./rejects.ts";
import { cellsAsText, lookAgain } from "./second-look.ts";

export interface ReadReadingsOptions {
  readonly files: readonly InputFile[];
  readonly registry: MeterRegistry;
  /** Two connections of one DuckDB: one streams, the other answers while it does. */
  readonly duck: DuckDBConnection;
  readonly duckAside: DuckDBConnection;
  /** Filled and handed out again and again; at least 2048 rows, the size of DuckDB's chunks. */
  readonly batch: ReadingBatch;
  readonly onReject: OnFileReject;
}

/** What became of the rows: records = delivered + the sum of rejected. */
export interface ReadCounts {
  /** Rows in the files, proven by counting their lines (Parquet: their metadata). */
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

interface OpenFile {
  readonly path: string;
  readonly scan: CsvScan | undefined;
  readonly records: number;
  readonly query: ReadingsQuery;
}

/** Rows of DuckDB's chunks. */
const chunkRows = 2048;

/**
 * Readings of some files, straight into the columns of `batch`: no JavaScript string per row, memory independent of the files' length.
 * All files are scanned (integrity, header, number of records) before the first row is delivered, so that a broken file is known
 * before anything was done.
 */
export async function openReadings(options: ReadReadingsOptions): Promise<ReadingsSource> {
  const counts: ReadCounts = { records: 0, delivered: 0, rejected: {} };
  await defineReadingTypes(
    options.duck,
    options.registry.meters.map((meter) => meter.meterId),
  );
  const files: OpenFile[] = [];
  for (const file of options.files) files.push(await openFile(file, options.duck));
  return {
    counts,
    batches: async function* () {
      for (const file of files) {
        counts.records += file.records;
        yield* new FileReader(file, options, counts).batches();
      }
    },
  };
}

async function openFile(file: InputFile, duck: DuckDBConnection): Promise<OpenFile> {
  const { path } = file;
  if (file.format === "csv") {
    const scan = await scanCsv(file);
    return { path, scan, records: scan.records, query: csvReadingsQuery(path, scan) };
  }
  try {
    const query = await parquetReadingsQuery(duck, path);
    const result = await duck.run(`select sum(num_rows)::double from parquet_file_metadata(${sqlText(escapeGlob(path))})`);
    return { path, scan: undefined, records: Number((await result.getRows())[0][0]), query };
  } catch (error) {
    throw error instanceof CliError ? error : describeDuckError(path, error);
  }
}

/** One pass over one file. */
class FileReader {
  private readonly file: OpenFile;
  private readonly options: ReadReadingsOptions;
  private readonly counts: ReadCounts;
  private readonly log: FileRejectLog;
  /** Batch row -> number of the record among those DuckDB delivered of this file. */
  private readonly records: Float64Array;
  private fetched = 0;
  private malformed: Promise<MalformedRow[]> | undefined;

  constructor(file: OpenFile, options: ReadReadingsOptions, counts: ReadCounts) {
    this.file = file;
    this.options = options;
    this.counts = counts;
    this.records = new Float64Array(options.batch.ordinals.length);
    this.log = new FileRejectLog(file.path, () => this.openFinder(), options.onReject);
  }

  async *batches(): AsyncGenerator<FileBatch> {
    const { batch } = this.options;
    batch.count = 0;
    for await (const chunk of this.chunks()) {
      if (batch.count + chunkRows > batch.ordinals.length) yield* this.hand();
      this.take(chunk);
    }
    yield* this.hand();
    await this.settle();
  }

  private async *chunks(): AsyncGenerator<DuckDBDataChunk> {
    try {
      const result = await this.options.duck.stream(this.file.query.sql);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
    } catch (error) {
      throw describeDuckError(this.file.path, error);
    }
  }

  private async *hand(): AsyncGenerator<FileBatch> {
    const { batch } = this.options;
    if (batch.count > 0) {
      this.counts.delivered += batch.count;
      yield {
        file: this.file.path,
        reject: (row, fault) => this.log.add({ ...fault, record: this.records[row], column: null }),
      };
    }
    batch.count = 0;
    await this.log.relieve();
  }

  private take(chunk: DuckDBDataChunk): void {
    const { batch } = this.options;
    const { rowCount } = chunk;
    const start = batch.count;
    batch.ordinals.set(itemsOf(chunk, 0), start);
    batch.startMs.set(itemsOf(chunk, 1), start);
    batch.values.set(itemsOf(chunk, 2), start);
    const flags = itemsOf(chunk, 3);
    for (let i = 0; i < rowCount; i++) {
      batch.qualities[start + i] = qualityCodes[flags[i]];
      this.records[start + i] = this.fetched + i;
    }
    batch.quantities.fill(0, start, start + rowCount);
    batch.count = start + rowCount;
    this.fetched += rowCount;
    this.lookAgainAtOddRows(chunk, start);
  }

  /** Mends the rows DuckDB left open, in place, and closes the gaps of those that are rejected. */
  private lookAgainAtOddRows(chunk: DuckDBDataChunk, start: number): void {
    const cells = chunk.getColumnVector(4);
    const validity = (cells as unknown as { validity: { data: BigUint64Array | null } }).validity.data;
    if (validity?.every((word) => word === 0n)) return;
    const { batch } = this.options;
    let kept = start;
    for (let row = start; row < batch.count; row++) {
      const text = cells.getItem(row - start) as string | null;
      if (text !== null && !this.mend(row, text)) continue;
      if (kept !== row) this.move(row, kept);
      kept++;
    }
    batch.count = kept;
  }

  private mend(row: number, cells: string): boolean {
    const { batch, registry } = this.options;
    const seen = lookAgain(cells, (meterId) => registry.ordinalOf(meterId));
    if ("reason" in seen) {
      this.count(seen.reason);
      this.log.add({ ...seen, record: this.records[row], text: cellsAsText(cells) });
      return false;
    }
    batch.ordinals[row] = seen.ordinal;
    batch.startMs[row] = seen.startMs;
    batch.values[row] = seen.kw;
    batch.qualities[row] = seen.quality;
    return true;
  }

  private move(from: number, to: number): void {
    const { batch } = this.options;
    batch.ordinals[to] = batch.ordinals[from];
    batch.startMs[to] = batch.startMs[from];
    batch.values[to] = batch.values[from];
    batch.qualities[to] = batch.qualities[from];
    this.records[to] = this.records[from];
  }

  private count(reason: RejectReason, rows = 1): void {
    this.counts.rejected[reason] = (this.counts.rejected[reason] ?? 0) + rows;
  }

  private findMalformed(): Promise<MalformedRow[]> {
    const { path, scan, query } = this.file;
    this.malformed ??= scan === undefined ? Promise.resolve([]) : findMalformedRows(this.options.duckAside, path, scan, query.columns);
    return this.malformed;
  }

  private async openFinder(): Promise<LineFinder> {
    const { scan } = this.file;
    const malformed = this.fetched === this.file.records ? [] : await this.findMalformed();
    return new LineFinder([...(scan?.blankLines ?? []), ...(scan?.continuationLines ?? []), ...malformed.map(({ line }) => line)]);
  }

  /** The rows the file has and DuckDB did not deliver: each is rejected, none is only missing. */
  private async settle(): Promise<void> {
    const missing = this.file.records - this.fetched;
    const malformed = missing === 0 ? [] : await this.findMalformed();
    await this.log.flush();
    const { path } = this.file;
    for (const { line, detail, text } of malformed)
      this.options.onReject({ file: path, line, column: null, reason: "invalid_row", detail, text });
    if (missing !== 0) this.count("invalid_row", missing);
    const unexplained = missing - malformed.length;
    if (unexplained === 0) return;
    const detail = `${unexplained} more rows of this file were not delivered by the CSV reader (${this.file.records} rows in the file, ${this.fetched} delivered)`;
    this.options.onReject({ file: path, line: null, column: null, reason: "invalid_row", detail, text: null });
  }
}

/** The raw column: a typed array over DuckDB's memory, good until the next chunk. */
function itemsOf(chunk: DuckDBDataChunk, index: number): ArrayLike<number> {
  return (chunk.getColumnVector(index) as unknown as { items: ArrayLike<number> }).items;
}
