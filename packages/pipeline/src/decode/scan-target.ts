import type { ReadingBatch } from "../reading-batch.ts";
import { closingQuote, type Cursor, quote } from "./cursor.ts";
import type { MeterLookup } from "./decode-types.ts";
import { extendTrail, followTrail, type MeterTrail } from "./meter-trail.ts";

/** What a scan needs beside the bytes. */
export interface ScanTarget {
  readonly lookup: MeterLookup;
  readonly trail: MeterTrail;
  batch: ReadingBatch;
  /** Peer group that every meter of the message must belong to. */
  group: number;
}

/** The quoted meter id at the cursor into `row`; it must be a meter of the message's peer group. */
export function scanMeter(cursor: Cursor, target: ScanTarget, row: number): boolean {
  if (cursor.bytes[cursor.at] !== quote) return false;
  const ordinal = findMeter(cursor, target);
  if (ordinal < 0 || target.lookup.groupOf[ordinal] !== target.group) return false;
  target.batch.ordinals[row] = ordinal;
  extendTrail(target.trail, ordinal);
  return true;
}

/** The meter whose quoted id begins at the cursor, which moves past it; -1 = none. */
function findMeter(cursor: Cursor, { lookup, trail }: ScanTarget): number {
  const from = cursor.at + 1;
  const expected = followTrail(trail, cursor.bytes, from, cursor.end);
  if (expected >= 0) {
    cursor.at = from + trail.starts[expected + 1] - trail.starts[expected];
    return expected;
  }
  const to = closingQuote(cursor);
  if (to < 0) return -1;
  cursor.at = to + 1;
  return lookup.ordinalOfBytes(cursor.bytes, from, to);
}
