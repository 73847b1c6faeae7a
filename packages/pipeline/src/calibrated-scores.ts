import type { Calibration } from "@hashwatt/contracts";
import { type ScoreCalibration, streamKinds } from "@hashwatt/detection";
import { hash64 } from "./hash64.ts";
import { byCodeUnits, type MeterRegistry } from "./meter-registry.ts";

/** A calibration that must not be used here. The message says what differs and what to do. */
export class CalibrationError extends Error {
  override readonly name = "CalibrationError";
}

/** The corrections in detection's order. */
export function scoreCalibrationOf({ scores }: Calibration): ScoreCalibration {
  const of = (kind: keyof ScoreCalibration) =>
    streamKinds.map((stream) => {
      const { intercept, slope, minScore } = scores[stream][kind];
      return { intercept, slope, minScore };
    });
  return { step: of("step"), buildup: of("buildup") };
}

/** Of ids, levels and parents, in whatever order the registry has them. */
export function digestOfMeters({ meters }: Pick<MeterRegistry, "meters">): string {
  const lines = meters.map(({ meterId, level, parentId }) => JSON.stringify([meterId, level, parentId]));
  return hash64(lines.toSorted(byCodeUnits).join("\n"));
}

/**
 * Throws CalibrationError where the calibration is another grid's, or another detector's: its scores mean nothing here. A registry changes by
 * the week, so it is the same grid as long as half of its meters were there when it was calibrated; others are judged as those of their level.
 */
export function checkCalibration(calibration: Calibration, registry: MeterRegistry, detectorVersion: string): void {
  const { findable, peerGrouping } = calibration;
  const levelOf = new Map(findable.meters.map(({ meterId, level }) => [meterId, level]));
  const known = registry.meters.filter(({ meterId, level }) => levelOf.get(meterId) === level).length;
  const count = registry.meters.length;
  if (2 * known < count) {
    throw new CalibrationError(`it was made for another grid: it knows ${known} of the ${count} meters; calibrate this grid`);
  }
  if (peerGrouping !== registry.grouping) {
    throw new CalibrationError(
      `it was made with meters judged by ${peerGrouping}, and here they are judged by ${registry.grouping}; use the same peer group or calibrate anew`,
    );
  }
  if (calibration.detectorVersion !== detectorVersion) {
    throw new CalibrationError(
      `it was made with the detector ${calibration.detectorVersion}, and this is ${detectorVersion} (version, grace and late days); calibrate anew`,
    );
  }
}
