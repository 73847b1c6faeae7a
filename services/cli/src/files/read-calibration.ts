import { readFileSync } from "node:fs";
import { type Calibration, CalibrationSchema } from "@hashwatt/contracts";
import { dataError } from "../exit-codes.ts";

/** A file that `hashwatt calibrate` wrote. Throws CliError (data) saying what in it cannot be used. */
export function readCalibration(path: string): Calibration {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw dataError(path, `is no calibration (${error instanceof Error ? error.message : String(error)})`, error);
  }
  const parsed = CalibrationSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0];
  throw dataError(path, `is no calibration that this version can use (${place.join(".") || "the file"}: ${message})`);
}
