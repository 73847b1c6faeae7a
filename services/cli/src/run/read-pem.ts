import { readFileSync } from "node:fs";
import { CliError, exitCodes } from "../exit-codes.ts";

/** Text of the PEM file that an environment variable names. Throws CliError (usage) where it cannot be read. */
export function readPem(variable: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(exitCodes.usage, `${variable}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}
