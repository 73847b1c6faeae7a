import { detectorMajorVersion, HOUR_MS, levels, type Meter } from "@hashwatt/contracts";
import { type DetectionParameters, defaultParameters } from "@hashwatt/detection";
import { scoreCalibrationOf } from "./calibrated-scores.ts";
import { hash64 } from "./hash64.ts";
import type { GroupSettings } from "./peer-group.ts";
import type { PipelineOptions } from "./pipeline.ts";

/** What decides how readings are judged. */
export type JudgingOptions = Pick<PipelineOptions, "graceMs" | "lateDays" | "parameters" | "calibration">;

const defaultGraceMs = 12 * HOUR_MS;
const defaultLateDays = 14;

/** Of all settings that decide results: state saved under other ones cannot go on under these. */
export function digestOfSettings(options: JudgingOptions): string {
  return hash64(JSON.stringify([detectorMajorVersion, settingsOf(options), parametersOf(options)]));
}

/** Names what judges: the detector and all settings that decide results. */
export function detectorVersionOf(options: JudgingOptions): string {
  return `${detectorMajorVersion}+${digestOfSettings(options).slice(0, 8)}`;
}

/** Smallest score that is raised where nothing is calibrated. */
export const defaultMinScore: DetectionParameters["minScore"] = defaultParameters.minScore;

/** Below this size, kW, nothing is raised on a meter of a level and a mean load, however plain. */
export function leastStepKw(level: Meter["level"], meanKw: number): number {
  const { minStepKw, minStepRatio } = defaultParameters;
  return Math.max(minStepKw[levels.indexOf(level)], minStepRatio * meanKw);
}

/** Detection's parameters: its fits must end before the days that late readings may still change, and the pages must reach as far. */
export function parametersOf({ parameters, calibration, lateDays = defaultLateDays }: JudgingOptions): DetectionParameters {
  const calibrated = calibration && { calibration: scoreCalibrationOf(calibration) };
  const chosen = { ...defaultParameters, ...parameters, ...calibrated };
  const longer = Math.max(0, lateDays - chosen.fitLagDays);
  return { ...chosen, fitLagDays: chosen.fitLagDays + longer, historyDays: chosen.historyDays + 2 * longer };
}

/** Checked settings. Throws RangeError naming the option, its value and its limits. */
export function settingsOf(options: JudgingOptions): GroupSettings {
  const { graceMs = defaultGraceMs, lateDays = defaultLateDays } = options;
  const { historyDays, followDays } = parametersOf(options);
  if (!(Number.isInteger(lateDays) && lateDays >= 1 && lateDays + 3 <= historyDays)) {
    throw new RangeError(`lateDays is ${lateDays}; it must be a whole number of days from 1 to historyDays - 3 = ${historyDays - 3}.`);
  }
  if (!(graceMs >= 0 && graceMs <= (lateDays - 1) * 24 * HOUR_MS + 12 * HOUR_MS)) {
    throw new RangeError(`graceMs is ${graceMs}; it must be 0 or more and end 12 h before the late limit of ${lateDays} days.`);
  }
  return { graceHours: Math.ceil(graceMs / HOUR_MS), lateDays, historyDays, followDays };
}
