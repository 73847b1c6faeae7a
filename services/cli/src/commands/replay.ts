import { openMemoryQueue } from "@hashwatt/review-queue";
import { Command } from "commander";
import type { ExitCode } from "../exit-codes.ts";
import { judgeFiles } from "./judge-files.ts";
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

function replay(options: ReplayOptions): Promise<ExitCode> {
  return judgeFiles({
    label: "replay",
    files: options,
    judging: options,
    rejectsIn: options.out,
    out: options.out,
    openQueue: async (permits) => (await openMemoryQueue({ permits })).queue,
  });
}
