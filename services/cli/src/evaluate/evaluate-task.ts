import { basename, resolve } from "node:path";
import type { Meter } from "@hashwatt/contracts";
import {
  createLoadColumns,
  type DetectorRun,
  evaluationFleet,
  type FleetBatch,
  type FleetLabels,
  nullLabels,
  runBaselines,
  type ScoredCandidate,
} from "@hashwatt/evaluation";
import { openMemoryQueue } from "@hashwatt/review-queue";
import { findFleetFolder, findNullFolder } from "../files/fleet-folder.ts";
import { readLabels } from "../files/read-labels.ts";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { silentProgress } from "../output/progress.ts";
import type { Finding } from "../run/collect-findings.ts";
import { fleetBatches } from "../run/fleet-batches.ts";
import { withFleetFiles } from "../run/run-files.ts";
import { openRegistry, type RunBatch, runReadings } from "../run/run-readings.ts";
import { toRunBatch } from "../run/run-scenario.ts";

/** One fleet to be judged: with its events, or the same fleet with nothing added. */
export type EvaluateTask = { readonly bare: boolean } & ({ readonly seed: number } | { readonly folder: string });

export const detectorName = "hashwatt";

/** What came out, by detector. */
export interface EvaluateResult {
  readonly fleet: string;
  readonly bare: boolean;
  readonly meters: number;
  readonly runs: Readonly<Record<string, DetectorRun>>;
  /** User and system time, all threads. */
  readonly cpuSeconds: number;
}

/** Judges one fleet with the product and with the baselines. Undefined: the folder has no null/. */
export async function runTask(task: EvaluateTask, withBaselines: boolean): Promise<EvaluateResult | undefined> {
  const before = process.cpuUsage();
  const outcome = "seed" in task ? await judgeSimulated(task.seed, task.bare, withBaselines) : await judgeFolder(task, withBaselines);
  if (outcome === undefined) return undefined;
  const { labels, meters, candidates } = outcome;
  const meterIds = meters.map(({ meterId }) => meterId);
  const { user, system } = process.cpuUsage(before);
  return {
    fleet: labels.fleet,
    bare: task.bare,
    meters: meters.length,
    runs: Object.fromEntries(Object.entries(candidates).map(([name, list]) => [name, { labels, meterIds, candidates: list }])),
    cpuSeconds: (user + system) / 1e6,
  };
}

interface Judged {
  readonly labels: FleetLabels;
  readonly meters: readonly Meter[];
  readonly candidates: Readonly<Record<string, ScoredCandidate[]>>;
}

async function judgeSimulated(seed: number, bare: boolean, withBaselines: boolean): Promise<Judged> {
  const fleet = evaluationFleet(seed, !bare);
  return { labels: fleet.labels, meters: fleet.meters, candidates: await judge(fleet, fleet.batches(), fleet.name, withBaselines) };
}

async function judgeFolder(task: { folder: string; bare: boolean }, withBaselines: boolean): Promise<Judged | undefined> {
  const whole = findFleetFolder(task.folder);
  const files = task.bare ? findNullFolder(whole) : whole;
  if (files === undefined) return undefined;
  const labels = { ...readLabels(whole.folder), fleet: basename(resolve(task.folder)) };
  return withFleetFiles(
    files,
    "fleet",
    () => {},
    async (open) => ({
      labels: task.bare ? nullLabels(labels) : labels,
      meters: open.tables.meters,
      candidates: await judge(open.tables, fleetBatches(open), task.folder, withBaselines),
    }),
  );
}

async function judge(
  tables: FleetTables,
  batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>,
  place: string,
  withBaselines: boolean,
): Promise<Record<string, ScoredCandidate[]>> {
  const columns = createLoadColumns(tables.meters);
  const watched = async function* (): AsyncGenerator<RunBatch> {
    for await (const batch of batches) {
      if (withBaselines) columns.take(batch);
      yield toRunBatch(batch, () => {});
    }
  };
  const { queue } = await openMemoryQueue({ permits: tables.permits });
  try {
    const registry = openRegistry(tables, undefined, place);
    const { findings } = await runReadings({ registry, tables, batches: watched(), queue, progress: silentProgress });
    const own = { [detectorName]: findings.filter(({ isAlarm }) => isAlarm).map(toScored) };
    return withBaselines ? { ...own, ...runBaselines(columns.finish()) } : own;
  } finally {
    await queue.close();
  }
}

/** Only what the scoring needs crosses to the parent process. */
function toScored({ candidate }: Finding): ScoredCandidate {
  const { meterId, onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score } = candidate;
  return { meterId, onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score };
}
