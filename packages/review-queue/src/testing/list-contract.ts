import type { CandidateMessage } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { caseIdOf } from "../case-record.ts";
import type { CaseQuery, CaseView, ReviewQueue } from "../review-queue.ts";
import type { OpenQueue } from "./opener.ts";
import { sampleCandidate, sampleCandidateId, sampleNowMs as now } from "./sample-candidate.ts";

/** `count` sites; every third in Almaty, every fifth a step down; sizes repeat, so that ranks tie. */
function messages(count: number): CandidateMessage[] {
  return Array.from({ length: count }, (_, i) => {
    const size = 100 + (i % 7) * 50;
    const candidate = sampleCandidate({
      meterId: `meter-${i}`,
      candidateId: sampleCandidateId(i + 1),
      region: i % 3 === 0 ? "Almaty" : "Pavlodar",
      stepKw: i % 5 === 0 ? -size : size,
    });
    return { type: "raise", candidate };
  });
}

async function listAll(queue: ReviewQueue, query: CaseQuery, atMs = now): Promise<CaseView[]> {
  const all: CaseView[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await queue.list({ ...query, ...(cursor !== undefined && { cursor }) }, atMs);
    expect(page.cases.length).toBeLessThanOrEqual(query.limit ?? 100);
    all.push(...page.cases);
    cursor = page.nextCursor;
  }
  return all;
}

export function listContract(open: OpenQueue): void {
  describe("list", () => {
    it("pages through all live cases in order of rank, none twice and none left out", async () => {
      const queue = await open();
      await queue.admitMany(messages(60), now);
      const all = await listAll(queue, { limit: 7 });
      expect(new Set(all.map((view) => view.caseId)).size).toBe(60);
      const byRank = all.toSorted((a, b) => b.rank - a.rank || (a.caseId < b.caseId ? -1 : 1));
      expect(all.map((view) => view.caseId)).toEqual(byRank.map((view) => view.caseId));
      expect(await listAll(queue, { limit: 1000 })).toEqual(all);
    });

    it("puts a site of 31 MW before one of 50 kW that is a little more certain", async () => {
      const queue = await open();
      const sites = { small: { stepKw: 50, score: 0.85 }, large: { stepKw: 31_000, score: 0.8 } };
      for (const [i, [meterId, overrides]] of Object.entries(sites).entries()) {
        const candidate = sampleCandidate({ meterId, candidateId: sampleCandidateId(i), ...overrides });
        await queue.admit({ type: "raise", candidate }, now);
      }
      expect((await queue.list({}, now)).cases.map((view) => view.meterId)).toEqual(["large", "small"]);
    });

    it("puts more energy at risk first, and of equals the one seen first", async () => {
      const queue = await open();
      const sites = { large: { stepKw: 900 }, old: { raisedAt: "2021-12-25T00:00:00Z" }, recent: {}, small: { stepKw: 90 } };
      for (const [i, [meterId, overrides]] of Object.entries(sites).entries()) {
        const candidate = sampleCandidate({ meterId, candidateId: sampleCandidateId(i), ...overrides });
        await queue.admit({ type: "raise", candidate }, now);
      }
      expect((await queue.list({}, now)).cases.map((view) => view.meterId)).toEqual(["old", "large", "recent", "small"]);
    });

    it("filters by region, lane and state", async () => {
      const queue = await open();
      await queue.admitMany(messages(60), now);
      expect(await listAll(queue, { region: "Almaty", limit: 3 })).toHaveLength(20);
      expect(await listAll(queue, { lane: "step_down", limit: 3 })).toHaveLength(12);
      expect(await listAll(queue, { lane: "step_down", region: "Almaty" })).toHaveLength(4);
      expect(await listAll(queue, { region: "Nowhere" })).toEqual([]);
      await queue.claim({ caseId: caseIdOf("meter-1", 1), by: "ana" }, now);
      expect(await listAll(queue, { states: ["CLAIMED"] })).toHaveLength(1);
      expect(await listAll(queue, { states: ["OPEN"], limit: 10 })).toHaveLength(59);
      expect(await listAll(queue, { states: ["OPEN"], limit: 10 }, now + 3_600_000)).toHaveLength(60);
      expect(await listAll(queue, { states: ["CLAIMED"] }, now + 3_600_000)).toEqual([]);
      expect(await listAll(queue, { states: ["CLOSED", "CONFIRMED", "AUTHORISED"] })).toEqual([]);
    });

    it("refuses a limit or a cursor that is none, by name", async () => {
      const queue = await open();
      await expect(queue.list({ limit: 0 }, now)).rejects.toThrow("limit 0 is not a whole number from 1 to 1000");
      await expect(queue.list({ cursor: "1" }, now)).rejects.toThrow('cursor "1" is none');
    });
  });

  describe("log", () => {
    it("has one entry for each accepted verb, of one case or of all, in order and by pages", async () => {
      const queue = await open();
      await queue.admitMany(messages(3), now);
      const caseId = caseIdOf("meter-1", 1);
      await queue.claim({ caseId, by: "ana" }, now);
      expect((await queue.log({ caseId })).entries).toMatchObject([
        { caseId, meterId: "meter-1", version: 1, verb: "raise", by: "system: detector", from: null, to: "OPEN" },
        { caseId, version: 2, verb: "claim", by: "ana", from: "OPEN", to: "CLAIMED" },
      ]);
      const first = (await queue.log({ limit: 3 })).entries;
      const rest = (await queue.log({ after: first.at(-1)?.id ?? "" })).entries;
      expect([...first, ...rest].map((entry) => entry.verb)).toEqual(["raise", "raise", "raise", "claim"]);
    });
  });
}
