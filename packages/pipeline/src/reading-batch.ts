/** What a value of a batch is. */
export const Quantity = { kw: 0, kwh: 1, kwhRegister: 2 } as const;
export type QuantityCode = (typeof Quantity)[keyof typeof Quantity];

/** Columns of readings in arrival order; only the first `count` rows count. Reused by the caller between calls. */
export interface ReadingBatch {
  count: number;
  /** Row in the registry (MeterRegistry.ordinalOf); anything else is rejected as unknown_meter. */
  ordinals: Int32Array;
  /** Interval start, event time. */
  startMs: Float64Array;
  /** kW | kWh of the interval | register kWh at the start, by `quantities`. */
  values: Float64Array;
  quantities: Uint8Array;
  /** Quality codes of contracts. */
  qualities: Uint8Array;
}

/** An empty batch with room for `capacity` rows. */
export function createReadingBatch(capacity: number): ReadingBatch {
  return {
    count: 0,
    ordinals: new Int32Array(capacity),
    startMs: new Float64Array(capacity),
    values: new Float64Array(capacity),
    quantities: new Uint8Array(capacity),
    qualities: new Uint8Array(capacity),
  };
}
