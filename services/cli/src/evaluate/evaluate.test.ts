import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFleet } from "@hashwatt/evaluation";
import { beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { writeFleet } from "../files/write-fleet.ts";
import { makeTemporaryFolder, writeText } from "../testing/files.ts";
import { runHere } from "../testing/run-command-line.ts";

const folder = makeTemporaryFolder();
const north = join(folder, "north");
const options = { name: "north", seed: 3, areas: 1, substationsPerArea: 8, days: 130, confounders: {} } as const;

beforeAll(async () => {
  mkdirSync(join(north, "null"), { recursive: true });
  await writeFleet(north, createFleet({ ...options, mines: { flat: 1 } }), () => {});
  await writeFleet(join(north, "null"), createFleet({ ...options, mines: {} }), () => {});
});

describe("hashwatt evaluate", () => {
  it("judges a fleet folder and its null in worker processes, beside the baselines", async () => {
    const json = join(folder, "figures.json");
    const { code, stdout } = await runHere("evaluate", "--fleets", north, "--jobs", "2", "--json", json);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toMatch(/^Fleet .*\n-.*\nnorth +8 +1\/1 +\d+ \(\d/m);
    expect(stdout).toMatch(/^ +hashwatt +7 d > 28 d \+ 10 % +Page-Hinkley, peers +PELT, peers$/m);
    expect(stdout).toMatch(/^recall +1\.00 \(1\/1\)/m);
    expect(stdout).toMatch(
      /^Noise floor, .*\n-.*\nwith events +8\n {2}substation +8( +\d\.\d\d){3}\nnothing added +8\n {2}substation +8( +\d\.\d\d){3}\n\n/m,
    );
    const { summaries, noiseFloor, fleets } = JSON.parse(readFileSync(json, "utf8"));
    expect(summaries.map(({ name }: { name: string }) => name)).toHaveLength(4);
    expect(summaries[0].mixed).toMatchObject({ mines: 1, found: 1, recall: 1 });
    expect(summaries[0].bare).toMatchObject({ mines: 0, recall: null });
    for (const { substation, feeder } of [noiseFloor.mixed, noiseFloor.bare]) {
      expect(substation.robustPct).toBeGreaterThan(0.2);
      expect(substation.robustPct).toBeLessThan(3);
      expect(feeder).toEqual({ streams: 0, robustPct: null, halfOf95Pct: null, thirdOf99Pct: null });
    }
    expect(fleets.map(({ fleet, bare }: { fleet: string; bare: boolean }) => [fleet, bare])).toEqual([
      ["north", false],
      ["north", true],
    ]);
  });

  it("says which folder has no labels, and that there is nothing to judge", async () => {
    const bare = join(folder, "bare");
    mkdirSync(bare);
    writeText(bare, "meters.csv", "meter_id,level,area_id,time_zone,interval_minutes\na,substation,x,UTC,60\n");
    writeText(bare, "readings.csv", "meter_id,interval_start,kw\na,2022-01-01T00:00:00Z,1\n");
    const unlabelled = await runHere("evaluate", "--fleets", bare);
    expect(unlabelled.code).toBe(exitCodes.data);
    expect(unlabelled.stderr).toContain(`${join(bare, "labels.json")}: holds no labels`);
    const nothing = await runHere("evaluate", "--simulated", "0");
    expect(nothing.code).toBe(exitCodes.usage);
    expect(nothing.stderr).toContain("there is nothing to judge: give --fleets or --simulated");
  });
});
