import { Command, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { writeFleet } from "../files/write-fleet.ts";
import { createProgress } from "../output/progress.ts";
import { makeFolder } from "../output/write-results.ts";
import { type ScenarioName, scenarios } from "../run/scenarios.ts";
import { wholeNumber } from "./options.ts";

interface SimulateOptions {
  readonly out: string;
  readonly scenario: ScenarioName;
  readonly seed: number;
}

export function simulateCommand(end: (code: ExitCode) => void): Command {
  return new Command("simulate")
    .summary("write the files of a simulated fleet")
    .description(
      "Writes a simulated fleet: meters.csv, readings.csv.gz, permits.csv, events.csv, weather.csv.gz, and labels.json with what is hidden in it. " +
        "The same seed gives the same bytes.",
    )
    .requiredOption("--out <folder>", "folder for the files; made where missing")
    .addOption(new Option("--scenario <name>", "what to simulate").choices(Object.keys(scenarios)).default("kazakhstan"))
    .option("--seed <number>", "seed of the random numbers", wholeNumber(0, 2 ** 31 - 1), 1)
    .addHelpText(
      "after",
      `
Examples:
  hashwatt simulate --out fleet
  hashwatt simulate --scenario kazakhstan --seed 7 --out fleet-7`,
    )
    .action(async (options: SimulateOptions) => end(await simulate(options)));
}

async function simulate({ out, scenario, seed }: SimulateOptions): Promise<ExitCode> {
  makeFolder(out);
  const fleet = scenarios[scenario]({ seed });
  const progress = createProgress("simulate");
  const rows = await writeFleet(out, fleet, (written, eventMs) => progress.update(written, eventMs));
  progress.done(rows);
  console.log(
    `${out}: ${fleet.meters.length} meters, ${rows} readings, ${fleet.labels.mines.length} mines (labels.json; no input of a detector)`,
  );
  return exitCodes.ok;
}
