import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseInstant } from "@hashwatt/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { explainPage } from "../explain/page.ts";
import type { Explanation } from "../explain/explanation.ts";
import { createProgress } from "../output/progress.ts";
import { makeTemporaryFolder } from "../testing/files.ts";
import { explainFiles } from "./explain-files.ts";

const fleet = join(import.meta.dirname, "../../../../test/data/substations");
const paths = {
  meters: [join(fleet, "meters.csv")],
  readings: [join(fleet, "readings.csv.gz")],
  permits: [join(fleet, "permits.csv")],
  events: [join(fleet, "events.csv")],
};
const progress = { ...createProgress("test"), update: () => {}, done: () => {} };
const dayOf = (date: string): number => parseInstant(`${date}T00:00:00Z`) / 86_400_000;

function explain(meterIds: readonly string[], untilDay?: number): Promise<Explanation[]> {
  return explainFiles({ paths, grouping: undefined, meterIds, untilDay, onReject: () => {}, progress });
}

describe("explainFiles", () => {
  let flagged: Explanation;
  let quiet: Explanation;
  let doubted: Explanation;
  beforeAll(async () => {
    [flagged, quiet, doubted] = await explain(["cd-003", "cd-035", "cd-012"]);
  }, 60_000);

  it("turns on the day a mine was raised, with what became of it", () => {
    const [{ focus, finding }] = flagged.streams;
    expect(focus?.step).toMatchObject({ isRaised: true, isPassed: true, direction: 1 });
    expect(finding?.isAlarm).toBe(true);
    expect(finding?.candidate.evidence.tests).toHaveLength(focus!.step!.tests.length);
    expect(Math.abs(parseInstant(finding!.candidate.onset) - parseInstant("2016-12-31T16:00:00Z"))).toBeLessThan(3 * 86_400_000);
    const html = explainPage(flagged);
    expect(html.includes("Flagged: load that looks like mining")).toBe(true);
    expect(html.includes("holiday everywhere")).toBe(true);
    expect(html.includes("NaN")).toBe(false);
  });

  it("turns on the likeliest step of a meter that was not flagged", () => {
    const [{ focus, finding }] = quiet.streams;
    expect(focus?.step?.isRaised).toBe(false);
    expect(finding).toBeUndefined();
    expect(/Not flagged.*It failed \d+ of \d+ tests/s.test(explainPage(quiet))).toBe(true);
  });

  it("says that a step passed its tests but not the score", () => {
    const { step } = doubted.streams[0].focus!;
    expect(step).toMatchObject({ isRaised: false, isPassed: true });
    expect(step!.score).toBeLessThan(step!.neededScore);
    expect(explainPage(doubted)).toContain(`its score of ${step!.score.toFixed(2)} is below the ${step!.neededScore.toFixed(2)} needed`);
  });

  it("knows nothing later than the day asked for", async () => {
    const [early] = await explain(["cd-003"], dayOf("2017-01-04"));
    expect(early.streams[0].toDay).toBe(dayOf("2017-01-04"));
    expect(early.streams[0].focus?.step?.isRaised).toBe(false);
  });
});

describe("hashwatt explain", () => {
  it("refuses a meter that is none before it replays anything, and a date that is none", async () => {
    const out = join(makeTemporaryFolder(), "page.html");
    const files = ["--meters", ...paths.meters, "--readings", ...paths.readings, "--out", out];
    expect(await runCommandLine(["explain", "--meter", "nobody", ...files])).toBe(2);
    expect(await runCommandLine(["explain", "--meter", "cd-003", "--at", "2017-13-01", ...files])).toBe(2);
  });

  it("writes a page a meter into a folder", async () => {
    const out = join(makeTemporaryFolder(), "pages");
    const files = ["--meters", ...paths.meters, "--readings", ...paths.readings, "--out", out];
    expect(await runCommandLine(["explain", "--meter", "cd-003", "cd-027", "--at", "2017-01-12", ...files])).toBe(0);
    expect(readFileSync(join(out, "cd-003.html"), "utf8")).toMatch(/^<!doctype html>/);
    expect(readFileSync(join(out, "cd-027.html"), "utf8")).toContain("<h1>substation 027</h1>");
  }, 60_000);
});
