import { isAscii } from "node:buffer";
import { dataError } from "../exit-codes.ts";
import { At, COMMA, CR, LF, nextState, QUOTE, SPACE } from "./csv-states.ts";

const noWords = new Uint32Array(0);

/**
 * Looks at the shape of CSV bytes given in chunks: how many records, and whether all are regular. Chunks without quote or carriage
 * return are searched for line feeds four bytes at a time; the others byte by byte.
 */
export class CsvShape {
  private readonly path: string;
  private readonly maxRecordBytes: number;
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private isText = true;
  private wasAscii = true;

  private records = 0;
  private irregular = 0;
  /** Physical line, and the one the current record began on. From 1. */
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

  /** Throws CliError (data) on a carriage return that ends no line. */
  add(chunk: Buffer): void {
    const isSimple = this.state === At.cellStart || this.state === At.cell;
    if (isSimple && !this.afterCr && !chunk.includes(QUOTE) && !chunk.includes(CR)) this.addPlain(chunk);
    else this.addQuoted(chunk);
    this.recordStart -= chunk.length;
    this.checkText(chunk);
  }

  /**
   * Regular: every record has well-formed quotes and at most `maxRecordBytes`; all bytes are UTF-8; all lines end alike. Cells are not counted:
   * that would double the cost, and their number is what DuckDB does check.
   * Throws CliError (data) where a quoted cell is still open.
   */
  finish(): { readonly records: number; readonly isRegular: boolean } {
    if (this.state === At.quoted) throw dataError(`${this.path}:${this.recordLine}`, "a quoted cell is opened here and never closed");
    if (this.afterCr) throw this.loneCarriageReturn();
    if (this.recordStart < 0) this.endRecord(0);
    this.checkEnd();
    const isMixed = this.lfEnds > 0 && this.crlfEnds > 0;
    return { records: this.records, isRegular: this.irregular === 0 && this.isText && !isMixed };
  }

  private addPlain(chunk: Buffer): void {
    // A chunk too short to reach a multiple of 4 has no words.
    const aligned = Math.min((4 - (chunk.byteOffset & 3)) & 3, chunk.length);
    const wordCount = (chunk.length - aligned) >> 2;
    const words = wordCount === 0 ? noWords : new Uint32Array(chunk.buffer, chunk.byteOffset + aligned, wordCount);
    const wordsEnd = aligned + (words.length << 2);
    this.addBytes(chunk, 0, aligned);
    for (let i = 0; i < words.length; i++) {
      // A byte of `feeds` is zero where the word holds a line feed; the classic test finds any zero byte, if not which.
      const feeds = words[i] ^ 0x0a0a0a0a;
      if (((feeds - 0x01010101) & ~feeds & 0x80808080) === 0) continue;
      const start = aligned + (i << 2);
      this.addBytes(chunk, start, start + 4);
    }
    this.addBytes(chunk, wordsEnd, chunk.length);
    let last = chunk.length - 1;
    while (last >= 0 && chunk[last] === SPACE) last--;
    if (last >= 0) this.state = chunk[last] === LF || chunk[last] === COMMA ? At.cellStart : At.cell;
  }

  private addBytes(chunk: Buffer, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (chunk[i] !== LF) continue;
      this.lfEnds++;
      this.state = At.cell;
      this.endRecord(i);
      this.startRecord(i + 1);
    }
  }

  private addQuoted(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === LF) this.lineFeed(i);
      else if (this.afterCr) throw this.loneCarriageReturn();
      else if (byte === CR && this.state !== At.quoted) this.afterCr = true;
      else this.state = nextState(this.state, byte);
    }
  }

  private loneCarriageReturn() {
    return dataError(`${this.path}:${this.line}`, "holds a carriage return without line feed; lines must end in LF or CRLF");
  }

  private lineFeed(at: number): void {
    if (this.state === At.quoted) {
      this.line++;
      return;
    }
    if (this.afterCr) this.crlfEnds++;
    else this.lfEnds++;
    this.endRecord(this.afterCr ? at - 1 : at);
    this.startRecord(at + 1);
    this.afterCr = false;
    this.state = At.cellStart;
  }

  /** A line without a byte is blank and no record. */
  private endRecord(end: number): void {
    const bytes = end - this.recordStart;
    if (bytes === 0) return;
    if (bytes > this.maxRecordBytes || this.state === At.broken) this.irregular++;
    this.records++;
  }

  private startRecord(at: number): void {
    this.recordStart = at;
    this.line++;
    this.recordLine = this.line;
  }

  /** From the first byte beyond ASCII on, a decoder watches over the characters that chunks cut apart. */
  private checkText(chunk: Buffer): void {
    this.wasAscii &&= isAscii(chunk);
    if (this.wasAscii || !this.isText) return;
    this.decode(chunk, true);
  }

  private checkEnd(): void {
    if (!this.wasAscii && this.isText) this.decode(Buffer.alloc(0), false);
  }

  private decode(bytes: Buffer, stream: boolean): void {
    try {
      this.decoder.decode(bytes, { stream });
    } catch {
      this.isText = false;
    }
  }
}
