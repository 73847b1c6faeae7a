import type { RejectReason } from "@hashwatt/contracts";
import { type MeterRegistry, Quantity, type ReadingBatch } from "@hashwatt/pipeline";
import { locateColumns } from "./csv-header.ts";
import type { CsvScan } from "./csv-scan.ts";
import { type CsvRecord, CsvWalker, cellsOf } from "./csv-walker.ts";
import type { FileBatch, OpenFile, ReadCounts } from "./read-readings.ts";
import type { FileReject, OnFileReject } from "./rejects.ts";
import { lookAgain, type ReadingCells } from "./second-look.ts";

export interface WalkReadingsOptions {
  readonly registry: MeterRegistry;
  readonly batch: ReadingBatch;
  readonly kvar?: Float64Array;
  readonly onReject: OnFileReject;
}

/** Longest piece of a row's text kept. */
const textBytes = 500;

/**
 * One pass over one CSV file that is not regular, record by record, with nothing lost behind a malformed row. Such files are rare, so
 * this may be slower than DuckDB: 0.6 M rows a CPU-second.
 */
export class WalkReadings {
  private readonly path: string;
  private readonly walker: CsvWalker;
  private readonly positions: readonly (number | undefined)[];
  private readonly kvarPosition: number | undefined;
  private readonly options: WalkReadingsOptions;
  private readonly counts: ReadCounts;
  /** Batch row -> line. */
  private readonly lines: Float64Array;

  /** Records that were read already. */
  private toSkip: number;

  /** `toSkip`: the file's first records, which must be well-formed, were delivered by another reader. */
  constructor(file: OpenFile & { readonly scan: CsvScan }, toSkip: number, options: WalkReadingsOptions, counts: ReadCounts) {
    const { scan } = file;
    this.toSkip = toSkip;
    this.path = file.input.path;
    this.walker = new CsvWalker(file.input, scan);
    const columns = locateColumns(this.path, scan.header, "readings");
    this.positions = ["meter_id", "interval_start", "kw", "quality"].map((name) => columns.get(name));
    this.kvarPosition = columns.get("kvar");
    this.options = options;
    this.counts = counts;
    this.lines = new Float64Array(options.batch.ordinals.length);
  }

  async *batches(): AsyncGenerator<FileBatch> {
    const { batch } = this.options;
    batch.count = 0;
    try {
      for (let records = await this.walker.next(); records !== null; records = await this.walker.next()) {
        for (const record of records) {
          this.take(record);
          if (batch.count === batch.ordinals.length) yield* this.hand();
        }
      }
      yield* this.hand();
    } finally {
      this.walker.close();
    }
  }

  private *hand(): Generator<FileBatch> {
    const { batch, onReject } = this.options;
    if (batch.count > 0) {
      this.counts.delivered += batch.count;
      yield { file: this.path, reject: (row, fault) => onReject({ ...fault, file: this.path, line: this.lines[row], column: null }) };
    }
    batch.count = 0;
  }

  private take({ line, bytes, fault }: CsvRecord): void {
    if (this.toSkip > 0) {
      this.toSkip--;
      return;
    }
    this.counts.records++;
    if (fault !== null) {
      this.reject({ line, column: null, reason: "invalid_row", detail: fault, text: bytes.subarray(0, textBytes).toString("utf8") });
      return;
    }
    const cells = cellsOf(bytes);
    const picked = this.positions.map((position) => (position === undefined ? "" : cells[position])) as unknown as ReadingCells;
    const { batch, registry } = this.options;
    const seen = lookAgain(picked, (meterId) => registry.ordinalOf(meterId));
    if ("reason" in seen) {
      this.reject({ ...seen, line, text: bytes.subarray(0, textBytes).toString("utf8") });
      return;
    }
    const row = batch.count++;
    batch.ordinals[row] = seen.ordinal;
    batch.startMs[row] = seen.startMs;
    batch.values[row] = seen.kw;
    batch.quantities[row] = Quantity.kw;
    batch.qualities[row] = seen.quality;
    if (this.options.kvar !== undefined)
      this.options.kvar[row] = numberOrNaN(this.kvarPosition === undefined ? "" : cells[this.kvarPosition]);
    this.lines[row] = line;
  }

  private reject(reject: Omit<FileReject, "file">): void {
    const { rejected } = this.counts;
    const reason: RejectReason = reject.reason;
    rejected[reason] = (rejected[reason] ?? 0) + 1;
    this.options.onReject({ ...reject, file: this.path });
  }
}

const numberOrNaN = (cell: string): number => (cell.trim() === "" ? Number.NaN : Number(cell));
