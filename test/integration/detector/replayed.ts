import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Candidate } from "@hashwatt/contracts";
import { fleetFiles, readingsFile } from "./substations.ts";

const cli = resolve(import.meta.dirname, "../../../services/cli/src/main.ts");

/** What `replay` finds in the files of the fleet, with more options where they are given. */
export async function replayed(more: readonly string[] = []): Promise<Candidate[]> {
  const out = mkdtempSync(join(tmpdir(), "hashwatt-replay-"));
  const { METERS_FILE, PERMITS_FILE, EVENTS_FILE } = fleetFiles;
  const files = ["--meters", METERS_FILE, "--permits", PERMITS_FILE, "--events", EVENTS_FILE, "--readings", readingsFile];
  await promisify(execFile)(process.execPath, [cli, "replay", "--peer-group", "area", ...files, ...more, "--out", out]);
  const lines = readFileSync(join(out, "candidates.jsonl"), "utf8").trim().split("\n");
  rmSync(out, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Candidate);
}
