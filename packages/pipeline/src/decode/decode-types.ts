import type { RejectReason } from "@hashwatt/contracts";
import type { MeterRegistry } from "../meter-registry.ts";
import type { ReadingBatch } from "../reading-batch.ts";

/** The part of the meter registry that decoding reads. */
export type MeterLookup = Pick<MeterRegistry, "meters" | "ordinalOf" | "ordinalOfBytes" | "groupOf" | "groupKeys">;

/** A reading (or a whole message: index -1) that cannot be used. */
export interface DecodeReject {
  readonly reason: RejectReason;
  /** What is wrong and what would be right, as one sentence. */
  readonly detail: string;
  /** "" where it is not known. */
  readonly meterId: string;
  /** Start of the interval in ms; NaN where it is not known. */
  readonly startMs: number;
  /** As received; NaN where it is not known. */
  readonly value: number;
  /** Place of the reading in the message; -1 = the message as a whole. */
  readonly index: number;
}

/** What the key of a message says: the readings it may hold belong to `group`, and why they are turned away where it is below 0. */
export interface KeyVerdict {
  /** Number of the peer group; -1 = no reading can belong here. */
  readonly group: number;
  readonly reason: "no_key" | "wrong_partition";
  readonly detail: string;
}

/** Makes room for `rows` more rows: the columns are replaced by longer ones, at least doubled, the first `count` rows kept. */
export function reserveRows(batch: ReadingBatch, rows: number): void {
  const needed = batch.count + rows;
  if (needed <= batch.ordinals.length) return;
  const capacity = Math.max(needed, 2 * batch.ordinals.length);
  const grown = <C extends Int32Array | Float64Array | Uint8Array>(column: C, target: C): C => {
    target.set(column.subarray(0, batch.count));
    return target;
  };
  batch.ordinals = grown(batch.ordinals, new Int32Array(capacity));
  batch.startMs = grown(batch.startMs, new Float64Array(capacity));
  batch.values = grown(batch.values, new Float64Array(capacity));
  batch.quantities = grown(batch.quantities, new Uint8Array(capacity));
  batch.qualities = grown(batch.qualities, new Uint8Array(capacity));
}
