import type { PeerGrouping, Permit } from "@hashwatt/contracts";
import type { Fleet, FleetBatch } from "@hashwatt/evaluation";
import { Quantity } from "@hashwatt/pipeline";
import type { ReviewQueue } from "@hashwatt/review-queue";
import type { Progress } from "../output/progress.ts";
import { openRegistry, type RunBatch, type RunResult, type RunSettings, runReadings } from "./run-readings.ts";
import { scenarios } from "./scenarios.ts";

export interface RunScenarioOptions extends RunSettings {
  readonly seed: number;
  readonly grouping?: PeerGrouping | undefined;
  readonly openQueue: (permits: readonly Permit[]) => Promise<ReviewQueue>;
  readonly progress: Progress;
}

/** Runs the built-in scenario through pipeline and admission. */
export async function runScenario(options: RunScenarioOptions): Promise<RunResult & { readonly fleet: Fleet }> {
  const { seed, grouping, openQueue, progress, ...settings } = options;
  const fleet = scenarios.kazakhstan({ seed });
  progress.say(`The winter 2022 campaign in Kazakhstan, simulated (seed ${seed}): ${fleet.meters.length} substations, names invented.`);
  const registry = openRegistry(fleet, grouping, "scenario");
  const queue = await openQueue(fleet.permits);
  try {
    const result = await runReadings({ ...settings, registry, tables: fleet, batches: toRunBatches(fleet, progress), queue, progress });
    return { ...result, fleet };
  } finally {
    await queue.close();
  }
}

function* toRunBatches(fleet: Fleet, progress: Progress): Generator<RunBatch> {
  const onReject: RunBatch["onReject"] = ({ reason, detail }) => progress.warn(`a simulated reading was rejected: ${detail}`, { reason });
  for (const batch of fleet.batches()) yield toRunBatch(batch, onReject);
}

let quantities = new Uint8Array(0);

/** A batch of the simulator for the pipeline. The registry keeps the order of the meters, so a meter's index is its ordinal. */
export function toRunBatch({ count, meterIndex, startMs, kw, quality }: FleetBatch, onReject: RunBatch["onReject"]): RunBatch {
  if (quantities.length < count) quantities = new Uint8Array(meterIndex.length).fill(Quantity.kw);
  return { batch: { count, ordinals: meterIndex, startMs, values: kw, quantities, qualities: quality }, onReject };
}
