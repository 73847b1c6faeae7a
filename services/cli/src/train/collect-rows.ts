import { basename, resolve } from "node:path";
import { HOUR_MS } from "@hashwatt/contracts";
import {
  editReadings,
  evaluationFleet,
  type FleetBatch,
  type FleetLabels,
  labelOf,
  type NaturalFleet,
  planInto,
  type TrainingRow,
} from "@hashwatt/evaluation";
import type { MeterEvidence } from "@hashwatt/pipeline";
import { CliError, exitCodes } from "../exit-codes.ts";
import { findFleetFolder, findNullFolder, type FleetFolder } from "../files/fleet-folder.ts";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { fleetBatches } from "../run/fleet-batches.ts";
import { judgeBatches } from "../run/judge-batches.ts";
import { withFleetFiles } from "../run/run-files.ts";
import { knownLabels, readNatural } from "../run/simulate-into.ts";

/** Three mines and four innocent changes for ten meters: more than `simulate --into` puts in, as every run costs the same however many it holds. */
const minesPerMeter = 0.3;
const changesPerMeter = 0.4;

/** A fleet folder's readings as they were metered. */
export interface NaturalFolder {
  readonly natural: NaturalFleet;
  readonly files: FleetFolder;
}

/** Reads a folder's `null/`, or the folder itself. Throws CliError (usage) where its labels say that mines are in the readings. */
export async function openNatural(folder: string): Promise<NaturalFolder> {
  const fleet = findFleetFolder(folder);
  const bare = findNullFolder(fleet);
  const files = bare ?? fleet;
  const labels = knownLabels(fleet, bare !== undefined);
  if ((labels?.mines?.length ?? 0) > 0) {
    throw new CliError(exitCodes.usage, `${folder}: labels.json says that mines are in the readings, and there is no null/ without them`);
  }
  const natural = await readNatural(basename(resolve(folder)), files, bare !== undefined, () => {});
  return { natural: { ...natural, labels }, files };
}

/** Puts mines and innocent changes into a folder's readings, judges them, and returns the labelled evidence in order of judging. */
export async function rowsOfFolder({ natural, files }: NaturalFolder, seed: number): Promise<TrainingRow[]> {
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

/** The labelled evidence of a simulated fleet. */
export async function rowsOfSimulated(seed: number): Promise<TrainingRow[]> {
  const fleet = evaluationFleet(seed, true);
  return judge(fleet, fleet.batches(), fleet.labels);
}

/** A score of 2 that no step reaches: what is raised is known from then on and would give no evidence any more. */
const nothingRaised = { minScore: { step: 2, buildup: 2 } };

async function judge(
  tables: FleetTables,
  batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>,
  labels: FleetLabels,
): Promise<TrainingRow[]> {
  const collected = new Map<string, MeterEvidence>();
  const takeEvidence = (evidence: MeterEvidence) => {
    if (evidence.direction < 0) return;
    const { meterId, isLoss, judgedDay, ageDays, gapDays } = evidence;
    collected.set(`${meterId}/${isLoss}/${judgedDay}/${ageDays}/${gapDays}`, evidence); // of a day judged again the last stands
  };
  const inspect = { meterIds: new Set<string>(), take: () => {}, takeEvidence };
  await judgeBatches({ tables, batches, place: labels.fleet, parameters: nothingRaised, inspect });
  return [...collected.values()]
    .toSorted((a, b) => a.judgedDay - b.judgedDay) // stable: those of a day stay in the order of the streams
    .flatMap((evidence) => toRow(evidence, labels) ?? []);
}

function toRow({ meterId, isLoss, onsetHour, onsetDay, evidence }: MeterEvidence, labels: FleetLabels): TrainingRow | undefined {
  const label = labelOf(labels, { meterId, onsetMs: onsetHour * HOUR_MS });
  if (label === undefined) return undefined;
  return { stream: `${labels.fleet}/${meterId}/${isLoss}`, kind: evidence.kind, onsetDay, label, values: evidence.values };
}
