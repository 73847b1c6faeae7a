import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { Calibration } from "@hashwatt/contracts";
import { Command, InvalidArgumentError } from "commander";
import { calibrateHistory } from "../calibrate/calibrate-history.ts";
import type { CalibrateResult, CalibrateTask } from "../calibrate/calibrate-task.ts";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { calibrationReport } from "../output/calibration-report.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { withFleetFiles } from "../run/run-files.ts";
import { defaultPeerGrouping, openRegistry } from "../run/run-readings.ts";
import { runTasks } from "../run/task-pool.ts";
import {
  addFleetFileOptions,
  addJudgingOptions,
  type FleetFileOptions,
  type JudgingOptions,
  judgingSettings,
  wholeNumber,
} from "./options.ts";

interface CalibrateOptions extends FleetFileOptions, JudgingOptions {
  readonly readings: string[];
  readonly out: string;
  readonly falseBudget: number;
  readonly changes: number;
  readonly seed: number;
  readonly seeds: number;
  readonly jobs: number;
}

export function calibrateCommand(end: (code: ExitCode) => void): Command {
  const command = new Command("calibrate")
    .summary("know your own grid: thresholds for your budget of false alarms, and the smallest load that would be found")
    .description(
      "Puts simulated mines and innocent changes into copies of a grid's own history and judges them: what scores are worth there, the thresholds " +
        "that keep the budget of false candidates, and for each meter the smallest load that would be found. Writes a file that replay, start, explain, " +
        "evaluate and the detector take, and meters-findable.csv beside it. The same history and seeds give the same bytes.",
    )
    .requiredOption("--out <file>", "calibration.json")
    .option("--false-budget <count>", "false candidates to put up with in 100 meter-years", decimal(0.1, 1_000), 4)
    .option(
      "--changes <count>",
      "innocent changes (transfers, new equipment, meter faults ...) to expect in 100 meter-years beside those in the history; they count in the budget",
      decimal(0, 1_000),
      30,
    )
    .option("--seeds <count>", "copies to learn from; a quarter as many more show what comes of it", wholeNumber(1, 1_000), 8)
    .option("--seed <number>", "seed of the first copy; the others follow", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--jobs <count>", "worker processes", wholeNumber(1, 256), availableParallelism())
    .addHelpText(
      "after",
      `
Examples:
  hashwatt calibrate --meters m.csv --readings 'history/*.csv.gz' --events e.csv --weather w.csv.gz --out calibration.json
  hashwatt replay --meters m.csv --readings new.csv.gz --calibration calibration.json --out out
  CALIBRATION_FILE=calibration.json npm run detector      # calibrate with --peer-group area for it, or as PEER_GROUP says`,
    )
    .action(async (options: CalibrateOptions) => end(await calibrate(options)));
  return addJudgingOptions(addFleetFileOptions(command, true), false);
}

async function calibrate(options: CalibrateOptions): Promise<ExitCode> {
  const { meters, readings, permits, events, weather, out, falseBudget, changes, seed, seeds } = options;
  const progress = createProgress("calibrate");
  const paths = { meters, readings, permits, events, weather };
  let rejects = 0;
  const tables = await withFleetFiles(
    paths,
    "fleet",
    () => void rejects++,
    async (open) => {
      for await (const _ of open.source.batches()); // counts the rows that no copy can use
      return open.tables;
    },
  );
  const judging = judgingSettings(options);
  const grouping = judging.grouping ?? defaultPeerGrouping(tables.meters.length);
  const calibrated = await calibrateHistory({
    registry: openRegistry(tables, grouping, meters.join(" ")),
    paths,
    judging: { ...judging, grouping },
    falseBudget,
    changesPer100MeterYears: changes,
    seed,
    seeds,
    run: (tasks) => judgeCopies(tasks, options.jobs, progress),
  });
  for (const line of calibrationReport(calibrated)) console.log(line);
  const table = join(dirname(out), "meters-findable.csv");
  write(out, `${JSON.stringify(calibrated.calibration, null, 2)}\n`);
  write(table, findableCsv(calibrated.calibration));
  console.log(`\nWritten: ${out}, ${table}`);
  if (rejects > 0) progress.warn(`${rejects} rows could not be used; hashwatt replay lists them`, { rejects });
  return rejects > 0 ? exitCodes.data : exitCodes.ok;
}

function judgeCopies(tasks: readonly CalibrateTask[], jobs: number, progress: Progress): Promise<CalibrateResult[]> {
  let done = 0;
  return runTasks<CalibrateTask, CalibrateResult>({
    worker: new URL("../calibrate/calibrate-worker.ts", import.meta.url),
    tasks,
    jobs,
    onDone: () => progress.say(`calibrate: ${++done} of ${tasks.length} copies judged`, { done, of: tasks.length }),
  });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

/** One line a meter; an empty smallest_kw = no load that was tried would be found. */
function findableCsv({ findable }: Calibration): string {
  const lines = findable.meters.map(({ meterId, level, meanKw, noiseKw, smallestKw }) => {
    const id = /[",\r\n]/.test(meterId) ? `"${meterId.replaceAll('"', '""')}"` : meterId;
    const share = smallestKw === null || !meanKw ? "" : Number((smallestKw / meanKw).toPrecision(4));
    return [id, level, meanKw, noiseKw, smallestKw, share].join(",");
  });
  return `${["meter_id,level,mean_kw,noise_kw,smallest_kw,smallest_share", ...lines].join("\n")}\n`;
}

/** A number from `min` to `max`. */
function decimal(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    return value;
  };
}
