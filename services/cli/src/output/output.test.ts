import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger } from "@hashwatt/runtime";
import { describe, expect, it } from "vitest";
import { makeTemporaryFolder } from "../testing/files.ts";
import { formatMw } from "./findings-table.ts";
import { createJsonlFile } from "./jsonl-file.ts";
import { createProgress, groupDigits } from "./progress.ts";
import { formatTable, left, right } from "./table.ts";
import { describeAccounts } from "./write-results.ts";

const folder = makeTemporaryFolder();

function makeTarget(isTerminal: boolean) {
  const target = {
    text: "",
    lines: [] as Record<string, unknown>[],
    clockMs: 0,
    isTerminal,
    write: (text: string) => void (target.text += text),
    logger: createLogger({ name: "test", destination: { write: (line: string) => void target.lines.push(JSON.parse(line)) } }),
    nowMs: () => target.clockMs,
  };
  return target;
}

describe("createProgress", () => {
  it("writes one line over and over on a terminal, five times a second at most", () => {
    const target = makeTarget(true);
    const progress = createProgress("replay", target);
    for (target.clockMs = 50; target.clockMs <= 1000; target.clockMs += 50) progress.update(target.clockMs * 100, Date.UTC(2022, 0, 3));
    progress.done(100_000);
    const lines = target.text.split("\r").filter((line) => line.trim() !== "");
    expect(lines[0]).toBe("replay: 2022-01-03  20 000 rows  100 000 rows/s");
    expect(lines.length).toBe(6);
    expect(lines.at(-1)).toMatch(/^replay: 100 000 rows in 1\.\d s\n$/);
    expect(target.lines).toEqual([]);
  });

  it("writes JSON lines elsewhere, one every five seconds, and sentences at once", () => {
    const target = makeTarget(false);
    const progress = createProgress("replay", target);
    for (target.clockMs = 1000; target.clockMs <= 11_000; target.clockMs += 1000) progress.update(target.clockMs, Number.NaN);
    progress.warn("3 rejects", { rejects: 3 });
    expect(target.text).toBe("");
    expect(target.lines.map(({ level, msg, rows, eventDate }) => [level, msg, rows, eventDate])).toEqual([
      ["info", "replay", 5000, null],
      ["info", "replay", 10_000, null],
      ["warn", "3 rejects", undefined, undefined],
    ]);
  });
});

describe("output", () => {
  it("aligns a table", () => {
    expect(
      formatTable(
        [left("Site"), right("MW")],
        [
          ["Ақтау", "1.00"],
          ["x", "12.0"],
        ],
      ),
    ).toEqual(["Site     MW", "-----  ----", "Ақтау  1.00", "x      12.0"]);
  });

  it("writes MW with three digits and groups large counts", () => {
    expect([12_345, 1234, 123.4, -40].map(formatMw)).toEqual(["12.3", "1.23", "0.123", "-0.0400"]);
    expect([0, 999, 1000, 1_234_567].map(groupDigits)).toEqual(["0", "999", "1 000", "1 234 567"]);
  });

  it("tells where the rows went", () => {
    const accounts = {
      records: 1000,
      binned: 990,
      revised: 3,
      duplicate: 5,
      late: 2,
      parked: 0,
      rejected: { unknown_meter: 2, invalid_row: 1 },
    };
    expect(describeAccounts(accounts)).toBe(
      "Readings: 1 000 rows = 990 binned (3 of them revisions) + 5 duplicate + 2 too late + 3 rejected (2 unknown_meter, 1 invalid_row)",
    );
  });

  it("writes JSON lines of any number and says where it cannot", () => {
    const path = join(folder, "a.jsonl");
    const file = createJsonlFile(path);
    for (let i = 0; i < 5000; i++) file.write({ i, text: "ү".repeat(10) });
    file.close();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect([file.lines, lines.length, JSON.parse(lines[4999]).i]).toEqual([5000, 5000, 4999]);
    expect(() => createJsonlFile(join(folder, "none", "a.jsonl"))).toThrow(/a.jsonl cannot be written \(ENOENT\)/);
  });
});
