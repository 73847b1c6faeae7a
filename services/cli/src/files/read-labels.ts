import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FleetLabels } from "@hashwatt/evaluation";
import { dataError } from "../exit-codes.ts";

/** labels.json of a fleet folder: for scoring and simulation only. Throws CliError (data) where there is none or it is no JSON. */
export function readLabels(folder: string): FleetLabels {
  const path = join(folder, "labels.json");
  try {
    return JSON.parse(readFileSync(path, "utf8")) as FleetLabels;
  } catch (error) {
    throw dataError(path, `holds no labels (${error instanceof Error ? error.message : String(error)})`);
  }
}

export const hasLabels = (folder: string): boolean => existsSync(join(folder, "labels.json"));
