import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Permit } from "@hashwatt/contracts";
import { openMemoryQueue, type ReviewQueue } from "@hashwatt/review-queue";
import { Command } from "commander";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { printFindings } from "../output/findings-table.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { printOutcome } from "../output/scenario-report.ts";
import { makeFolder, writeCandidates, writeSummary } from "../output/write-results.ts";
import { runScenario } from "../run/run-scenario.ts";
import { untilStopped } from "../run/until-stopped.ts";
import { judgeFiles } from "./judge-files.ts";
import {
  addFleetFileOptions,
  addJudgingOptions,
  type FleetFileOptions,
  type JudgingOptions,
  judgingSettings,
  wholeNumber,
} from "./options.ts";

interface StartOptions extends Partial<FleetFileOptions>, JudgingOptions {
  readonly readings?: string[];
  readonly once?: boolean;
  readonly out?: string;
  readonly journal?: string;
  readonly seed: number;
}

/** Folder for the queue's journal where the user names none. */
const defaultFolder = join("out", "start");

export function startCommand(end: (code: ExitCode) => void): Command {
  const command = new Command("start")
    .summary("all in one, no server needed")
    .description(
      "Runs everything in one process: the built-in scenario (the winter 2022 campaign in Kazakhstan, simulated), or your own files, " +
        "through the pipeline into a review queue kept in a journal file.",
    )
    .option("--once", "end when the readings are through, instead of keeping the queue open")
    .option("--out <folder>", "also write candidates.jsonl and summary.json (and rejects.jsonl) there")
    .option("--seed <number>", "seed of the built-in scenario", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--journal <file>", `continue the queue of this file; by default a new one begins in --out or ${defaultFolder}`)
    .addHelpText(
      "after",
      `
Examples:
  hashwatt start --once
  hashwatt start --seed 7 --out out
  hashwatt start --meters meters.csv --readings readings.csv.gz --permits permits.csv`,
    )
    .action(async (options: StartOptions) => end(await start(options)));
  return addJudgingOptions(addFleetFileOptions(command, false));
}

async function start(options: StartOptions): Promise<ExitCode> {
  const { meters, readings, out } = options;
  if ((meters === undefined) !== (readings === undefined)) {
    throw new CliError(
      exitCodes.usage,
      `--${meters === undefined ? "meters" : "readings"} is missing: --meters and --readings go together`,
    );
  }
  if (out !== undefined) makeFolder(out);
  const journalFile = prepareJournal(options);
  const code =
    meters === undefined || readings === undefined
      ? await startScenario(options, journalFile)
      : await startFiles({ ...options, meters, readings }, journalFile);
  if (options.once) return code;
  await untilStopped([
    "",
    `The review queue is in ${journalFile}. In another terminal:`,
    `  hashwatt queue list --journal ${journalFile}`,
    `  hashwatt queue show CASE --journal ${journalFile}`,
    "Next: your own files (hashwatt start --meters ... --readings ...), or Kafka and Redis (docker compose up).",
    "Ctrl-C ends.",
  ]);
  return code;
}

/** A journal named by the user is continued; the default one begins anew, because another run's cases would mix with this one's. */
function prepareJournal({ journal, out }: StartOptions): string {
  if (journal !== undefined) return journal;
  const folder = out ?? defaultFolder;
  makeFolder(folder);
  const path = join(folder, "queue.jsonl");
  rmSync(path, { force: true });
  return path;
}

async function startScenario(options: StartOptions, journalFile: string): Promise<ExitCode> {
  const { seed, out } = options;
  const progress = createProgress("scenario");
  const { fleet, findings, counters } = await runScenario({
    seed,
    ...judgingSettings(options),
    openQueue: (permits) => openJournalQueue(journalFile, permits, progress),
    progress,
  });
  printFindings(findings, fleet.meters);
  const outcome = printOutcome(fleet, findings);
  if (out !== undefined) {
    writeCandidates(out, findings);
    const { rejected, ...counts } = counters;
    writeSummary(out, { ...outcome, readings: { ...counts, rejected } });
  }
  return exitCodes.ok;
}

function startFiles(options: StartOptions & FleetFileOptions & { readings: string[] }, journalFile: string): Promise<ExitCode> {
  const { out } = options;
  return judgeFiles({
    label: "start",
    files: options,
    judging: options,
    rejectsIn: out ?? defaultFolder,
    out,
    openQueue: (permits, progress) => openJournalQueue(journalFile, permits, progress),
  });
}

async function openJournalQueue(journalFile: string, permits: readonly Permit[], progress: Progress): Promise<ReviewQueue> {
  const { queue, warnings } = await openMemoryQueue({ journalFile, permits });
  for (const warning of warnings) progress.warn(warning);
  return queue;
}
