import { basename, resolve } from "node:path";
import { HOUR_MS, Quality } from "@hashwatt/contracts";
import {
  batchesOf,
  editReadings,
  type EventfulFleet,
  evaluationFleet,
  type FleetBatch,
  type FleetLabels,
  labelOf,
  mirrorFleet,
  type NaturalFleet,
  planInto,
  type TrainingRow,
} from "@hashwatt/evaluation";
import type { MeterEvidence } from "@hashwatt/pipeline";
import { CliError, exitCodes } from "../exit-codes.ts";
import { findFleetFolder, findNullFolder, type FleetFolder } from "../files/fleet-folder.ts";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { createEvidenceCollector, nothingRaised } from "../run/collect-evidence.ts";
import { fleetBatches } from "../run/fleet-batches.ts";
import { judgeBatches } from "../run/judge-batches.ts";
import { type OpenFleet, withFleetFiles } from "../run/run-files.ts";
import { knownLabels, readNatural } from "../run/simulate-into.ts";

/** Three mines and four innocent changes for ten meters: more than `simulate --into` puts in, as every run costs the same however many it holds. */
const minesPerMeter = 0.3;
const changesPerMeter = 0.4;

/**
 * Gates of what is learnt from, higher than those of judging: the many small steps that no evidence can tell would decide the weights. With
 * judging's own gates the model found 42 of 72 mines at 14 false candidates, with these 43.
 */
const plainSteps = { ...nothingRaised, stirSigma: 3.5, minSigma: { flat: 4, peak_pause: 5, night_only: 5.5, loss: 5 } };

/** One judging to learn from: mines of a seed in a folder's natural readings, or a simulated fleet. */
export interface TrainTask {
  readonly folder: string | undefined;
  readonly seed: number;
  /** The folder's days run backwards (see mirrorFleet). */
  readonly isMirrored: boolean;
}

/** The labelled evidence of a task, in order of judging. */
export function collectRows({ folder, seed, isMirrored }: TrainTask): Promise<TrainingRow[]> {
  if (folder === undefined) return rowsOfSimulated(seed);
  return isMirrored ? rowsOfMirror(folder, seed) : rowsOfFolder(folder, seed);
}

/** A folder whose readings were metered without mines. */
export interface NaturalFolder {
  readonly files: FleetFolder;
  readonly isBare: boolean;
  readonly labels: Partial<FleetLabels> | undefined;
}

/** Finds a folder's `null/`, or takes the folder itself. Throws CliError (usage) where its labels say that mines are in the readings. */
export function findNatural(folder: string): NaturalFolder {
  const fleet = findFleetFolder(folder);
  const bare = findNullFolder(fleet);
  const labels = knownLabels(fleet, bare !== undefined);
  if ((labels?.mines?.length ?? 0) > 0) {
    throw new CliError(exitCodes.usage, `${folder}: labels.json says that mines are in the readings, and there is no null/ without them`);
  }
  return { files: bare ?? fleet, isBare: bare !== undefined, labels };
}

/** Puts mines and innocent changes into a folder's readings, and judges them. */
async function rowsOfFolder(folder: string, seed: number): Promise<TrainingRow[]> {
  const { files, isBare, labels: known } = findNatural(folder);
  const natural = await readNatural(basename(resolve(folder)), files, isBare, () => {});
  const plan = planOf({ ...natural, labels: known }, seed);
  const judgeOpen = (open: OpenFleet) => judge(tablesOf(plan), editReadings(plan.edits, fleetBatches(open)), plan.labels);
  return withFleetFiles(files, "fleet", () => {}, judgeOpen, true);
}

const isMeasured = (quality: number) => quality !== Quality.estimated;

/** The same with the days the other way round, all rows in order of time. What was estimated is no natural move, so it is left out. */
async function rowsOfMirror(folder: string, seed: number): Promise<TrainingRow[]> {
  const { files, isBare, labels: known } = findNatural(folder);
  const natural = await readNatural(basename(resolve(folder)), files, isBare, () => {}, isMeasured);
  const mirrored = mirrorFleet({ ...natural, labels: known });
  const plan = planOf(mirrored, seed);
  return judge(tablesOf(plan), editReadings(plan.edits, batchesOf(mirrored.load)), plan.labels);
}

function planOf(natural: NaturalFleet, seed: number): EventfulFleet {
  const meterCount = natural.load.meters.length;
  const counts = { mines: Math.round(minesPerMeter * meterCount), confounders: Math.round(changesPerMeter * meterCount) };
  return planInto(natural, { seed, ...counts });
}

function tablesOf({ meters, permits, events, weather }: EventfulFleet): FleetTables {
  return { meters: [...meters], permits: [...permits], events: [...events], weather: [...weather] };
}

async function rowsOfSimulated(seed: number): Promise<TrainingRow[]> {
  const fleet = evaluationFleet(seed, true);
  return judge(fleet, fleet.batches(), fleet.labels);
}

async function judge(
  tables: FleetTables,
  batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>,
  labels: FleetLabels,
): Promise<TrainingRow[]> {
  const { take: takeEvidence, evidence } = createEvidenceCollector();
  const inspect = { meterIds: new Set<string>(), take: () => {}, takeEvidence };
  await judgeBatches({ tables, batches, place: labels.fleet, parameters: plainSteps, inspect });
  return evidence().flatMap((one) => toRow(one, labels) ?? []);
}

function toRow({ meterId, isLoss, onsetHour, onsetDay, evidence }: MeterEvidence, labels: FleetLabels): TrainingRow | undefined {
  const label = labelOf(labels, { meterId, onsetMs: onsetHour * HOUR_MS });
  if (label === undefined) return undefined;
  return { stream: `${labels.fleet}/${meterId}/${isLoss}`, kind: evidence.kind, onsetDay, label, values: evidence.values };
}
