import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { OutcomeSummary } from "@hashwatt/evaluation";

const root = resolve(import.meta.dirname, "../..");

/**
 * The fixed set: four simulated fleets, one of each grid of the evaluation, and half a year of 20 real substations with three mines. Large
 * enough that two mines are 5 % of recall; 25 CPU-seconds.
 */
const set = ["--fleets", join(root, "test/data/substations"), "--simulated", "4", "--seed", "901", "--no-baselines"];

/** What the gate compares. */
export interface GateFigures {
  readonly mines: number;
  readonly found: number;
  readonly falseMixed: number;
  readonly falseNull: number;
  readonly medianDelayDays: number;
  readonly p90DelayDays: number;
  readonly medianSizeError: number;
  readonly medianOnsetErrorHours: number;
}

const rounded = (value: number | null) => Number((value ?? Number.NaN).toFixed(2));

/** Runs the fixed set through `hashwatt evaluate`; `table` is what it printed. Throws where the command fails. */
export async function measureGate(): Promise<{ figures: GateFigures; table: string }> {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-gate-"));
  try {
    const json = join(folder, "figures.json");
    const args = [join(root, "services/cli/src/main.ts"), "evaluate", ...set, "--json", json];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { summaries } = JSON.parse(readFileSync(json, "utf8")) as { summaries: { mixed: OutcomeSummary; bare: OutcomeSummary }[] };
    const [{ mixed, bare }] = summaries;
    const figures = {
      mines: mixed.mines,
      found: mixed.found,
      falseMixed: mixed.falseCandidates,
      falseNull: bare.falseCandidates,
      medianDelayDays: rounded(mixed.delayDays.median),
      p90DelayDays: rounded(mixed.delayDays.p90),
      medianSizeError: rounded(mixed.sizeError.median),
      medianOnsetErrorHours: rounded(mixed.onsetErrorHours.median),
    };
    return { figures, table: stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The figures that the set gave when detection last changed on purpose. */
export const figuresPath = join(import.meta.dirname, "figures.json");
