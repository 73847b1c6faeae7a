import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Candidate } from "@hashwatt/contracts";
import { openRedisQueue, type ReviewQueue } from "@hashwatt/review-queue";
import { sampleCandidate, sampleCandidateId } from "@hashwatt/review-queue/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisUrl } from "./servers.ts";

const main = join(import.meta.dirname, "../../services/cli/src/main.ts");
const prefix = `test-${randomUUID()}`;
const passed: Candidate["evidence"]["tests"][number] = {
  name: "persistence",
  question: "Did it stay?",
  value: 5.25,
  threshold: 3,
  passesWhen: "at_least",
  unit: "days",
  verdict: "passed",
};

const scoreParts = [0.2, -1.3, 0.9].map((logOdds, i) => ({ name: ["steadiness", "weekend", "step_share"][i], value: 1, logOdds }));
const estimates = {
  energyKwh: { value: 216_000, low: 180_000, high: 252_000 },
  machines: { value: 273, low: 183, high: 658 },
  technicalLossKw: 31,
  basis: "Energy: size times running hours.",
};

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `hashwatt queue ARGS` as a user runs it; where the queue is, the environment says. */
function queueCommand(args: readonly string[], variables: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, REDIS_URL: redisUrl, REDIS_KEY_PREFIX: prefix, ...variables };
    execFile(process.execPath, [main, "queue", ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** The first word of each line of the table. */
function caseIdsOf({ stdout }: Ended): string[] {
  return stdout
    .split("\n")
    .slice(2, -1)
    .map((line) => line.split(" ", 1)[0]);
}

describe.skipIf(redisUrl === "")("hashwatt queue on a real Redis", () => {
  let queue: ReviewQueue;
  /** Of the sites in the order in which they were admitted. */
  let caseIds: string[];

  beforeAll(async () => {
    ({ queue } = await openRedisQueue({ url: redisUrl, prefix }));
    const candidates = [900, 31_000, 4000, -2500].map((stepKw, i) =>
      sampleCandidate({
        candidateId: sampleCandidateId(i),
        meterId: `meter-${i}`,
        region: i === 2 ? "Almaty" : "Karaganda",
        stepKw,
        evidence: { ...sampleCandidate().evidence, tests: [passed], scoreParts, estimates },
      }),
    );
    await queue.admitMany(
      candidates.map((candidate) => ({ type: "raise", candidate })),
      Date.now(),
    );
    const { cases } = await queue.list({}, Date.now());
    caseIds = cases.toSorted((a, b) => (a.meterId < b.meterId ? -1 : 1)).map((view) => view.caseId);
    await queue.claim({ caseId: caseIds[2], by: "ana" }, Date.now());
  });

  afterAll(async () => {
    await queue.close();
    const admin = new Redis(redisUrl);
    const keys = await admin.keys(`{${prefix}}:*`);
    await admin.del(...keys);
    await admin.quit();
  });

  it("lists the live cases as a table, in the queue's own order, and says who has one", async () => {
    const { cases } = await queue.list({}, Date.now());
    const listed = await queueCommand(["list"]);
    expect(listed).toMatchObject({ code: 0, stderr: "" });
    expect(listed.stdout).toMatch(/^Case +Meter +Region +Onset \(UTC\) +MW +Lane +Score +State\n/);
    expect(listed.stdout).toMatch(/ meter-1 +Karaganda +2022-01-03 06:00Z +31\.0 +mining +0\.80 +OPEN\n/);
    expect(listed.stdout).toMatch(/ meter-2 +Almaty .* CLAIMED \(ana\)\n/);
    expect(caseIdsOf(listed)).toEqual(cases.map((view) => view.caseId));
  });

  it("lists by lane, region, state and count, and the URL may stand on the command line", async () => {
    const ends = await Promise.all([
      queueCommand(["list", "--lane", "step_down"]),
      queueCommand(["list", "--region", "Almaty"]),
      queueCommand(["list", "--state", "CONFIRMED"]),
      queueCommand(["list", "--limit", "2", "--json", "--redis", redisUrl], { REDIS_URL: "" }),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ends.slice(0, 2).map(caseIdsOf)).toEqual([[caseIds[3]], [caseIds[2]]]);
    expect(ends[2].stdout).toBe("No such case.\n");
    const lines = ends[3].stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual((await queue.list({ limit: 2 }, Date.now())).cases);
  });

  it("shows a case with every test and what moved its score, as text and as JSON, and changes nothing", async () => {
    const before = await queue.log({ limit: 1000 });
    const [text, json] = await Promise.all([queueCommand(["show", caseIds[1]]), queueCommand(["show", caseIds[1], "--json"])]);
    expect(text.stdout).toMatch(/^Case \S+: OPEN, lane mining\nMeter meter-1, area area-1, region Karaganda\n/);
    expect(text.stdout).toMatch(/ Step 31\.0 MW \(31\.0 to 31\.0\), up\n/);
    expect(text.stdout).toContain(
      "  Energy 216 MWh (180 to 252), as much as 273 machines (183 to 658), technical loss taken off 0.0310 MW\n  Basis: Energy: size times running hours.\n",
    );
    expect(text.stdout).toContain("  For (log-odds): step_share +0.90, steadiness +0.20\n  Against (log-odds): weekend -1.30\n");
    expect(text.stdout).toMatch(/ persistence +5\.25 +>= 3 +days +passed\n/);
    expect(JSON.parse(json.stdout)).toEqual(await queue.get(caseIds[1], Date.now()));
    expect(await queue.log({ limit: 1000 })).toEqual(before);
  });

  it("says in one sentence what is wrong, with the exit code", async () => {
    const ends = await Promise.all([
      queueCommand(["show", "nothing-1"]),
      queueCommand(["list", "--redis", "redis://127.0.0.1:1"]),
      queueCommand(["list", "--redis", "127.0.0.1:6379"]),
      queueCommand(["list"], { REDIS_URL: "" }),
      queueCommand(["list", "--redis", redisUrl, "--journal", "queue.jsonl"]),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([3, 4, 2, 2, 2]);
    expect(ends[0].stderr).toBe("hashwatt: nothing-1: there is no such case\n");
    expect(ends[1].stderr).toMatch(/^hashwatt: Redis at 127\.0\.0\.1:1 cannot be reached.*\n$/);
    expect(ends[2].stderr).toMatch(/must look like redis:\/\/host:6379/);
    expect(ends[3].stderr).toBe("hashwatt: where is the queue? Give --redis URL (or REDIS_URL) or --journal FILE.\n");
  });
});
