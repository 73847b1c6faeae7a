import { basename, resolve } from "node:path";
import { HOUR_MS } from "@hashwatt/contracts";
import {
  editReadings,
  evaluationFleet,
  type FleetBatch,
  type FleetLabels,
  labelOf,
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
import { withFleetFiles } from "../run/run-files.ts";
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
}

/** The labelled evidence of a task, in order of judging. */
export function collectRows({ folder, seed }: TrainTask): Promise<TrainingRow[]> {
  return folder === undefined ? rowsOfSimulated(seed) : rowsOfFolder(folder, seed);
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
  const natural = { ...(await readNatural(basename(resolve(folder)), files, isBare, () => {})), labels: known };
  const meterCount = natural.load.meters.length;
  const counts = { mines: Math.round(minesPerMeter * meterCount), confounders: Math.round(changesPerMeter * meterCount) };
  const { edits, labels, ...records } = planInto(natural, { seed, ...counts });
  const tables = {
    meters: [...records.meters],
    permits: [...records.permits],
    events: [...records.events],
    weather: [...records.weather],
  };
  return withFleetFiles(
    files,
    "fleet",
    () => {},
    (open) => judge(tables, editReadings(edits, fleetBatches(open)), labels),
    true,
  );
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
