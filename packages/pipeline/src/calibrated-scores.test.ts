import { CalibrationSchema, levels, streamKinds as contractKinds } from "@hashwatt/contracts";
import { streamKinds } from "@hashwatt/detection";
import { describe, expect, it } from "vitest";
import { checkCalibration, digestOfMeters, scoreCalibrationOf } from "./calibrated-scores.ts";
import { createMeterRegistry } from "./meter-registry.ts";
import { detectorVersionOf } from "./pipeline-settings.ts";
import { testCalibration } from "./testing/calibration.ts";
import { testMeter } from "./testing/rows.ts";

const meters = Array.from({ length: 6 }, (_, row) => testMeter(`m${row}`));
const strangers = Array.from({ length: 6 }, (_, row) => testMeter(`x${row}`));
const calibration = testCalibration(meters, "area", { intercept: -1, slope: 0.5, minScore: 0.7 });
const version = detectorVersionOf({});

const refuse = (registry: Parameters<typeof checkCalibration>[1], by = version, used = calibration) => {
  try {
    checkCalibration(used, registry, by);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a calibration", () => {
  it("is what the contract says", () => {
    expect(CalibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    expect(CalibrationSchema.safeParse({ ...calibration, format: "hashwatt-calibration/2" }).success).toBe(false);
    expect(CalibrationSchema.safeParse({ ...calibration, note: "" }).success).toBe(false);
  });

  it("names every kind of stream that detection judges, in detection's order", () => {
    expect(contractKinds).toEqual(streamKinds);
    const scores = { ...calibration.scores };
    for (const [row, kind] of streamKinds.entries()) {
      scores[kind] = { step: { ...scores[kind].step, intercept: row }, buildup: { ...scores[kind].buildup, intercept: -row } };
    }
    const { step, buildup } = scoreCalibrationOf({ ...calibration, scores });
    expect(step.map(({ intercept }) => intercept)).toEqual([0, 1, 2, 3, 4]);
    expect(buildup[2]).toEqual({ intercept: -2, slope: 0.5, minScore: 0.7 });
  });

  it("is used on the meters it was made for, though some have come and gone", () => {
    expect(refuse(createMeterRegistry(meters, "area"))).toBe("");
    expect(refuse(createMeterRegistry([...meters.slice(1), ...strangers.slice(0, 5)], "area"))).toBe("");
  });

  it("is refused for other meters, another level, another peer group and another detector, each in a sentence", () => {
    expect(refuse(createMeterRegistry([...meters.slice(3), ...strangers.slice(0, 4)], "area"))).toContain("it knows 3 of the 7 meters");
    const moved = meters.map((meter) => ({ ...meter, level: levels.find((level) => level !== meter.level)! }));
    expect(refuse(createMeterRegistry(moved, "area"))).toContain("it knows 0 of the 6 meters");
    expect(refuse(createMeterRegistry(meters, "fleet"))).toContain("judged by area, and here they are judged by fleet");
    expect(refuse(createMeterRegistry(meters, "area"), detectorVersionOf({ lateDays: 20 }))).toContain(`made with the detector ${version}`);
  });

  it("makes another detector version, each calibration its own", () => {
    const other = testCalibration(meters, "area", { intercept: -1, slope: 0.5, minScore: 0.71 });
    const versions = [{}, { calibration }, { calibration: other }].map(detectorVersionOf);
    expect(new Set(versions).size).toBe(3);
  });

  it("names its meters by a digest that their order does not change, and any of them does", () => {
    const digest = digestOfMeters({ meters });
    expect(digestOfMeters({ meters: meters.toReversed() })).toBe(digest);
    expect(digestOfMeters({ meters: meters.slice(1) })).not.toBe(digest);
    expect(digestOfMeters({ meters: meters.map((meter, row) => (row === 2 ? { ...meter, parentId: "m1" } : meter)) })).not.toBe(digest);
  });
});
