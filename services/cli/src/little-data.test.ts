import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Candidate, CandidateSchema } from "@hashwatt/contracts";
import { createFleet, type FleetLabels } from "@hashwatt/evaluation";
import { describe, expect, it } from "vitest";
import { writeFleet } from "./files/write-fleet.ts";
import { makeTemporaryFolder, writeText } from "./testing/files.ts";
import { runHashwatt } from "./testing/run-hashwatt.ts";

type FleetOptions = NonNullable<Parameters<typeof createFleet>[0]>;

const folder = makeTemporaryFolder();
/** A winter's end of one area with one mine and nothing else. */
const quiet: FleetOptions = {
  seed: 5,
  areas: 1,
  days: 130,
  warmupDays: 60,
  coldSnaps: 1,
  confounders: {},
  mines: { flat: 1 },
  minePct: [30, 30],
};

interface Situation {
  readonly what: string;
  /** Names the fleet, and with it its chances. */
  readonly name: string;
  readonly options: FleetOptions;
  /** What the mine's candidate must say that it could not ask. */
  readonly unasked: RegExp;
}

const situations: readonly Situation[] = [
  {
    what: "one meter alone, of 15 minutes, with a mine of 60 % of its mean",
    name: "lone15",
    options: { substationsPerArea: 1, intervalMinutes: 15, minePct: [60, 60] },
    unasked: /not asked whether it is .*weather or another common cause.*a meter that reads wrong/,
  },
  {
    what: "one meter alone, hourly, with a mine of 30 %",
    name: "lone30",
    options: { substationsPerArea: 1 },
    unasked: /not asked whether it is .*weather or another common cause.*a meter that reads wrong/,
  },
  {
    what: "stations of 15 minutes over feeders of 30",
    name: "mixed",
    options: {
      substationsPerArea: 4,
      feedersPerSubstation: 2,
      intervalMinutes: { substation: 15, feeder: 30, transformer: 60, customer: 60 },
    },
    unasked: /not asked whether it is a load of the season or heating or cooling;/,
  },
  {
    what: "parents with one child each",
    name: "onechild",
    options: { substationsPerArea: 2, feedersPerSubstation: 1 },
    unasked: /not asked whether it is .*common cause.*a meter that reads wrong/,
  },
  {
    what: "nine weeks of eight stations",
    name: "eightweeks",
    options: { substationsPerArea: 8, days: 63, warmupDays: 35 },
    unasked: /not asked whether it is a load of the season.*load moved within the station/,
  },
];

/** Writes a fleet into a folder of its own. */
async function write(name: string, options: FleetOptions): Promise<FleetLabels> {
  mkdirSync(join(folder, name));
  const fleet = createFleet({ ...quiet, ...options, name });
  await writeFleet(join(folder, name), fleet, () => {});
  return fleet.labels;
}

/** Replays the meters and readings of a folder, without weather, permits or events. */
async function replay(name: string, readings = "readings.csv.gz"): Promise<Candidate[]> {
  const files = ["--meters", join(name, "meters.csv"), "--readings", join(name, readings)];
  const ended = await runHashwatt(folder, "replay", ...files, "--out", join(name, "out"));
  expect(ended).toMatchObject({ code: 0 });
  const lines = readFileSync(join(folder, name, "out/candidates.jsonl"), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => CandidateSchema.parse(withoutPlace(JSON.parse(line))));
}

/** A line of candidates.jsonl says where the case went, beside the candidate. */
function withoutPlace(line: Record<string, unknown>): unknown {
  const { kind: _kind, permit: _permit, caseId: _caseId, ...candidate } = line;
  return candidate;
}

const inOrder = (meterIds: readonly string[]) => meterIds.toSorted((a, b) => a.localeCompare(b));

describe("replay of little data", () => {
  it.each(situations)("finds the mine of $what and says what it could not ask", async ({ name, options, unasked }) => {
    const labels = await write(name, options);
    const candidates = await replay(name);
    const [mine] = labels.mines;
    expect(candidates.map(({ meterId }) => meterId)).toEqual([mine.meterIds[0]]);
    expect(Math.abs(candidates[0].stepKw / mine.kw - 1)).toBeLessThan(0.25);
    expect(candidates[0].summary).toMatch(unasked);
  });

  it("raises nothing in six weeks of readings, mine or not", async () => {
    await write("weeks", { substationsPerArea: 8, days: 42, warmupDays: 20 });
    expect(await replay("weeks")).toEqual([]);
  });

  it("judges customers without any meter above them", async () => {
    const labels = await write("customers", {
      substationsPerArea: 1,
      feedersPerSubstation: 1,
      transformersPerFeeder: 2,
      customersPerTransformer: 10,
      mines: { flat: 2 },
      minePct: [60, 60],
    });
    const [header, ...rows] = readFileSync(join(folder, "customers/meters.csv"), "utf8").trimEnd().split("\n");
    const [level, parent] = ["level", "parent_id"].map((column) => header.split(",").indexOf(column));
    const customers = rows.map((row) => row.split(",")).filter((cells) => cells[level] === "customer");
    writeText(folder, "customers/meters.csv", [header, ...customers.map((cells) => cells.with(parent, "").join(","))].join("\n"));
    const ids = new Set(customers.map(([meterId]) => meterId));
    const [title, ...readings] = gunzipSync(readFileSync(join(folder, "customers/readings.csv.gz")))
      .toString()
      .trimEnd()
      .split("\n");
    writeText(folder, "customers/own.csv", [title, ...readings.filter((row) => ids.has(row.slice(0, row.indexOf(","))))].join("\n"));
    const candidates = await replay("customers", "own.csv");
    expect(inOrder(candidates.map(({ meterId }) => meterId))).toEqual(inOrder(labels.mines.map((mine) => mine.meterIds[0])));
  });
});
