import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, resolve } from "node:path";
import { type TrainedModels, type TrainingRow, trainScore } from "@hashwatt/evaluation";
import { evidenceTerms } from "@hashwatt/pipeline";
import { Command } from "commander";
import { CliError, dataError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { createProgress } from "../output/progress.ts";
import { formatTable, left, right } from "../output/table.ts";
import { runTasks } from "../run/task-pool.ts";
import { findNatural, type TrainTask } from "../train/collect-rows.ts";
import { hashFiles, scoreFileText } from "../train/score-file.ts";
import { wholeNumber } from "./options.ts";

interface TrainOptions {
  readonly fleets?: string[];
  readonly seeds: number;
  readonly simulated: number;
  readonly jobs: number;
  readonly out: string;
}

export function trainCommand(end: (code: ExitCode) => void): Command {
  return new Command("train")
    .summary("learn the score's coefficients from fleets with simulated mines")
    .description(
      "Puts mines and innocent changes into the natural readings of fleet folders (their null/ where they have one) and into their mirror, whose days " +
        "run backwards, judges them without raising anything, and fits the two models of the score to the evidence. The same fleets and seeds give the same bytes. What the folders' labels say " +
        "is not learnt from.",
    )
    .option("--fleets <folders...>", "fleet folders without mines in them, or with a null/")
    .option("--seeds <count>", "how often each folder and its mirror are used, with mines of the seeds 1, 2, ...", wholeNumber(1, 1_000), 8)
    .option("--simulated <count>", "simulated fleets besides", wholeNumber(0, 1_000), 0)
    .option("--jobs <count>", "worker processes", wholeNumber(1, 256), availableParallelism())
    .requiredOption("--out <file>", "JSON file for the coefficients")
    .addHelpText(
      "after",
      `
Example:
  hashwatt train --fleets fleets/north fleets/south --seeds 8 --out score-model.json`,
    )
    .action(async (options: TrainOptions) => end(await train(options)));
}

async function train({ fleets: folders = [], seeds, simulated, jobs, out }: TrainOptions): Promise<ExitCode> {
  if (folders.length + simulated === 0) throw new CliError(exitCodes.usage, "there is nothing to learn from: give --fleets or --simulated");
  const progress = createProgress("train");
  const naturals = folders.map((folder) => ({ folder, files: findNatural(folder).files }));
  const judged = await runTasks<TrainTask, TrainingRow[]>({
    worker: new URL("../train/train-worker.ts", import.meta.url),
    tasks: [...folders.flatMap((folder) => tasksOf(folder, seeds)), ...tasksOf(undefined, simulated)],
    jobs,
    onDone: (rows = []) => progress.say(`a fleet: ${rows.length} rows, ${rows.filter(({ label }) => label === 1).length} of mines`),
  });
  const rows = judged.flat();
  const fleets: { name: string; readingsSha256: string }[] = [];
  for (const { folder, files } of naturals)
    fleets.push({ name: basename(resolve(folder)), readingsSha256: await hashFiles(files.readings) });
  const trained = fit(rows);
  writeFileSync(out, scoreFileText(trained, { fleets, seeds, simulated }));
  for (const line of weightTable(trained)) console.log(line);
  return exitCodes.ok;
}

/** A folder is used both ways: what went down in it goes up in its mirror, which doubles the innocent moves that decide the weights. */
function tasksOf(folder: string | undefined, count: number): TrainTask[] {
  const ways = folder === undefined ? [false] : [false, true];
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((seed) => ways.map((isMirrored) => ({ folder, seed, isMirrored })));
}

function fit(rows: readonly TrainingRow[]): TrainedModels {
  try {
    return trainScore(rows, evidenceTerms);
  } catch (error) {
    if (error instanceof RangeError) throw dataError("train", error.message, error);
    throw error;
  }
}

function weightTable({ step, buildup, counts }: TrainedModels): string[] {
  const lines = step.terms.map(({ name, weight }, i) => [name, weight.toFixed(2), buildup.terms[i].weight.toFixed(2)]);
  const count = (name: "rows" | "events" | "mines") => [name, String(counts.step[name]), String(counts.buildup[name])];
  const intercept = ["intercept", step.intercept.toFixed(2), buildup.intercept.toFixed(2)];
  return formatTable(
    [left("Term"), right("Step"), right("Build-up")],
    [...lines, intercept, count("rows"), count("events"), count("mines")],
  );
}
