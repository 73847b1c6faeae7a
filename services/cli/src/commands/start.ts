import { rmSync } from "node:fs";
import { join } from "node:path";
import { HOUR_MS, type Permit } from "@hashwatt/contracts";
import { openMemoryQueue, type ReviewQueue } from "@hashwatt/review-queue";
import { Command } from "commander";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { printFindings } from "../output/findings-table.ts";
import { createJsonlFile } from "../output/jsonl-file.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { printOutcome } from "../output/scenario-report.ts";
import { countFindings, describeAccounts, makeFolder, writeCandidates, writeSummary } from "../output/write-results.ts";
import { accountRows, runFiles } from "../run/run-files.ts";
import { runScenario } from "../run/run-scenario.ts";
import { untilStopped } from "../run/until-stopped.ts";
import { addFleetFileOptions, addJudgingOptions, type FleetFileOptions, type JudgingOptions, wholeNumber } from "./options.ts";

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
  const { seed, out, peerGroup, graceHours, lateDays } = options;
  const progress = createProgress("scenario");
  const { fleet, findings, counters } = await runScenario({
    seed,
    grouping: peerGroup,
    graceMs: graceHours * HOUR_MS,
    lateDays,
    openQueue: openJournalQueue(journalFile, progress),
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

async function startFiles(options: StartOptions & FleetFileOptions & { readings: string[] }, journalFile: string): Promise<ExitCode> {
  const { out, peerGroup, graceHours, lateDays } = options;
  const folder = out ?? defaultFolder;
  makeFolder(folder);
  const rejects = createJsonlFile(join(folder, "rejects.jsonl"));
  const progress = createProgress("start");
  try {
    const result = await runFiles({
      paths: options,
      grouping: peerGroup,
      graceMs: graceHours * HOUR_MS,
      lateDays,
      openQueue: openJournalQueue(journalFile, progress),
      onReject: (reject) => rejects.write(reject),
      progress,
    });
    const accounts = accountRows(result);
    printFindings(result.findings, result.tables.meters);
    console.log(`\n${describeAccounts(accounts)}`);
    if (out !== undefined) {
      writeCandidates(out, result.findings);
      writeSummary(out, {
        meters: result.tables.meters.length,
        readings: accounts,
        rejectedRows: rejects.lines,
        ...countFindings(result.findings),
      });
    }
    if (rejects.lines > 0) progress.warn(`${rejects.lines} rejects; see ${rejects.path}`, { rejects: rejects.lines });
    return rejects.lines > 0 ? exitCodes.data : exitCodes.ok;
  } finally {
    rejects.close();
  }
}

function openJournalQueue(journalFile: string, progress: Progress): (permits: readonly Permit[]) => Promise<ReviewQueue> {
  return async (permits) => {
    const { queue, warnings } = await openMemoryQueue({ journalFile, permits });
    for (const warning of warnings) progress.warn(warning);
    return queue;
  };
}
