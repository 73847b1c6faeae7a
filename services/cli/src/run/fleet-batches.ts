import type { FleetBatch } from "@hashwatt/evaluation";
import type { OpenFleet } from "./run-files.ts";

/** Readings of open files as batches of the simulator, kvar NaN where it was not read. A batch is good until the next is asked for. */
export async function* fleetBatches({ source, batch, kvar }: OpenFleet): AsyncGenerator<FleetBatch> {
  const reactive = kvar ?? new Float64Array(batch.values.length).fill(Number.NaN);
  for await (const _ of source.batches()) {
    yield {
      count: batch.count,
      meterIndex: batch.ordinals,
      startMs: batch.startMs,
      kw: batch.values,
      kvar: reactive,
      quality: batch.qualities,
      arrivalMs: batch.count > 0 ? batch.startMs[batch.count - 1] : 0,
    };
  }
}
