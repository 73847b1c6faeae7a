import { HOUR_MS, type PeerGrouping, PeerGroupingSchema } from "@hashwatt/contracts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readCalibration } from "../files/read-calibration.ts";
import { fleetGroupLimit } from "../run/run-readings.ts";

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** What --meters, --permits, ... give. */
export interface FleetFileOptions {
  readonly meters: string[];
  readonly permits?: string[];
  readonly events?: string[];
  readonly weather?: string[];
}

const fileHelp = "plain, .gz, .zst or .parquet; several files or a glob in quotes";

/** Options that name the small files of a fleet, and its readings. `required`: --meters and --readings must be given. */
export function addFleetFileOptions(command: Command, required: boolean): Command {
  return command
    .addOption(new Option("--meters <files...>", `meter registry: ${fileHelp}`).makeOptionMandatory(required))
    .addOption(new Option("--readings <files...>", `readings in order of arrival: ${fileHelp}`).makeOptionMandatory(required))
    .option("--permits <files...>", "authorised loads")
    .option("--events <files...>", "switching, outages, curtailments, holidays")
    .option("--weather <files...>", "mean air temperature of the areas");
}

export interface JudgingOptions {
  readonly peerGroup?: PeerGrouping;
  readonly graceHours: number;
  readonly lateDays: number;
  readonly calibration?: string;
}

/** `calibrated`: the command can judge with a calibration. */
export function addJudgingOptions(command: Command, calibrated = true): Command {
  if (calibrated) command.option("--calibration <file>", "what hashwatt calibrate wrote for these meters");
  return command
    .addOption(
      new Option(
        "--peer-group <group>",
        `meters judged together (larger groups judge better); by default fleet below ${fleetGroupLimit} meters, else region`,
      ).choices(PeerGroupingSchema.options),
    )
    .option("--grace-hours <hours>", "how long after its end a day waits for late readings", wholeNumber(0, 240), 12)
    .option("--late-days <days>", "how far back a late or revised reading still counts", wholeNumber(1, 60), 14);
}

/** The options in the units of a run. */
export function judgingSettings({ peerGroup, graceHours, lateDays, calibration }: JudgingOptions) {
  const read = calibration === undefined ? {} : { calibration: readCalibration(calibration) };
  return { grouping: peerGroup, graceMs: graceHours * HOUR_MS, lateDays, ...read };
}
