import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import type { MeterRegistry, ReadingBatch } from "@hashwatt/pipeline";
import { dataError } from "../exit-codes.ts";
import { FileRejectLog } from "./file-reject-log.ts";
import type { FileBatch, OpenFile, ReadCounts } from "./read-readings.ts";
import { cellSeparator, qualityCodes } from "./readings-query.ts";
import type { OnFileReject } from "./rejects.ts";
import { lookAgain, type ReadingCells } from "./second-look.ts";

export interface DuckReadingsOptions {
  readonly registry: MeterRegistry;
  readonly duck: DuckDBConnection;
  readonly batch: ReadingBatch;
  readonly kvar?: Float64Array;
  readonly onReject: OnFileReject;
}

/** Rows of DuckDB's chunks. */
const chunkRows = 2048;

/** One pass over one regular file through DuckDB: its raw columns straight into the batch. */
export class DuckReadings {
  private readonly file: OpenFile;
  private readonly sql: string;
  private readonly options: DuckReadingsOptions;
  private readonly counts: ReadCounts;
  private readonly log: FileRejectLog;
  /** Batch row -> number of the record in the file, from 0. */
  private readonly records: Float64Array;
  /** Rows fetched so far: the first ones of the file. */
  fetched = 0;
  /** What stopped DuckDB before the file's end. */
  stoppedBy: unknown;

  constructor(file: OpenFile, sql: string, options: DuckReadingsOptions, counts: ReadCounts) {
    this.file = file;
    this.sql = sql;
    this.options = options;
    this.counts = counts;
    this.records = new Float64Array(options.batch.ordinals.length);
    this.log = new FileRejectLog(file, options.onReject);
  }

  async *batches(): AsyncGenerator<FileBatch> {
    const { batch } = this.options;
    batch.count = 0;
    for await (const chunk of this.chunks()) {
      if (batch.count + chunkRows > batch.ordinals.length) yield* this.hand();
      this.take(chunk);
    }
    yield* this.hand();
    await this.log.flush();
    this.log.close();
    const { input, records } = this.file;
    this.counts.records += this.fetched;
    if (this.stoppedBy === undefined && this.fetched !== records) {
      throw dataError(input.path, `holds ${records} rows, but ${this.fetched} were delivered; was it changed while it was read?`);
    }
  }

  /** All chunks, or those before DuckDB stopped at a row it cannot read. */
  private async *chunks(): AsyncGenerator<DuckDBDataChunk> {
    try {
      const result = await this.options.duck.stream(this.sql);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
    } catch (error) {
      this.stoppedBy = error;
    }
  }

  private async *hand(): AsyncGenerator<FileBatch> {
    const { batch } = this.options;
    if (batch.count > 0) {
      this.counts.delivered += batch.count;
      yield {
        file: this.file.input.path,
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
    this.options.kvar?.set(itemsOf(chunk, 5), start);
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

  private mend(row: number, text: string): boolean {
    const { batch, registry } = this.options;
    const cells = text.split(cellSeparator) as unknown as ReadingCells;
    const seen = lookAgain(cells, (meterId) => registry.ordinalOf(meterId));
    if ("reason" in seen) {
      const { rejected } = this.counts;
      rejected[seen.reason] = (rejected[seen.reason] ?? 0) + 1;
      this.log.add({ ...seen, record: this.records[row], text: cells.join(",") });
      return false;
    }
    batch.ordinals[row] = seen.ordinal;
    batch.startMs[row] = seen.startMs;
    batch.values[row] = seen.kw;
    batch.qualities[row] = seen.quality;
    return true;
  }

  private move(from: number, to: number): void {
    const { batch, kvar } = this.options;
    if (kvar !== undefined) kvar[to] = kvar[from];
    batch.ordinals[to] = batch.ordinals[from];
    batch.startMs[to] = batch.startMs[from];
    batch.values[to] = batch.values[from];
    batch.qualities[to] = batch.qualities[from];
    this.records[to] = this.records[from];
  }
}

/** The raw column: a typed array over DuckDB's memory, good until the next chunk. */
function itemsOf(chunk: DuckDBDataChunk, index: number): ArrayLike<number> {
  return (chunk.getColumnVector(index) as unknown as { items: ArrayLike<number> }).items;
}
