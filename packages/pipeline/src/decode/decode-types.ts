import type { RejectReason } from "@hashwatt/contracts";

/** The part of the meter registry that decoding reads; see the registry for the meaning of each name. */
export interface MeterLookup {
  ordinalOf(meterId: string): number;
  ordinalOfBytes(bytes: Uint8Array, start: number, end: number): number;
  readonly groupOf: Int32Array;
  readonly groupKeys: readonly string[];
}

/** Columns of readings as the decoder fills them: a ReadingBatch whose columns may be replaced by longer ones. */
export interface ReadingColumnsTarget {
  count: number;
  ordinals: Int32Array;
  startMs: Float64Array;
  values: Float64Array;
  quantities: Uint8Array;
  qualities: Uint8Array;
}

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

/** Codes of ReadingBatch.quantities. */
export const QuantityCode = { kw: 0, kwh: 1, kwhRegister: 2 } as const;

/** What the key of a message says: the readings it may hold belong to `group`, and why they are turned away where it is below 0. */
export interface KeyVerdict {
  /** Number of the peer group; -1 = no reading can belong here. */
  readonly group: number;
  readonly reason: "no_key" | "wrong_partition";
  readonly detail: string;
}

/** Makes room for `rows` more rows: the columns are replaced by longer ones, at least doubled, the first `count` rows kept. */
export function reserveRows(batch: ReadingColumnsTarget, rows: number): void {
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
