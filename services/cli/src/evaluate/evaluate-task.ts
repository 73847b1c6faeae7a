import { basename, resolve } from "node:path";
import type { Calibration, Meter } from "@hashwatt/contracts";
import {
  createLoadColumns,
  type DetectorRun,
  evaluationFleet,
  type FleetBatch,
  type FleetLabels,
  nullLabels,
  runBaselines,
  type ScoredCandidate,
  streamNoise,
  type StreamNoise,
  type StreamSteps,
} from "@hashwatt/evaluation";
import { findFleetFolder, findNullFolder } from "../files/fleet-folder.ts";
import { readLabels } from "../files/read-labels.ts";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { fleetBatches } from "../run/fleet-batches.ts";
import { judgeBatches, toScored } from "../run/judge-batches.ts";
import { withFleetFiles } from "../run/run-files.ts";
import { createStepCollector } from "./collect-steps.ts";

/** One fleet to be judged: with its events, or the same fleet with nothing added. */
export type EvaluateTask = EvaluateSettings & { readonly bare: boolean } & ({ readonly seed: number } | { readonly folder: string });

export interface EvaluateSettings {
  readonly withBaselines: boolean;
  readonly calibration: Calibration | undefined;
}

export const detectorName = "hashwatt";

/** What came out, by detector. */
export interface EvaluateResult {
  readonly fleet: string;
  readonly bare: boolean;
  readonly meters: number;
  readonly runs: Readonly<Record<string, DetectorRun>>;
  /** Steps of every stream when nothing happens. */
  readonly noise: readonly StreamNoise[];
  /** User and system time, all threads. */
  readonly cpuSeconds: number;
}

/** Judges one fleet with the product and with the baselines. Undefined: the folder has no null/. */
export async function runTask(task: EvaluateTask): Promise<EvaluateResult | undefined> {
  const before = process.cpuUsage();
  const outcome = "seed" in task ? await judgeSimulated(task) : await judgeFolder(task);
  if (outcome === undefined) return undefined;
  const { labels, meters, candidates, steps } = outcome;
  const meterIds = meters.map(({ meterId }) => meterId);
  const { user, system } = process.cpuUsage(before);
  return {
    fleet: labels.fleet,
    bare: task.bare,
    meters: meters.length,
    runs: Object.fromEntries(Object.entries(candidates).map(([name, list]) => [name, { labels, meterIds, candidates: list }])),
    noise: steps.flatMap((stream) => streamNoise(stream, labels) ?? []),
    cpuSeconds: (user + system) / 1e6,
  };
}

interface Outcome {
  readonly candidates: Readonly<Record<string, ScoredCandidate[]>>;
  readonly steps: readonly StreamSteps[];
}

interface Judged extends Outcome {
  readonly labels: FleetLabels;
  readonly meters: readonly Meter[];
}

async function judgeSimulated(task: EvaluateSettings & { seed: number; bare: boolean }): Promise<Judged> {
  const fleet = evaluationFleet(task.seed, !task.bare);
  return { labels: fleet.labels, meters: fleet.meters, ...(await judge(fleet, fleet.batches(), fleet.name, task)) };
}

async function judgeFolder(task: EvaluateSettings & { folder: string; bare: boolean }): Promise<Judged | undefined> {
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
      ...(await judge(open.tables, fleetBatches(open), task.folder, task)),
    }),
  );
}

async function judge(
  tables: FleetTables,
  batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>,
  place: string,
  { withBaselines, calibration }: EvaluateSettings,
): Promise<Outcome> {
  const columns = createLoadColumns(tables.meters);
  const { inspect, steps } = createStepCollector(tables.meters);
  const watched = async function* (): AsyncGenerator<FleetBatch> {
    for await (const batch of batches) {
      if (withBaselines) columns.take(batch);
      yield batch;
    }
  };
  const findings = await judgeBatches({ tables, batches: watched(), place, calibration, inspect });
  const own = { [detectorName]: toScored(findings) };
  return { candidates: withBaselines ? { ...own, ...runBaselines(columns.finish()) } : own, steps: steps() };
}
