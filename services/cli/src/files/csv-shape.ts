import { isAscii } from "node:buffer";
import { dataError } from "../exit-codes.ts";
import { At, COMMA, CR, LF, nextState, QUOTE, SPACE } from "./csv-states.ts";

/** `countLineFeeds` of bytes with a blank line. */
const blankLine = -1;

/**
 * Line feeds among the bytes of `words`, or `blankLine` where two stand side by side. Four bytes at a time and without a branch: with one, the
 * wrong guesses of the processor at the end of each row took as long as all the rest. `afterLineFeed`: one stands before the first byte.
 */
function countLineFeeds(words: Uint32Array, afterLineFeed: boolean): number {
  let count = 0;
  let pairs = 0;
  let before = afterLineFeed ? 0x01000000 : 0;
  for (let from = 0; from < words.length; ) {
    // Each byte of `lanes` counts the line feeds of its place, up to 255.
    const to = Math.min(from + 255, words.length);
    let lanes = 0;
    for (; from < to; from++) {
      const others = words[from] ^ 0x0a0a0a0a;
      // 1 in each byte that is a line feed, 0 in the others: only zero plus 0x7f leaves the top bit clear.
      const feeds = (~(((others & 0x7f7f7f7f) + 0x7f7f7f7f) | others) >>> 7) & 0x01010101;
      pairs |= feeds & ((feeds << 8) | (before >>> 24));
      before = feeds;
      lanes += feeds;
    }
    const halves = (lanes & 0x00ff00ff) + ((lanes >>> 8) & 0x00ff00ff);
    count += (halves & 0xffff) + (halves >>> 16);
  }
  return pairs === 0 ? count : blankLine;
}

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
    const isShort = chunk.length <= this.maxRecordBytes;
    if (isSimple && isShort && !this.afterCr && !chunk.includes(QUOTE) && !chunk.includes(CR)) this.addPlain(chunk);
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
    const wordsEnd = aligned + (wordCount << 2);
    this.addBytes(chunk, 0, aligned);
    if (wordCount > 0) this.addWords(chunk, aligned, wordCount);
    this.addBytes(chunk, wordsEnd, chunk.length);
    let last = chunk.length - 1;
    while (last >= 0 && chunk[last] === SPACE) last--;
    if (last >= 0) this.state = chunk[last] === LF || chunk[last] === COMMA ? At.cellStart : At.cell;
  }

  /** Only the first record can be longer than the chunk, and so than the limit: the others need counting alone. */
  private addWords(chunk: Buffer, from: number, wordCount: number): void {
    const words = new Uint32Array(chunk.buffer, chunk.byteOffset + from, wordCount);
    const count = countLineFeeds(words, this.recordStart === from);
    if (count === 0) return;
    const end = from + (wordCount << 2);
    if (count === blankLine) {
      this.addBytes(chunk, from, end);
      return;
    }
    this.state = At.cell;
    this.endRecord(chunk.indexOf(LF, from));
    this.records += count - 1;
    this.lfEnds += count;
    this.line += count - 1;
    this.startRecord(chunk.lastIndexOf(LF, end - 1) + 1);
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
