import { resolve } from "node:path";
import { Command, Option } from "commander";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { type FleetRecords, writeFleet } from "../files/write-fleet.ts";
import { createProgress } from "../output/progress.ts";
import { makeFolder } from "../output/write-results.ts";
import { type ScenarioName, scenarios } from "../run/scenarios.ts";
import { simulateInto } from "../run/simulate-into.ts";
import { wholeNumber } from "./options.ts";

interface SimulateOptions {
  readonly out: string;
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly bare?: boolean;
  readonly into?: string;
  readonly mines?: number;
  readonly confounders?: number;
}

export function simulateCommand(end: (code: ExitCode) => void): Command {
  return new Command("simulate")
    .summary("write the files of a simulated fleet")
    .description(
      "Writes a simulated fleet: meters.csv, readings.csv.gz, permits.csv, events.csv, weather.csv.gz, and labels.json with what is hidden in it. " +
        "The same seed gives the same bytes. With --into, mines and innocent changes are put into the readings of an existing fleet folder " +
        "(its null/ where it has one): order of arrival, lateness and quality stay as they were.",
    )
    .requiredOption("--out <folder>", "folder for the files; made where missing")
    .addOption(new Option("--scenario <name>", "what to simulate").choices(Object.keys(scenarios)).default("kazakhstan"))
    .option("--bare", "the scenario's meters and loads with no mine and no innocent change in them")
    .addOption(
      new Option("--into <folder>", "fleet folder to put events into, instead of a simulated fleet").conflicts(["scenario", "bare"]),
    )
    .option("--mines <count>", "with --into: how many mines; by default one for 5 meters", wholeNumber(0, 10_000))
    .option("--confounders <count>", "with --into: how many innocent changes; by default two for 5 meters", wholeNumber(0, 10_000))
    .option("--seed <number>", "seed of the random numbers", wholeNumber(0, 2 ** 31 - 1), 1)
    .addHelpText(
      "after",
      `
Examples:
  hashwatt simulate --out fleet
  hashwatt simulate --scenario kazakhstan --seed 7 --out fleet-7
  hashwatt simulate --into fleet --seed 3 --out fleet-with-mines`,
    )
    .action(async (options: SimulateOptions) => end(await simulate(options)));
}

async function simulate(options: SimulateOptions): Promise<ExitCode> {
  return options.into === undefined ? simulateScenario(options) : putInto(options.into, options);
}

async function simulateScenario({ out, scenario, seed, bare = false }: SimulateOptions): Promise<ExitCode> {
  makeFolder(out);
  const fleet = scenarios[scenario]({ seed, bare });
  const progress = createProgress("simulate");
  const rows = await writeFleet(out, fleet, (written, eventMs) => progress.update(written, eventMs));
  progress.done(rows);
  tell(out, fleet, rows);
  return exitCodes.ok;
}

async function putInto(into: string, options: SimulateOptions): Promise<ExitCode> {
  const { out } = options;
  if (resolve(out) === resolve(into)) throw new CliError(exitCodes.usage, `--out ${out} is the fleet itself; give another folder`);
  makeFolder(out);
  const progress = createProgress("simulate");
  let rejects = 0;
  const { plan, rows } = await simulateInto({ ...options, into, progress, onReject: () => void rejects++ });
  progress.done(rows);
  tell(out, plan, rows);
  if (rejects > 0) progress.warn(`${rejects} rows of ${into} could not be used and are left out`, { rejects });
  return rejects > 0 ? exitCodes.data : exitCodes.ok;
}

function tell(out: string, { meters, labels }: Pick<FleetRecords, "meters" | "labels">, rows: number): void {
  const { mines, confounders } = labels;
  console.log(
    `${out}: ${meters.length} meters, ${rows} readings, ${mines.length} mines, ${confounders.length} innocent changes (labels.json; no input of a detector)`,
  );
}
