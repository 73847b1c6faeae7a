import type { FileReject, OnFileReject } from "./rejects.ts";
import type { LineFinder } from "./line-finder.ts";

/** A reject whose line is not known yet; `record` counts the rows the file delivered, from 0. */
export interface RecordReject extends Omit<FileReject, "file" | "line"> {
  readonly record: number;
}

/** Some 300 bytes each: 6 MB at most, whatever the file. */
const maxHeld = 20_000;

/**
 * Holds back the rejects of one file until their lines can be told: that takes the malformed rows, which are only looked for
 * when the file is done, or when too many rejects are held.
 */
export class FileRejectLog {
  private readonly file: string;
  private readonly openFinder: () => Promise<LineFinder>;
  private readonly onReject: OnFileReject;
  private held: RecordReject[] = [];
  private finder: LineFinder | undefined;

  constructor(file: string, openFinder: () => Promise<LineFinder>, onReject: OnFileReject) {
    this.file = file;
    this.openFinder = openFinder;
    this.onReject = onReject;
  }

  add(reject: RecordReject): void {
    this.held.push(reject);
  }

  /** Called where all rejects up to the current record are in: their order is free, but a later call only brings later records. */
  async relieve(): Promise<void> {
    if (this.held.length >= maxHeld) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.held.length === 0) return;
    this.finder ??= await this.openFinder();
    this.held.sort((a, b) => a.record - b.record);
    for (const { record, ...rest } of this.held) this.onReject({ file: this.file, line: this.finder.lineOf(record), ...rest });
    this.held = [];
  }
}
