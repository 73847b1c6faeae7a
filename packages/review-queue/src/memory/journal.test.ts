import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CandidateMessage } from "@hashwatt/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleCandidate, sampleCandidateId, sampleNowMs as now } from "../testing/sample-candidate.ts";
import { openMemoryQueue } from "./open-memory-queue.ts";

const raise = (number: number): CandidateMessage => ({
  type: "raise",
  candidate: sampleCandidate({ meterId: `meter-${number}`, candidateId: sampleCandidateId(number) }),
});

let folder: string;
let journalFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  journalFile = join(folder, "queue.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function writeTwoCases(): Promise<string> {
  const { queue } = await openMemoryQueue({ journalFile });
  await queue.admitMany([raise(1), raise(2)], now);
  const { caseId } = (await queue.list({}, now)).cases[0];
  await queue.claim({ caseId, by: "ana", idempotencyKey: "k" }, now);
  await queue.close();
  return caseId;
}

describe("the journal of the memory queue", () => {
  it("brings back every case, the log and the answers to repeats", async () => {
    const caseId = await writeTwoCases();
    const { queue, warnings } = await openMemoryQueue({ journalFile });
    expect(warnings).toEqual([]);
    expect((await queue.list({}, now)).cases.map((view) => view.state).toSorted()).toEqual(["CLAIMED", "OPEN"]);
    expect((await queue.get(caseId, now))?.candidates).toHaveLength(1);
    expect(await queue.claim({ caseId, by: "ana", idempotencyKey: "k" }, now)).toMatchObject({ outcome: "claimed", repeated: true });
    expect((await queue.log({})).entries.map((entry) => entry.verb)).toEqual(["raise", "raise", "claim"]);
    expect(await queue.admit(raise(1), now)).toMatchObject({ outcome: "repeated" });
    await queue.close();
  });

  it("cuts off a last line without its end, says so, and goes on behind the last whole one", async () => {
    await writeTwoCases();
    truncateSync(journalFile, readFileSync(journalFile).length - 10);
    const torn = await openMemoryQueue({ journalFile });
    expect(torn.warnings).toEqual([expect.stringMatching(/ended in the middle of a line .* bytes were cut off\.$/)]);
    expect((await torn.queue.list({ states: ["OPEN"] }, now)).cases).toHaveLength(2);
    await torn.queue.admit(raise(3), now);
    await torn.queue.close();
    const { queue, warnings } = await openMemoryQueue({ journalFile });
    expect(warnings).toEqual([]);
    expect((await queue.list({}, now)).cases).toHaveLength(3);
    await queue.close();
  });

  it("refuses a damaged line in the middle with file and line, and a line that is missing", async () => {
    await writeTwoCases();
    const lines = readFileSync(journalFile, "utf8").split("\n");
    writeFileSync(journalFile, lines.with(1, "{}").join("\n"));
    await expect(openMemoryQueue({ journalFile })).rejects.toThrow(`${journalFile}:2: not a line of a review queue journal`);
    writeFileSync(journalFile, lines.toSpliced(0, 2).join("\n"));
    await expect(openMemoryQueue({ journalFile })).rejects.toThrow(/:1: version 2 of case .* does not follow the one before/);
    expect(existsSync(`${journalFile}.lock`)).toBe(false);
  });

  it("is kept from a second process, but may be read beside it", async () => {
    const { queue } = await openMemoryQueue({ journalFile });
    await queue.admit(raise(1), now);
    const program = `
      import { openMemoryQueue } from ${JSON.stringify(new URL("open-memory-queue.ts", import.meta.url).href)};
      await openMemoryQueue({ journalFile: process.argv[1] }).catch((error) => console.log(error.message));
      const { queue } = await openMemoryQueue({ journalFile: process.argv[1], readOnly: true });
      console.log((await queue.list({}, 0)).cases.length);
      process.kill(process.pid, "SIGKILL");`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, journalFile], { encoding: "utf8" });
    expect(stdout).toBe(`${journalFile} is in use by process ${process.pid}; stop it first, or open the journal to read only\n1\n`);
    await queue.close();
  });

  it("is taken over from a process that was killed", async () => {
    const program = `
      import { openMemoryQueue } from ${JSON.stringify(new URL("open-memory-queue.ts", import.meta.url).href)};
      const { queue } = await openMemoryQueue({ journalFile: process.argv[1] });
      await queue.admit(${JSON.stringify(raise(1))}, 0);
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["--input-type=module", "-e", program, journalFile]);
    expect(existsSync(`${journalFile}.lock`)).toBe(true);
    const { queue } = await openMemoryQueue({ journalFile });
    expect((await queue.list({}, now)).cases).toHaveLength(1);
    await queue.close();
    expect(existsSync(`${journalFile}.lock`)).toBe(false);
  });

  it("refuses to write when opened to read only, and to read what is not there", async () => {
    await expect(openMemoryQueue({ journalFile, readOnly: true })).rejects.toThrow("there is no queue to read");
    await writeTwoCases();
    appendFileSync(journalFile, '{"entry":');
    const { queue } = await openMemoryQueue({ journalFile, readOnly: true });
    await expect(queue.admit(raise(9), now)).rejects.toThrow("was opened to read only");
    expect(readFileSync(journalFile, "utf8").endsWith('{"entry":')).toBe(true);
  });
});
