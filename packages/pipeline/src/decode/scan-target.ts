import { closingQuote, type Cursor, quote } from "./cursor.ts";
import type { ReadingBatch } from "../reading-batch.ts";
import type { MeterLookup } from "./decode-types.ts";

/** What a scan needs beside the bytes. */
export interface ScanTarget {
  readonly lookup: MeterLookup;
  readonly batch: ReadingBatch;
  /** Peer group that every meter of the message must belong to. */
  readonly group: number;
}

/** The quoted meter id at the cursor into `row`; it must be a meter of the message's peer group. */
export function scanMeter(cursor: Cursor, target: ScanTarget, row: number): boolean {
  if (cursor.bytes[cursor.at] !== quote) return false;
  const to = closingQuote(cursor);
  if (to < 0) return false;
  const ordinal = target.lookup.ordinalOfBytes(cursor.bytes, cursor.at + 1, to);
  if (ordinal < 0 || target.lookup.groupOf[ordinal] !== target.group) return false;
  target.batch.ordinals[row] = ordinal;
  cursor.at = to + 1;
  return true;
}
