import { statSync } from "node:fs";
import { join } from "node:path";
import { CliError, dataError, exitCodes } from "../exit-codes.ts";
import type { FleetTablePaths } from "./read-fleet-tables.ts";

/** Files of a fleet folder. */
export interface FleetFolder extends FleetTablePaths {
  readonly folder: string;
  readonly readings: readonly string[];
}

const endings = [".csv", ".csv.gz", ".csv.zst", ".parquet"];

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function findTable(folder: string, name: string): string | undefined {
  return endings.map((ending) => join(folder, `${name}${ending}`)).find(isFile);
}

/** Finds a folder's files by their names. Throws CliError where there is no folder, no meters or no readings. */
export function findFleetFolder(folder: string): FleetFolder {
  if (!isFolder(folder)) throw new CliError(exitCodes.usage, `${folder}: there is no such folder`);
  const need = (name: string) => {
    const path = findTable(folder, name);
    if (path === undefined) throw dataError(folder, `holds no ${name} file (${endings.map((ending) => name + ending).join(", ")})`);
    return [path];
  };
  const may = (name: string) => {
    const path = findTable(folder, name);
    return path === undefined ? undefined : [path];
  };
  return {
    folder,
    meters: need("meters"),
    readings: need("readings"),
    permits: may("permits"),
    events: may("events"),
    weather: may("weather"),
  };
}

/** The folder's `null/`, the same meters and period with nothing added; undefined where there is none. Weather is the parent folder's. */
export function findNullFolder(fleet: FleetFolder): FleetFolder | undefined {
  const folder = join(fleet.folder, "null");
  if (!isFolder(folder)) return undefined;
  const { meters, readings } = findFleetFolder(folder);
  return { folder, meters, readings, weather: fleet.weather, events: fleet.events };
}
