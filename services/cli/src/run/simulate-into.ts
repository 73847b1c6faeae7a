import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import {
  createLoadColumns,
  editReadings,
  type EventfulFleet,
  type FleetLabels,
  type IntoOptions,
  type NaturalFleet,
  planInto,
} from "@hashwatt/evaluation";
import { type FleetFolder, findFleetFolder, findNullFolder } from "../files/fleet-folder.ts";
import { hasLabels, readLabels } from "../files/read-labels.ts";
import type { OnFileReject } from "../files/rejects.ts";
import { writeReadings, writeRecords } from "../files/write-fleet.ts";
import type { Progress } from "../output/progress.ts";
import { fleetBatches } from "./fleet-batches.ts";
import { type FleetPaths, type OpenFleet, withFleetFiles } from "./run-files.ts";

export interface SimulateIntoOptions extends IntoOptions {
  readonly into: string;
  readonly out: string;
  readonly onReject: OnFileReject;
  readonly progress: Progress;
}

/**
 * Puts mines and innocent changes into a fleet folder and writes the result as one. Where the folder has a `null/`, its readings are the
 * base, so that nothing is put in twice: permits, events and labels that belong to loads which are not there any more are left out. Else
 * what its labels name stays, on meters of its own.
 */
export async function simulateInto(options: SimulateIntoOptions): Promise<{ plan: EventfulFleet; rows: number }> {
  const { into, out, onReject, progress } = options;
  const fleet = findFleetFolder(into);
  const bare = findNullFolder(fleet);
  const base = bare ?? fleet;
  const natural = await readNatural(basename(resolve(into)), base, bare !== undefined, onReject);
  const plan = planInto({ ...natural, labels: knownLabels(fleet, bare !== undefined) }, options);
  writeRecords(out, plan);
  const rows = await withFleetFiles(
    base,
    "fleet",
    () => {}, // were told in the first pass
    (open) => {
      const edited = editReadings(plan.edits, fleetBatches(open));
      return writeReadings(join(out, "readings.csv.gz"), plan.meters, edited, (written, eventMs) => progress.update(written, eventMs));
    },
    true,
  );
  if (bare !== undefined) copyNull(bare, out);
  return { plan, rows };
}

/** What is known to be in the base's readings: everything that was labelled, or of a bare base only what nature did. */
export function knownLabels({ folder }: FleetFolder, isBare: boolean): Partial<FleetLabels> | undefined {
  if (!hasLabels(folder)) return undefined;
  const labels = readLabels(folder);
  if (!isBare) return labels;
  const confounders = labels.confounders.filter(({ kind }) => kind === "cold_snap" || kind === "heat_wave");
  return { warmupDays: labels.warmupDays, confounders, unscored: labels.unscored, lookalikes: labels.lookalikes };
}

/** One pass over a fleet's files into memory, of the readings of the qualities that are taken. `isBare`: of the events only holidays count, and no permit. */
export function readNatural(
  name: string,
  files: FleetPaths,
  isBare: boolean,
  onReject: OnFileReject,
  isTaken?: (quality: number) => boolean,
): Promise<NaturalFleet> {
  const read = async (open: OpenFleet): Promise<NaturalFleet> => {
    const { meters, permits, events, weather } = open.tables;
    const columns = createLoadColumns(meters, isTaken);
    for await (const batch of fleetBatches(open)) columns.take(batch);
    return {
      name,
      load: columns.finish(),
      permits: isBare ? [] : permits,
      events: isBare ? events.filter((event) => event.kind === "holiday") : events,
      weather,
    };
  };
  return withFleetFiles(files, "fleet", onReject, read, true);
}

function copyNull(bare: FleetFolder, out: string): void {
  mkdirSync(join(out, "null"), { recursive: true });
  for (const path of [...bare.meters, ...bare.readings]) copyFileSync(path, join(out, "null", basename(path)));
}
