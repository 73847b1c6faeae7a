import { CsvWalker } from "./csv-walker.ts";
import type { OpenFile } from "./read-readings.ts";
import type { FileReject, OnFileReject } from "./rejects.ts";

/** A reject whose line is not known yet; `record` counts the file's records from 0. */
export interface RecordReject extends Omit<FileReject, "file" | "line"> {
  readonly record: number;
}

/** Some 300 bytes each: 6 MB at most, whatever the file. */
const maxHeld = 20_000;

/**
 * Tells the lines of the rejects of one regular file. DuckDB says no line, so a walker goes through the file behind it, only as far as
 * there are rejects and only forward: rejects are held back a while and put in order, because those of the pipeline come later than
 * those of the reader.
 */
export class FileRejectLog {
  private readonly file: OpenFile;
  private readonly onReject: OnFileReject;
  private held: RecordReject[] = [];
  private walker: CsvWalker | undefined;
  /** Lines of the records of the walker's last chunk; the first is record `firstRecord`. */
  private lines: number[] = [];
  private firstRecord = 0;

  constructor(file: OpenFile, onReject: OnFileReject) {
    this.file = file;
    this.onReject = onReject;
  }

  add(reject: RecordReject): void {
    this.held.push(reject);
  }

  /** Called where all rejects up to the current record are in. */
  async relieve(): Promise<void> {
    if (this.held.length >= maxHeld) await this.flush();
  }

  async flush(): Promise<void> {
    const held = this.held.toSorted((a, b) => a.record - b.record);
    this.held = [];
    const { path } = this.file.input;
    for (const { record, ...rest } of held) this.onReject({ file: path, line: await this.lineOf(record), ...rest });
  }

  close(): void {
    this.walker?.close();
  }

  /** Of Parquet, which has no lines, the row. */
  private async lineOf(record: number): Promise<number | null> {
    const { input, scan } = this.file;
    if (scan === undefined) return record + 1;
    this.walker ??= new CsvWalker(input, scan);
    while (record >= this.firstRecord + this.lines.length) {
      const records = await this.walker.next();
      if (records === null) return null;
      this.firstRecord += this.lines.length;
      this.lines = records.map(({ line }) => line);
    }
    return this.lines[record - this.firstRecord];
  }
}
