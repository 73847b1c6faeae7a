import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFleet } from "@hashwatt/evaluation";
import { evidenceTerms } from "@hashwatt/pipeline";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { writeFleet } from "../files/write-fleet.ts";
import { makeTemporaryFolder } from "../testing/files.ts";

const folder = makeTemporaryFolder();
const labelled = join(import.meta.dirname, "../../../../test/data/substations");

/** Trains in this process; what it printed on stdout, and on stderr. */
async function train(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void (written.stdout += `${line}\n`));
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.stderr += String(text);
    return true;
  });
  try {
    return { code: await runCommandLine(["train", ...args]), ...written };
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}

beforeAll(async () => {
  const bare = { name: "bare", seed: 3, areas: 2, substationsPerArea: 10, days: 240, mines: {}, confounders: {} } as const;
  await writeFleet(folder, createFleet(bare), () => {});
});

describe("hashwatt train", () => {
  it("writes the same file twice, with what it was made from and a weight of every term", async () => {
    const texts: string[] = [];
    for (const name of ["first.json", "second.json"]) {
      const out = join(folder, name);
      const { code, stdout, stderr } = await train("--fleets", folder, "--seeds", "4", "--out", out);
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
    const mixed = await train("--fleets", labelled, "--out", join(folder, "never.json"));
    expect(mixed.code).toBe(exitCodes.usage);
    expect(mixed.stderr).toContain("mines are in the readings, and there is no null/ without them");
    const nothing = await train("--out", join(folder, "never.json"));
    expect(nothing.code).toBe(exitCodes.usage);
    expect(nothing.stderr).toContain("there is nothing to learn from");
  });
});
