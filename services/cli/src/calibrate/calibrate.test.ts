import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Calibration, CalibrationSchema } from "@hashwatt/contracts";
import { createFleet } from "@hashwatt/evaluation";
import { beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { writeFleet } from "../files/write-fleet.ts";
import { makeTemporaryFolder, writeText } from "../testing/files.ts";
import { runHere } from "../testing/run-command-line.ts";

const folder = makeTemporaryFolder();
const grid = { seed: 3, areas: 1, substationsPerArea: 45, days: 220, mines: {}, confounders: {} } as const;
/** Down to customers at a quarter of an hour: one substation, one feeder, one transformer, six customers. */
const customers = {
  substationsPerArea: 1,
  feedersPerSubstation: 1,
  transformersPerFeeder: 1,
  customersPerTransformer: 6,
  days: 95,
  intervalMinutes: 15,
} as const;
const brisk = ["--seeds", "1"];
const files = (fleet: string) => ["--meters", join(folder, fleet, "meters.csv"), "--readings", join(folder, fleet, "readings.csv.gz")];

const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

beforeAll(async () => {
  for (const [name, more] of Object.entries({
    own: {},
    other: { areas: 3, days: 60 },
    brief: { days: 60 },
    small: customers,
  })) {
    mkdirSync(join(folder, name));
    await writeFleet(join(folder, name), createFleet({ ...grid, name, ...more }), () => {});
  }
}, 120_000);

describe("hashwatt calibrate", () => {
  let told = "";
  let calibration: Calibration;
  beforeAll(async () => {
    const { code, stdout, stderr } = await runHere("calibrate", ...files("own"), ...brisk, "--jobs", "2", "--out", join(folder, "a.json"));
    expect(code, stderr).toBe(exitCodes.ok);
    told = stdout;
    calibration = CalibrationSchema.parse(JSON.parse(read("a.json")));
  }, 300_000);

  it("says what the history is, what the scores are worth, what comes of it and what can be found", () => {
    expect(told).toMatch(/^History: 2023-01-01 to 2023-08-09, \d+ meter-years judged, 1 copy from seed 1\.$/m);
    expect(told).toMatch(/^substation +step +\d+ +-?\d\.\d\d +\d\.\d\d +\d\.\d\d +\d+ +\d+$/m);
    expect(told).toMatch(/^ +calibrated +default$/m);
    expect(told).toMatch(/^recall +\d\.\d\d \(\d+\/\d+\) /m);
    expect(told).toMatch(
      /^Smallest load that is found within 21 days with a chance of 80 %: .* with \d+ loads of just that size: \d+ found/m,
    );
    expect(told).toContain("The history is no full year");
  });

  it("writes the same file for the same history, whatever its path and however many processes judge", async () => {
    writeText(folder, "copy.csv", read("small", "meters.csv"));
    const readings = join(folder, "small", "readings.csv.gz");
    for (const [jobs, meters] of [
      ["1", join(folder, "copy.csv")],
      ["2", join(folder, "small", "meters.csv")],
    ]) {
      const paths = ["--meters", meters, "--readings", readings, "--out", join(folder, "small", `jobs-${jobs}.json`)];
      const { code, stdout, stderr } = await runHere("calibrate", ...paths, ...brisk, "--jobs", jobs);
      expect(code, stderr).toBe(exitCodes.ok);
      expect(stdout).toMatch(/^customer +step +\d/m);
      expect(stdout).toContain("The history is too short to show 4 false candidates in 100 meter-years: 13 meter-years are needed.");
    }
    expect(read("small", "jobs-1.json")).toBe(read("small", "jobs-2.json"));
  }, 300_000);

  it("tells the smallest load of every meter beside it", () => {
    const [header, ...lines] = read("meters-findable.csv").trim().split("\n");
    expect(header).toBe("meter_id,level,mean_kw,noise_kw,smallest_kw,smallest_share");
    expect(lines).toHaveLength(calibration.findable.meters.length);
    expect(lines.length).toBe(45);
    const { meterId, smallestKw } = calibration.findable.meters[0];
    expect(lines[0].split(",")[0]).toBe(meterId);
    expect(lines[0].split(",")[4]).toBe(String(smallestKw ?? ""));
  });

  it("is taken by replay, which then tells the smallest loads and another detector version", async () => {
    for (const [out, more] of Object.entries({ plain: [], calibrated: ["--calibration", join(folder, "a.json")] })) {
      const { code, stderr } = await runHere("replay", ...files("own"), "--out", join(folder, out), ...more);
      expect(code, stderr).toBe(exitCodes.ok);
    }
    expect(JSON.parse(read("plain", "summary.json")).findable).toBeUndefined();
    const { findable } = JSON.parse(read("calibrated", "summary.json"));
    expect(findable).toMatchObject({ chance: 0.8, withinDays: 21, check: calibration.findable.check });
    const known = calibration.findable.meters.map(({ meterId, smallestKw }) => [meterId, smallestKw]);
    expect(findable.smallestKw).toEqual(Object.fromEntries(known));
  }, 120_000);

  it("is refused for another grid, for meters judged otherwise, and where it is no calibration", async () => {
    const out = ["--out", join(folder, "never")];
    const other = await runHere("replay", ...files("other"), ...out, "--calibration", join(folder, "a.json"));
    expect(other.code).toBe(exitCodes.usage);
    expect(other.stderr).toContain("the calibration cannot be used: it was made for another grid: it knows 45 of the 135 meters");
    const byArea = await runHere("replay", ...files("own"), ...out, "--peer-group", "area", "--calibration", join(folder, "a.json"));
    expect(byArea.code).toBe(exitCodes.usage);
    expect(byArea.stderr).toContain("made with meters judged by fleet, and here they are judged by area");
    const later = await runHere("replay", ...files("own"), ...out, "--late-days", "20", "--calibration", join(folder, "a.json"));
    expect(later.code).toBe(exitCodes.usage);
    expect(later.stderr).toMatch(/made with the detector 1\+[0-9a-f]{8}, and this is 1\+[0-9a-f]{8}/);
    writeText(folder, "broken.json", JSON.stringify({ ...calibration, scores: { ...calibration.scores, substation: {} } }));
    const broken = await runHere("replay", ...files("own"), ...out, "--calibration", join(folder, "broken.json"));
    expect(broken.code).toBe(exitCodes.data);
    expect(broken.stderr).toContain("broken.json: is no calibration that this version can use (scores.substation.step");
  }, 120_000);

  it("says how much history it needs where there is too little", async () => {
    const { code, stderr } = await runHere("calibrate", ...files("brief"), "--out", join(folder, "never.json"));
    expect(code).toBe(exitCodes.data);
    expect(stderr).toContain("the history is too short: 60 days, 2023-01-01 to 2023-03-01; calibrate needs 90");
  }, 120_000);
});
