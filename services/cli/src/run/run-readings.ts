import type { Calibration, PeerGrouping, RejectReason } from "@hashwatt/contracts";
import {
  CalibrationError,
  type Counters,
  createMeterRegistry,
  createPipeline,
  type MeterInspector,
  type MeterRegistry,
  type Pipeline,
  type PipelineOptions,
  type ReadingBatch,
  type Reject,
} from "@hashwatt/pipeline";
import type { ReviewQueue } from "@hashwatt/review-queue";
import { CliError, dataError, exitCodes } from "../exit-codes.ts";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import type { Progress } from "../output/progress.ts";
import { createFindingCollector, type Finding } from "./collect-findings.ts";

/** One filled batch and where to send what the pipeline rejects of it. */
export interface RunBatch {
  readonly batch: ReadingBatch;
  onReject(reject: Reject): void;
}

export interface RunSettings {
  readonly graceMs?: number;
  readonly lateDays?: number;
  /** Shown what judging sees of some meters. */
  readonly inspect?: MeterInspector;
  /** Of this grid; undefined = none. */
  readonly calibration?: Calibration | undefined;
  /** Where they are not detection's own. */
  readonly parameters?: NonNullable<PipelineOptions["parameters"]>;
}

export interface RunOptions extends RunSettings {
  readonly registry: MeterRegistry;
  readonly tables: FleetTables;
  readonly batches: AsyncIterable<RunBatch> | Iterable<RunBatch>;
  readonly queue: ReviewQueue;
  readonly progress: Progress;
  /** Asked after every batch: the run may end before its input does. */
  readonly isEnough?: (() => boolean) | undefined;
}

export interface RunResult {
  readonly counters: Counters;
  readonly findings: Finding[];
}

/** Runs readings through the same pipeline and admission as the Kafka service: batch in, messages to the queue, next batch. */
export async function runReadings(options: RunOptions): Promise<RunResult> {
  const { registry, tables, batches, queue, progress, isEnough, ...settings } = options;
  const collector = createFindingCollector(queue, Date.now);
  let current: RunBatch | undefined;
  const pipelineOptions: PipelineOptions = {
    registry,
    events: tables.events,
    weather: tables.weather,
    ...settings,
    onMessage: (message) => collector.take(message),
    onReject: (reject) => current?.onReject(reject),
  };
  const pipeline = openPipeline(pipelineOptions);
  let rows = 0;
  for await (const next of batches) {
    current = next;
    const { batch } = next;
    pipeline.ingest(batch);
    rows += batch.count;
    progress.update(rows, batch.startMs[batch.count - 1]);
    await collector.admit();
    if (isEnough?.() === true) break;
  }
  progress.done(rows);
  const counters = pipeline.counters();
  checkAccounts(counters, rows);
  return { counters, findings: await collector.findings() };
}

/** Throws CliError (usage) where the calibration is not this grid's or this detector's. */
function openPipeline(options: PipelineOptions): Pipeline {
  try {
    return createPipeline(options);
  } catch (error) {
    if (!(error instanceof CalibrationError)) throw error;
    throw new CliError(exitCodes.usage, `the calibration cannot be used: ${error.message}`, { cause: error });
  }
}

/**
 * Meters judged together unless the user says otherwise. Larger groups judge better, but a meter's peers are at most the 150 of its block
 * (maxBlockMeters of detection): beyond about that a region is large enough, and costs a third of the time.
 */
export const fleetGroupLimit = 200;

export function defaultPeerGrouping(meterCount: number): PeerGrouping {
  return meterCount < fleetGroupLimit ? "fleet" : "region";
}

/** Throws CliError (data) where the meters contradict each other. */
export function openRegistry(tables: FleetTables, grouping: PeerGrouping | undefined, place: string): MeterRegistry {
  try {
    return createMeterRegistry(tables.meters, grouping ?? defaultPeerGrouping(tables.meters.length));
  } catch (error) {
    throw dataError(place, error instanceof Error ? error.message : String(error), error);
  }
}

/** Every reading is accounted for, or the program is wrong. */
function checkAccounts(counters: Counters, rows: number): void {
  const { read, binned, duplicate, late, parked, rejected } = counters;
  const sum = binned + duplicate + late + parked + sumRejected(rejected);
  if (read === rows && sum === read) return;
  throw new Error(
    `the accounts of readings do not balance: ${rows} handed in, ${read} read = ${binned} binned + ${duplicate} duplicate + ${late} late + ` +
      `${parked} parked + ${sumRejected(rejected)} rejected (${sum})`,
  );
}

/** Sum of rejected rows. */
export function sumRejected(rejected: Readonly<Partial<Record<RejectReason, number>>>): number {
  return Object.values(rejected).reduce((sum, count) => sum + count, 0);
}
