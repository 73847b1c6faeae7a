import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { baselineNames, noiseFloor, type NoiseFloor, summariseRuns } from "@hashwatt/evaluation";
import { Command } from "commander";
import { detectorName, type EvaluateResult, type EvaluateTask } from "../evaluate/evaluate-task.ts";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { readCalibration } from "../files/read-calibration.ts";
import { type DetectorSummary, evaluationTable } from "../output/evaluation-table.ts";
import { noiseTable } from "../output/noise-table.ts";
import { createProgress } from "../output/progress.ts";
import { formatTable, left, right } from "../output/table.ts";
import { runTasks } from "../run/task-pool.ts";
import { wholeNumber } from "./options.ts";

interface EvaluateOptions {
  readonly fleets?: string[];
  readonly simulated?: number;
  readonly seed: number;
  readonly jobs: number;
  readonly json?: string;
  readonly baselines: boolean;
  readonly calibration?: string;
}

export function evaluateCommand(end: (code: ExitCode) => void): Command {
  return new Command("evaluate")
    .summary("measure detection on fleets with known mines")
    .description(
      "Judges simulated fleets and fleet folders with labels.json in worker processes and prints what was found of the known mines, " +
        "how late, what was raised falsely and why, beside simple rules on the same readings. A folder's null/ (nothing added) gives natural false alarms. " +
        "The noise floor is the step that a stream shows when nothing happens: what a changed expectation does to it shows there first.",
    )
    .option("--fleets <folders...>", "fleet folders with labels.json")
    .option("--simulated <count>", "simulated fleets; 4 where no folder is given, else none", wholeNumber(0, 1_000))
    .option("--seed <number>", "seed of the first simulated fleet; the others follow", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--jobs <count>", "worker processes", wholeNumber(1, 256), availableParallelism())
    .option("--json <file>", "write all figures, fleet by fleet, to a file")
    .option("--calibration <file>", "judge the folders with what hashwatt calibrate wrote for their meters")
    .option("--no-baselines", "leave the simple rules out")
    .addHelpText(
      "after",
      `
Examples:
  hashwatt evaluate
  hashwatt evaluate --fleets fleets/north fleets/south --simulated 8 --seed 100 --json figures.json`,
    )
    .action(async (options: EvaluateOptions) => end(await evaluate(options)));
}

async function evaluate(options: EvaluateOptions): Promise<ExitCode> {
  const tasks = tasksOf(options);
  if (tasks.length === 0) throw new CliError(exitCodes.usage, "there is nothing to judge: give --fleets or --simulated");
  const progress = createProgress("evaluate");
  const results = await runTasks<EvaluateTask, EvaluateResult>({
    worker: new URL("../evaluate/evaluate-worker.ts", import.meta.url),
    tasks,
    jobs: options.jobs,
    onDone: (result) =>
      result && progress.say(`${result.fleet}${result.bare ? " (nothing added)" : ""}: ${result.cpuSeconds.toFixed(1)} CPU-s`),
  });
  const names = options.baselines ? [detectorName, ...baselineNames] : [detectorName];
  const summaries = names.map((name) => summaryOf(name, results));
  for (const line of fleetTable(results)) console.log(line);
  console.log("");
  const floor = { mixed: noiseFloorOf(results, false), bare: noiseFloorOf(results, true) };
  for (const line of noiseTable(floor)) console.log(line);
  console.log("");
  for (const line of evaluationTable(summaries)) console.log(line);
  const cpuSeconds = results.reduce((sum, result) => sum + result.cpuSeconds, 0);
  console.log(
    `\n${summaries[0].mixed.meterYears.toFixed(0)} meter-years with events, ${summaries[0].bare.meterYears.toFixed(0)} without; ${cpuSeconds.toFixed(0)} CPU-s`,
  );
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ summaries, noiseFloor: floor, fleets: results.map(figuresOf) }, null, 2)}\n`);
  return exitCodes.ok;
}

function tasksOf({ fleets = [], simulated, seed, baselines, calibration }: EvaluateOptions): EvaluateTask[] {
  const settings = { withBaselines: baselines, calibration: calibration === undefined ? undefined : readCalibration(calibration) };
  const count = simulated ?? (fleets.length === 0 ? 4 : 0);
  const places = [...fleets.map((folder) => ({ folder })), ...Array.from({ length: count }, (_, order) => ({ seed: seed + order }))];
  return places.flatMap((place) => [
    { ...settings, ...place, bare: false },
    { ...settings, ...place, bare: true },
  ]);
}

function summaryOf(name: string, results: readonly EvaluateResult[]): DetectorSummary {
  const runsOf = (bare: boolean) => results.filter((result) => result.bare === bare).map(({ runs }) => runs[name]);
  return { name, mixed: summariseRuns(runsOf(false)), bare: summariseRuns(runsOf(true)) };
}

function noiseFloorOf(results: readonly EvaluateResult[], bare: boolean): NoiseFloor {
  return noiseFloor(results.flatMap((result) => (result.bare === bare ? result.noise : [])));
}

/** The product on each fleet: where the pooled figures come from. */
function fleetTable(results: readonly EvaluateResult[]): string[] {
  const rows = results
    .filter((result) => !result.bare)
    .map((result) => {
      const mixed = summariseRuns([result.runs[detectorName]]);
      const bare = results.find((other) => other.bare && other.fleet === result.fleet);
      const natural = bare && summariseRuns([bare.runs[detectorName]]);
      return [
        result.fleet,
        String(result.meters),
        `${mixed.found}/${mixed.mines}`,
        `${mixed.falseCandidates} (${mixed.falsePer100MeterYears?.toFixed(1) ?? "-"})`,
        natural ? `${natural.falseCandidates} (${natural.falsePer100MeterYears?.toFixed(1) ?? "-"})` : "-",
        mixed.delayDays.median?.toFixed(1) ?? "-",
      ];
    });
  return formatTable(
    [left("Fleet"), right("Meters"), right("Found"), right("False (per 100 my)"), right("Null false (per 100 my)"), right("Delay d")],
    rows,
  );
}

function figuresOf({ fleet, bare, meters, runs, cpuSeconds }: EvaluateResult) {
  const detectors = Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, summariseRuns([run])]));
  return { fleet, bare, meters, cpuSeconds, detectors };
}
