import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { type CsvScan, maxRecordBytes, openDecompressed } from "./csv-scan.ts";
import { At, COMMA, CR, LF, nextState, QUOTE } from "./csv-states.ts";
import type { InputFile } from "./input-files.ts";

/** A record after the header. */
export interface CsvRecord {
  /** Physical line it begins on, from 1. */
  readonly line: number;
  /** Without line end; only the beginning where it is too long. */
  readonly bytes: Buffer;
  /** Why its cells cannot be told apart; null = it is well-formed. */
  readonly fault: string | null;
}

/** Walks through a CSV file record by record. Memory: one chunk and one record. */
export class CsvWalker {
  private readonly stream: Readable;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly cellCount: number;
  private records: CsvRecord[] = [];
  private isHeader = true;
  private line = 1;
  private recordLine = 1;
  private state: number = At.cellStart;
  private cells = 1;
  private lastCellIsEmpty = true;
  /** The current record's bytes in earlier chunks, up to the limit; and how many there were. */
  private carried: Buffer = Buffer.alloc(0);
  private carriedBytes = 0;

  constructor(file: InputFile, scan: CsvScan) {
    this.cellCount = scan.header.length;
    this.stream = openDecompressed(file);
    this.chunks = (this.stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** The records that end in the next chunk of the file, maybe none; null = the file is through. */
  async next(): Promise<readonly CsvRecord[] | null> {
    const { done, value } = await this.chunks.next();
    this.records = [];
    if (!done) this.walk(value);
    else if (this.carriedBytes > 0) this.endRecord(Buffer.alloc(0));
    else return null;
    return this.records;
  }

  close(): void {
    this.stream.destroy();
  }

  private walk(chunk: Buffer): void {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === LF) {
        this.line++;
        if (this.state === At.quoted) continue;
        this.endRecord(chunk.subarray(start, i));
        start = i + 1;
      } else if (byte !== CR || this.state === At.quoted) this.take(byte);
    }
    this.carry(chunk.subarray(start));
  }

  private take(byte: number): void {
    this.state = nextState(this.state, byte);
    if (byte === COMMA && this.state === At.cellStart) {
      this.cells++;
      this.lastCellIsEmpty = true;
    } else this.lastCellIsEmpty = false;
  }

  private carry(piece: Buffer): void {
    const room = maxRecordBytes - this.carried.length;
    if (room > 0 && piece.length > 0) this.carried = Buffer.concat([this.carried, piece.subarray(0, room)]);
    this.carriedBytes += piece.length;
  }

  private endRecord(piece: Buffer): void {
    const length = this.carriedBytes + piece.length;
    const bytes = this.carriedBytes === 0 ? piece : Buffer.concat([this.carried, piece.subarray(0, maxRecordBytes)]);
    this.hand(bytes.length === length && bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes, length);
    this.carried = Buffer.alloc(0);
    this.carriedBytes = 0;
    this.state = At.cellStart;
    this.cells = 1;
    this.lastCellIsEmpty = true;
    this.recordLine = this.line;
  }

  private hand(bytes: Buffer, length: number): void {
    if (bytes.length === 0) return;
    if (this.isHeader) this.isHeader = false;
    else this.records.push({ line: this.recordLine, bytes, fault: this.faultOf(bytes, length) });
  }

  private faultOf(bytes: Buffer, length: number): string | null {
    if (length > maxRecordBytes) return `the row is ${length} bytes long; the limit is ${maxRecordBytes}`;
    if (this.state === At.broken) return "a quoted cell does not end where its quote ends";
    // A comma behind a full row begins no cell.
    const cells = this.cells === this.cellCount + 1 && this.lastCellIsEmpty ? this.cellCount : this.cells;
    if (cells !== this.cellCount) {
      return `the row has ${cells < this.cellCount ? "fewer" : "more"} cells than the header (${cells} instead of ${this.cellCount})`;
    }
    return isUtf8(bytes) ? null : "the row holds bytes that are not UTF-8";
  }
}

/** The cells of a well-formed record, without the quotes and the spaces around them. */
export function cellsOf(bytes: Buffer): string[] {
  const text = bytes.toString("utf8");
  if (!bytes.includes(QUOTE)) return text.split(",");
  const cells: string[] = [];
  let state: number = At.cellStart;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const isEnd = i === text.length;
    if (!isEnd) state = nextState(state, text.charCodeAt(i));
    if (!isEnd && (text.charCodeAt(i) !== COMMA || state !== At.cellStart)) continue;
    cells.push(unquote(text.slice(start, i)));
    start = i + 1;
  }
  return cells;
}

function unquote(cell: string): string {
  const quoted = /^ *"([^]*)" *$/.exec(cell);
  return quoted === null ? cell : quoted[1].replaceAll('""', '"');
}
