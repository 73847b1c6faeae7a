import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CandidateSchema } from "@hashwatt/contracts";
import { createFleet } from "@hashwatt/evaluation";
import { beforeAll, describe, expect, it } from "vitest";
import { writeFleet } from "./files/write-fleet.ts";
import { makeTemporaryFolder, writeText } from "./testing/files.ts";
import { mainPath, runHashwatt } from "./testing/run-hashwatt.ts";

const folder = makeTemporaryFolder();
const hashwatt = (...args: readonly string[]) => runHashwatt(folder, ...args);

const readLines = (path: string) =>
  readFileSync(join(folder, path), "utf8")
    .split("\n")
    .filter((line) => line !== "");

describe("hashwatt", () => {
  it("explains itself and its exit codes", async () => {
    const [program, replay] = await Promise.all([hashwatt("--help"), hashwatt("replay", "--help")]);
    expect(program.code).toBe(0);
    expect(program.stdout).toMatch(/start.*replay.*simulate.*send.*queue.*Exit codes:.*3 {2}rows were rejected/s);
    expect(replay.stdout).toMatch(/--peer-group.*Examples:.*Exit codes:/s);
  });

  it("ends with 2 and a sentence on a wrong command line", async () => {
    const ends = await Promise.all([
      hashwatt("replya"),
      hashwatt("replay", "--meters", "m.csv"),
      hashwatt("replay", "--meters", "m", "--readings", "r", "--out", "o", "--grace-hours", "many"),
      hashwatt("start", "--meters", "m.csv"),
      hashwatt("queue", "list"),
      hashwatt("send", "--meters", "m", "--readings", "r"),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(ends.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
      expect.stringContaining("unknown command 'replya'"),
      expect.stringContaining("'--out <folder>' not specified"),
      expect.stringContaining("It must be a whole number from 0 to 240."),
      "hashwatt: --readings is missing: --meters and --readings go together",
      "hashwatt: where is the queue? Give --redis URL (or REDIS_URL) or --journal FILE.",
      "hashwatt: Configuration: 1 problem",
    ]);
    expect(ends[5].stderr).toContain("KAFKA_BROKERS: is not set");
  });

  it("ends with 3 and one sentence on a broken file, without a stack", async () => {
    const meters = writeText(folder, "m.csv", "meter_id,level,area_id,time_zone,interval_minutes\na,substation,x,UTC,60\n");
    const readings = writeText(folder, "r.csv", "meter_id,interval_start\na,2022-01-01T00:00:00Z\n");
    const ends = await Promise.all([
      hashwatt("replay", "--meters", "none.csv", "--readings", readings, "--out", "o1"),
      hashwatt("replay", "--meters", meters, "--readings", readings, "--out", "o2"),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([3, 3]);
    expect(ends[0].stderr).toBe("hashwatt: none.csv: there is no such file\n");
    expect(ends[1].stderr).toBe(`hashwatt: ${readings}:1: column kw missing; the header is "meter_id,interval_start"\n`);
  });

  it("ends with 4 where Kafka or Redis is not there", async () => {
    const meters = writeText(folder, "m4.csv", "meter_id,level,area_id,time_zone,interval_minutes\na,substation,x,UTC,60\n");
    const readings = writeText(folder, "r4.csv", "meter_id,interval_start,kw\na,2022-01-01T00:00:00Z,1\n");
    const ends = await Promise.all([
      hashwatt("queue", "list", "--redis", "redis://127.0.0.1:1"),
      hashwatt("send", "--brokers", "127.0.0.1:1", "--meters", meters, "--readings", readings),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([4, 4]);
    expect(ends[1].stderr).toMatch(/^hashwatt: Kafka: .*\n$/);
  });
});

describe("hashwatt replay and start", () => {
  const fleet = createFleet({
    name: "small",
    seed: 3,
    areas: 1,
    substationsPerArea: 8,
    days: 130,
    warmupDays: 60,
    mines: { flat: 1 },
    confounders: {},
  });
  const files = ["--meters", "fleet/meters.csv", "--readings", "fleet/readings.csv.gz", "--permits", "fleet/permits.csv"];

  beforeAll(async () => {
    mkdirSync(join(folder, "fleet"));
    await writeFleet(join(folder, "fleet"), fleet, () => {});
  });

  it("writes alarms, rejects and a summary", async () => {
    const first = await hashwatt("replay", ...files, "--out", "out/a");
    expect(first.code).toBe(0);
    expect(readdirSync(join(folder, "out/a")).toSorted()).toEqual(["candidates.jsonl", "rejects.jsonl", "summary.json"]);
    const candidates = readLines("out/a/candidates.jsonl").map((line) => JSON.parse(line));
    expect(candidates.map(({ meterId }) => meterId)).toContain(fleet.labels.mines[0].meterIds[0]);
    for (const { kind, caseId, permit, ...candidate } of candidates) {
      expect([kind, typeof caseId, permit.verdict]).toEqual([candidate.lane, "string", "none"]);
      CandidateSchema.parse(candidate);
    }
    expect(first.stdout).toMatch(/^Site .*MW.*Readings: \d.* rows = .* 0 rejected/s);
    const summary = JSON.parse(readFileSync(join(folder, "out/a/summary.json"), "utf8"));
    const { records, binned, duplicate, late, parked } = summary.readings;
    expect(records).toBe(binned + duplicate + late + parked);
    expect(summary).toMatchObject({ meters: 8, groups: 1, rejectedRows: 0, alarms: candidates.length });
  });

  it("puts mines into the files of a fleet, to the same bytes for the same seed", async () => {
    const [first, again] = await Promise.all(
      ["out/into-a", "out/into-b"].map((out) => hashwatt("simulate", "--into", "fleet", "--seed", "4", "--out", out)),
    );
    expect([first.code, again.code]).toEqual([0, 0]);
    const names = ["events.csv", "labels.json", "meters.csv", "permits.csv", "readings.csv.gz", "weather.csv.gz"];
    expect(readdirSync(join(folder, "out/into-a")).toSorted()).toEqual(names);
    for (const name of names) {
      const [a, b] = ["out/into-a", "out/into-b"].map((out) => readFileSync(join(folder, out, name)));
      expect(a.equals(b), name).toBe(true);
    }
    const labels = JSON.parse(readFileSync(join(folder, "out/into-a/labels.json"), "utf8"));
    expect(labels).toMatchObject({ fleet: "fleet-seed-4", warmupDays: 60, unscored: [] });
    expect(labels.mines.length).toBeGreaterThan(0);
    expect(await hashwatt("simulate", "--into", "fleet", "--out", "fleet")).toMatchObject({ code: 2 });
  });

  it("writes a scenario's loads alone where it is asked to", async () => {
    expect(await hashwatt("simulate", "--scenario", "feeders", "--bare", "--out", "out/bare")).toMatchObject({ code: 0 });
    const labels = JSON.parse(readFileSync(join(folder, "out/bare/labels.json"), "utf8"));
    const { kind } = labels.confounders[0]; // weather is no event
    expect([labels.mines, kind, readLines("out/bare/permits.csv").length]).toEqual([[], "cold_snap", 1]);
    expect(await hashwatt("simulate", "--bare", "--out", "out/never")).toMatchObject({ code: 2 });
  });

  it("goes on after bad rows and ends with 3", async () => {
    writeText(folder, "bad.csv", "meter_id,interval_start,kw\nnobody,2022-01-01T00:00:00Z,1\nshort\n");
    const { code, stdout } = await hashwatt("replay", "--meters", "fleet/meters.csv", "--readings", "bad.csv", "--out", "out/c");
    expect(code).toBe(3);
    expect(stdout).toContain("2 rows = 0 binned + 0 duplicate + 0 too late + 2 rejected (1 unknown_meter, 1 invalid_row)");
    expect(readLines("out/c/rejects.jsonl").map((line) => JSON.parse(line))).toEqual([
      {
        file: "bad.csv",
        line: 2,
        column: "meter_id",
        reason: "unknown_meter",
        detail: 'meter_id "nobody" is not in the registry of meters',
        text: "nobody,2022-01-01T00:00:00Z,1",
      },
      {
        file: "bad.csv",
        line: 3,
        column: null,
        reason: "invalid_row",
        detail: "the row has fewer cells than the header (1 instead of 3)",
        text: "short",
      },
    ]);
  });

  it("keeps the queue in a journal that queue list and show read", async () => {
    const started = await hashwatt("start", "--once", ...files, "--out", "out/d");
    expect(started.code).toBe(0);
    expect(readLines("out/d/candidates.jsonl")).toEqual(readLines("out/a/candidates.jsonl"));
    const listed = await hashwatt("queue", "list", "--journal", "out/d/queue.jsonl", "--json");
    const { caseId } = JSON.parse(listed.stdout.split("\n")[0]);
    const shown = await hashwatt("queue", "show", caseId, "--journal", "out/d/queue.jsonl");
    expect(shown.stdout).toMatch(new RegExp(`^Case ${caseId}: OPEN.*Test .*Verdict`, "s"));
    expect(await hashwatt("queue", "show", "nothing-1", "--journal", "out/d/queue.jsonl")).toMatchObject({
      code: 3,
      stderr: "hashwatt: nothing-1: there is no such case\n",
    });
  });

  it("keeps running without --once, says how to go on, and ends on a signal", async () => {
    writeText(folder, "few.csv", `meter_id,interval_start,kw\n${fleet.meters[0].meterId},2023-01-01T00:00:00Z,1\n`);
    const child = execFile(
      process.execPath,
      [mainPath, "start", "--meters", "fleet/meters.csv", "--readings", "few.csv", "--out", "out/e"],
      {
        cwd: folder,
      },
    );
    let stdout = "";
    const asked = new Promise<void>((resolve) => {
      child.stdout!.on("data", (text: string) => {
        stdout += text;
        if (stdout.includes("Ctrl-C ends.")) resolve();
      });
    });
    await asked;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(stdout).toContain("hashwatt queue list --journal out/e/queue.jsonl");
  });
});
