import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Calibration, CalibrationSchema, streamKinds } from "@hashwatt/contracts";
import { detectorVersionOf } from "@hashwatt/pipeline";
import { afterEach, beforeAll, expect, it } from "vitest";
import { createDetectorFixture, type DetectorFixture, essenceOf } from "./detector/fixture.ts";
import { replayed } from "./detector/replayed.ts";
import { fleetFiles, fleetMessages } from "./detector/substations.ts";
import { describeWithServers } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-calibration-"));

/** Scores that are a little lower than the model's, with a threshold as much below the default one. */
function writeCalibration(name: string, meterIds: readonly string[]): string {
  const correction = { intercept: -0.1, slope: 0.9, minScore: 0.57, mines: 40, innocent: 60 };
  const scores = Object.fromEntries(streamKinds.map((kind) => [kind, { step: correction, buildup: correction }])) as Calibration["scores"];
  const meters = meterIds.map((meterId) => ({ meterId, level: "substation" as const, meanKw: 300, noiseKw: 3, smallestKw: 60 }));
  const calibration: Calibration = {
    format: "hashwatt-calibration/1",
    detectorVersion: detectorVersionOf({}),
    peerGrouping: "area",
    history: { from: "2016-01-01T00:00:00Z", to: "2017-01-01T00:00:00Z", meterYears: meters.length, metersDigest: "0123456789abcdef" },
    settings: { falseBudget: 4, changesPer100MeterYears: 30, seed: 1, seeds: 8 },
    scores,
    findable: { chance: 0.8, withinDays: 21, check: { mines: 10, found: 8 }, meters },
  };
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(CalibrationSchema.parse(calibration)));
  return path;
}

const [, ...rows] = readFileSync(fleetFiles.METERS_FILE, "utf8").trim().split("\n");
const meterIds = rows.map((row) => row.split(",")[0]);

describeWithServers("the detector with a calibration", () => {
  let fixture: DetectorFixture;
  beforeAll(async () => {
    fixture = await createDetectorFixture("calibrated-test");
  });
  afterEach(() => fixture.killAll());

  it("ends with a sentence and exit code 2 where it is another grid's", { timeout: 60_000 }, async () => {
    const detector = fixture.start({ CALIBRATION_FILE: writeCalibration("other.json", ["stranger"]) });
    await detector.line(({ level }) => level === "fatal");
    expect(detector.lines.find(({ level }) => level === "fatal")?.msg).toMatch(/made for another grid: it knows 0 of the \d+ meters/);
    expect(await detector.end("SIGTERM")).toBe(2);
  });

  it("finds what replay finds with it, which is not what it finds without", { timeout: 120_000 }, async () => {
    const file = writeCalibration("own.json", meterIds);
    const [calibrated, plain] = await Promise.all([replayed(["--calibration", file]), replayed()]);
    const detector = fixture.start({ CALIBRATION_FILE: file });
    await fixture.send(fleetMessages());
    await fixture.caughtUp([detector]);
    const found = await fixture.admitted();
    expect(essenceOf(found)).toEqual(essenceOf(calibrated));
    expect(essenceOf(found)).not.toEqual(essenceOf(plain));
    expect(new Set(found.map(({ detectorVersion }) => detectorVersion)).size).toBe(1);
    expect(found[0].detectorVersion).not.toBe(plain[0].detectorVersion);
    expect(await detector.end("SIGTERM")).toBe(0);
  });
});
