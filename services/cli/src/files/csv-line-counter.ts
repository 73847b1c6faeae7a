import { dataError } from "../exit-codes.ts";

const LF = 10;
const CR = 13;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where in a record the scanner is. A quote opens a quoted cell only at the cell's start. */
const At = { cellStart: 0, cell: 1, quoted: 2, quoteInQuoted: 3 } as const;

/** Beyond this many blank or continued lines the list of them would cost more memory than a reading is allowed. */
const maxOddLines = 1_000_000;

/**
 * Counts the records of CSV bytes given in chunks. Chunks without quote or carriage return are searched for line feeds four bytes
 * at a time; the others byte by byte.
 */
export class CsvLineCounter {
  private readonly path: string;
  private readonly maxRecordBytes: number;
  private readonly blankLines: number[] = [];
  private readonly continuationLines: number[] = [];
  private readonly longLines: { line: number; bytes: number }[] = [];
  private records = 0;
  /** Physical line the scanner is on, from 1. */
  private line = 1;
  private recordLine = 1;
  /** Where the current record begins in the chunk; negative by the bytes that earlier chunks hold of it. Small integers, unlike file offsets, cost no heap. */
  private recordStart = 0;
  private state: number = At.cellStart;
  private afterCr = false;
  private lfEnds = 0;
  private crlfEnds = 0;

  constructor(path: string, maxRecordBytes: number) {
    this.path = path;
    this.maxRecordBytes = maxRecordBytes;
  }

  add(chunk: Buffer): void {
    const plain =
      this.state !== At.quoted && this.state !== At.quoteInQuoted && !this.afterCr && !chunk.includes(QUOTE) && !chunk.includes(CR);
    if (plain) this.addPlain(chunk);
    else this.addQuoted(chunk);
    this.recordStart -= chunk.length;
  }

  /** Throws CliError where a quoted cell is still open. */
  finish() {
    if (this.state === At.quoted) throw dataError(`${this.path}:${this.recordLine}`, "a quoted cell is opened here and never closed");
    if (this.afterCr) throw this.loneCarriageReturn();
    if (this.recordStart < 0) this.endRecord(0);
    return {
      records: this.records,
      mixedLineEnds: this.lfEnds > 0 && this.crlfEnds > 0,
      blankLines: this.blankLines,
      continuationLines: this.continuationLines,
      longLines: this.longLines,
    };
  }

  private addPlain(chunk: Buffer): void {
    const aligned = Math.min((4 - (chunk.byteOffset & 3)) & 3, chunk.length);
    const words = new Uint32Array(chunk.buffer, chunk.byteOffset + aligned, (chunk.length - aligned) >> 2);
    const wordsEnd = aligned + (words.length << 2);
    this.addBytes(chunk, 0, aligned);
    for (let i = 0; i < words.length; i++) {
      // A byte of `difference` is zero where the word holds a line feed; the classic test finds any zero byte.
      const difference = words[i] ^ 0x0a0a0a0a;
      if (((difference - 0x01010101) & ~difference & 0x80808080) === 0) continue;
      const start = aligned + (i << 2);
      this.addBytes(chunk, start, start + 4);
    }
    this.addBytes(chunk, wordsEnd, chunk.length);
    const last = chunk.at(-1);
    if (last !== undefined) this.state = last === LF || last === COMMA ? At.cellStart : At.cell;
  }

  private addBytes(chunk: Buffer, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (chunk[i] !== LF) continue;
      this.lfEnds++;
      this.endRecord(i);
      this.startRecord(i + 1);
    }
  }

  private addQuoted(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === LF) this.lineFeed(i);
      else if (this.afterCr) throw this.loneCarriageReturn();
      else if (byte === CR) this.afterCr = this.state !== At.quoted;
      else this.state = nextState(this.state, byte);
    }
  }

  private loneCarriageReturn() {
    return dataError(`${this.path}:${this.line}`, "holds a carriage return without line feed; lines must end in LF or CRLF");
  }

  private lineFeed(at: number): void {
    if (this.state === At.quoted) {
      this.line++;
      this.remember(this.continuationLines);
      return;
    }
    if (this.afterCr) this.crlfEnds++;
    else this.lfEnds++;
    this.endRecord(this.afterCr ? at - 1 : at);
    this.startRecord(at + 1);
    this.afterCr = false;
    this.state = At.cellStart;
  }

  private endRecord(end: number): void {
    const bytes = end - this.recordStart;
    if (bytes === 0) {
      this.remember(this.blankLines);
      return;
    }
    this.records++;
    if (bytes > this.maxRecordBytes) this.longLines.push({ line: this.recordLine, bytes });
  }

  private startRecord(at: number): void {
    this.recordStart = at;
    this.line++;
    this.recordLine = this.line;
  }

  private remember(lines: number[]): void {
    lines.push(this.line);
    if (lines.length > maxOddLines) {
      throw dataError(
        `${this.path}:${this.line}`,
        `more than ${maxOddLines} blank or continued lines up to here; this is no CSV of one row a line`,
      );
    }
  }
}

function nextState(state: number, byte: number): number {
  if (state === At.quoted) return byte === QUOTE ? At.quoteInQuoted : At.quoted;
  if (byte === COMMA) return At.cellStart;
  if (byte === QUOTE && state !== At.cell) return At.quoted;
  return At.cell;
}
