import type { MeterLookup } from "./decode-types.ts";
import { utf8Bytes } from "../utf8.ts";

/**
 * Meters report in nearly the same order every interval. The trail remembers which one followed which and is asked first: comparing one
 * id is a third of the work of hashing it and finding it among 300 000, whose table no cache holds.
 */
export interface MeterTrail {
  /** The meter read last; -1 at the beginning. */
  last: number;
  /** By meter: the one that followed it; -1 = not known yet. */
  readonly next: Int32Array;
  /** The ids one after the other, each with its closing quote; id of meter m = bytes[starts[m]..starts[m + 1]). */
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

const quote = 0x22;
const backslash = 0x5c;

/** An id that JSON writes with escapes is left out: its bytes in a message are others. */
function isPlain(id: Uint8Array): boolean {
  return id.every((byte) => byte >= 0x20 && byte !== quote && byte !== backslash);
}

export function createMeterTrail({ meters }: Pick<MeterLookup, "meters">): MeterTrail {
  const ids = meters.map(({ meterId }) => utf8Bytes(meterId)).map((id) => (isPlain(id) ? id : new Uint8Array(0)));
  const starts = new Int32Array(ids.length + 1);
  for (const [meter, id] of ids.entries()) starts[meter + 1] = starts[meter] + (id.length === 0 ? 0 : id.length + 1);
  const bytes = new Uint8Array(starts[ids.length]).fill(quote);
  for (const [meter, id] of ids.entries()) bytes.set(id, starts[meter]);
  return { last: -1, next: new Int32Array(ids.length).fill(-1), bytes, starts };
}

/** The meter that the trail expects where its id and closing quote begin at `at`; -1 where another one stands there. */
export function followTrail(trail: MeterTrail, message: Uint8Array, at: number, end: number): number {
  const expected = trail.last < 0 ? -1 : trail.next[trail.last];
  if (expected < 0) return -1;
  const { bytes, starts } = trail;
  const start = starts[expected];
  const length = starts[expected + 1] - start;
  if (length === 0 || at + length > end) return -1;
  // From the end: ids differ in their last digits.
  for (let index = length - 1; index >= 0; index--) if (message[at + index] !== bytes[start + index]) return -1;
  return expected;
}

/** Notes that this meter came after the last one. */
export function extendTrail(trail: MeterTrail, meter: number): void {
  if (trail.last >= 0) trail.next[trail.last] = meter;
  trail.last = meter;
}
