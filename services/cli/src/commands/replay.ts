import { join } from "node:path";
import { HOUR_MS } from "@hashwatt/contracts";
import { openMemoryQueue } from "@hashwatt/review-queue";
import { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printFindings } from "../output/findings-table.ts";
import { createJsonlFile } from "../output/jsonl-file.ts";
import { createProgress } from "../output/progress.ts";
import { countFindings, describeAccounts, makeFolder, writeCandidates, writeSummary } from "../output/write-results.ts";
import { accountRows, runFiles } from "../run/run-files.ts";
import { addFleetFileOptions, addJudgingOptions, type FleetFileOptions, type JudgingOptions } from "./options.ts";

interface ReplayOptions extends FleetFileOptions, JudgingOptions {
  readonly readings: string[];
  readonly out: string;
}

export function replayCommand(end: (code: ExitCode) => void): Command {
  const command = new Command("replay")
    .summary("judge the readings of files")
    .description(
      "Judges the readings of files exactly as the Kafka service would, and writes candidates.jsonl, rejects.jsonl and summary.json.",
    )
    .requiredOption("--out <folder>", "folder for the results; made where missing")
    .addHelpText(
      "after",
      `
Examples:
  hashwatt replay --meters fleet/meters.csv --readings fleet/readings.csv.gz --out out
  hashwatt replay --meters m.csv --readings '2022/*.csv.gz' --permits p.csv --events e.csv --weather w.csv.gz --out out
  hashwatt replay --meters m.parquet --readings r.parquet --peer-group area --grace-hours 24 --out out`,
    )
    .action(async (options: ReplayOptions) => end(await replay(options)));
  return addJudgingOptions(addFleetFileOptions(command, true));
}

async function replay(options: ReplayOptions): Promise<ExitCode> {
  const { out, graceHours, lateDays, peerGroup } = options;
  makeFolder(out);
  const rejects = createJsonlFile(join(out, "rejects.jsonl"));
  const progress = createProgress("replay");
  try {
    const result = await runFiles({
      paths: options,
      grouping: peerGroup,
      graceMs: graceHours * HOUR_MS,
      lateDays,
      openQueue: async (permits) => (await openMemoryQueue({ permits })).queue,
      onReject: (reject) => rejects.write(reject),
      progress,
    });
    const { findings, tables, registry } = result;
    const accounts = accountRows(result);
    const counted = countFindings(findings);
    writeCandidates(out, findings);
    writeSummary(out, {
      meters: tables.meters.length,
      groups: registry.groupKeys.length,
      readings: accounts,
      rejectedRows: rejects.lines,
      ...counted,
    });
    printFindings(findings, tables.meters);
    console.log(`\n${describeAccounts(accounts)}`);
    console.log(`Alarms: ${counted.alarms}; authorised by permit: ${counted.authorised}; withdrawn: ${counted.withdrawn}`);
    console.log(`Written: ${join(out, "candidates.jsonl")}, ${join(out, "summary.json")}, ${join(out, "rejects.jsonl")}`);
    if (rejects.lines > 0) progress.warn(`${rejects.lines} rejects; see ${rejects.path}`, { rejects: rejects.lines });
    return rejects.lines > 0 ? exitCodes.data : exitCodes.ok;
  } finally {
    rejects.close();
  }
}
