import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFleet } from "@hashwatt/evaluation";
import { evidenceTerms } from "@hashwatt/pipeline";
import { beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { writeFleet } from "../files/write-fleet.ts";
import { makeTemporaryFolder } from "../testing/files.ts";
import { runHere } from "../testing/run-command-line.ts";

const folder = makeTemporaryFolder();
const labelled = join(import.meta.dirname, "../../../../test/data/substations");

beforeAll(async () => {
  const bare = { name: "bare", seed: 7, areas: 2, substationsPerArea: 10, days: 300, mines: {}, confounders: {} } as const;
  await writeFleet(folder, createFleet(bare), () => {});
});

describe("hashwatt train", () => {
  it("writes the same file twice, with what it was made from and a weight of every term", async () => {
    const texts: string[] = [];
    for (const name of ["first.json", "second.json"]) {
      const out = join(folder, name);
      const { code, stdout, stderr } = await runHere("train", "--fleets", folder, "--seeds", "4", "--out", out);
      expect(code, stderr).toBe(exitCodes.ok);
      expect(stdout).toMatch(/^Term +Step +Build-up$/m);
      expect(stdout).toMatch(/^events +\d+ +\d+$/m);
      texts.push(readFileSync(out, "utf8"));
    }
    expect(texts[1]).toBe(texts[0]);
    const { madeFrom, step, buildup } = JSON.parse(texts[0]);
    expect(madeFrom).toMatchObject({ seeds: 4, simulated: 0 });
    expect(madeFrom.fleets).toHaveLength(1);
    expect(madeFrom.fleets[0].readingsSha256).toMatch(/^[0-9a-f]{64}$/);
    const names = evidenceTerms.map(({ name }) => name);
    for (const { terms } of [step, buildup]) expect(terms.map(({ name }: { name: string }) => name)).toEqual(names);
  }, 60_000);

  it("refuses readings that hold mines already, and to learn from nothing", async () => {
    const mixed = await runHere("train", "--fleets", labelled, "--out", join(folder, "never.json"));
    expect(mixed.code).toBe(exitCodes.usage);
    expect(mixed.stderr).toContain("mines are in the readings, and there is no null/ without them");
    const nothing = await runHere("train", "--out", join(folder, "never.json"));
    expect(nothing.code).toBe(exitCodes.usage);
    expect(nothing.stderr).toContain("there is nothing to learn from");
  });
});
