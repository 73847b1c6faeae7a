import type { PeerGrouping } from "@hashwatt/contracts";
import type { FleetBatch, ScoredCandidate } from "@hashwatt/evaluation";
import { openMemoryQueue } from "@hashwatt/review-queue";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { silentProgress } from "../output/progress.ts";
import type { Finding } from "./collect-findings.ts";
import { openRegistry, type RunBatch, type RunSettings, runReadings } from "./run-readings.ts";
import { toRunBatch } from "./run-scenario.ts";

export interface JudgeBatchesOptions extends RunSettings {
  readonly tables: FleetTables;
  readonly batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>;
  readonly grouping?: PeerGrouping | undefined;
  /** Names the fleet in errors. */
  readonly place: string;
}

/** Judges a fleet's readings into a queue in memory; for measuring, so it is silent about rejected readings. */
export async function judgeBatches({ tables, batches, grouping, place, ...settings }: JudgeBatchesOptions): Promise<Finding[]> {
  const { queue } = await openMemoryQueue({ permits: tables.permits });
  try {
    const registry = openRegistry(tables, grouping, place);
    const { findings } = await runReadings({
      ...settings,
      registry,
      tables,
      batches: forPipeline(batches),
      queue,
      progress: silentProgress,
    });
    return findings;
  } finally {
    await queue.close();
  }
}

async function* forPipeline(batches: JudgeBatchesOptions["batches"]): AsyncGenerator<RunBatch> {
  for await (const batch of batches) yield toRunBatch(batch, () => {});
}

/** The live alarms, with only what the scoring needs: that crosses to another process. */
export function toScored(findings: readonly Finding[]): ScoredCandidate[] {
  return findings.flatMap(({ isAlarm, candidate }) => {
    if (!isAlarm) return [];
    const { meterId, onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score } = candidate;
    return [{ meterId, onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score }];
  });
}
