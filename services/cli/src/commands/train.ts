import { writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type TrainedModels, type TrainingRow, trainScore } from "@hashwatt/evaluation";
import { evidenceTerms } from "@hashwatt/pipeline";
import { Command } from "commander";
import { CliError, dataError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { formatTable, left, right } from "../output/table.ts";
import { openNatural, rowsOfFolder, rowsOfSimulated } from "../train/collect-rows.ts";
import { hashFiles, scoreFileText } from "../train/score-file.ts";
import { wholeNumber } from "./options.ts";

interface TrainOptions {
  readonly fleets?: string[];
  readonly seeds: number;
  readonly simulated: number;
  readonly out: string;
}

export function trainCommand(end: (code: ExitCode) => void): Command {
  return new Command("train")
    .summary("learn the score's coefficients from fleets with simulated mines")
    .description(
      "Puts mines and innocent changes into the natural readings of fleet folders (their null/ where they have one), judges them without raising " +
        "anything, and fits the two models of the score to the evidence. The same fleets and seeds give the same bytes. What the folders' labels say " +
        "is not learnt from.",
    )
    .option("--fleets <folders...>", "fleet folders without mines in them, or with a null/")
    .option("--seeds <count>", "how often each folder is used, with mines of the seeds 1, 2, ...", wholeNumber(1, 1_000), 8)
    .option("--simulated <count>", "simulated fleets besides", wholeNumber(0, 1_000), 0)
    .requiredOption("--out <file>", "JSON file for the coefficients")
    .addHelpText(
      "after",
      `
Example:
  hashwatt train --fleets fleets/north fleets/south --seeds 8 --out score-model.json`,
    )
    .action(async (options: TrainOptions) => end(await train(options)));
}

async function train({ fleets: folders = [], seeds, simulated, out }: TrainOptions): Promise<ExitCode> {
  if (folders.length + simulated === 0) throw new CliError(exitCodes.usage, "there is nothing to learn from: give --fleets or --simulated");
  const progress = createProgress("train");
  const rows: TrainingRow[] = [];
  const fleets: { name: string; readingsSha256: string }[] = [];
  for (const folder of folders) {
    const open = await openNatural(folder);
    fleets.push({ name: basename(resolve(folder)), readingsSha256: await hashFiles(open.files.readings) });
    for (let seed = 1; seed <= seeds; seed++) take(rows, await rowsOfFolder(open, seed), `${folder}, seed ${seed}`, progress);
  }
  for (let seed = 1; seed <= simulated; seed++) take(rows, await rowsOfSimulated(seed), `simulated fleet ${seed}`, progress);
  const trained = fit(rows);
  writeFileSync(out, scoreFileText(trained, { fleets, seeds, simulated }));
  for (const line of weightTable(trained)) console.log(line);
  return exitCodes.ok;
}

function take(all: TrainingRow[], rows: readonly TrainingRow[], place: string, progress: Progress): void {
  for (const row of rows) all.push(row);
  progress.say(`${place}: ${rows.length} rows, ${rows.filter(({ label }) => label === 1).length} of mines`);
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
