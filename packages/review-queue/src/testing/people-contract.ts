import { verdicts, type Verdict } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { caseIdOf } from "../case-record.ts";
import type { QueuePolicy, ReviewQueue } from "../review-queue.ts";
import type { OpenQueue } from "./opener.ts";
import { sampleCandidate, sampleNowMs as now } from "./sample-candidate.ts";

const caseId = caseIdOf("substation-1", 1);
const minute = 60_000;

async function openWithCase(open: OpenQueue, policy?: QueuePolicy): Promise<ReviewQueue> {
  const queue = await open(policy);
  await queue.admit({ type: "raise", candidate: sampleCandidate() }, now);
  return queue;
}

async function claim(queue: ReviewQueue, by = "ana", atMs = now): Promise<{ caseId: string; by: string; token: string; version: number }> {
  const outcome = await queue.claim({ caseId, by }, atMs);
  if (outcome.outcome !== "claimed") throw new Error(`claim by ${by}: ${outcome.outcome}`);
  return { caseId, by, token: outcome.lease.token, version: outcome.case.version };
}

export function leaseContract(open: OpenQueue): void {
  describe("claim, renew, release", () => {
    it("gives the case to one person and tells the others who has it until when", async () => {
      const queue = await openWithCase(open);
      const claims = await Promise.all(["ana", "bek", "chingiz", "dana"].map((by) => queue.claim({ caseId, by }, now)));
      const won = claims.filter((outcome) => outcome.outcome === "claimed");
      expect(won).toHaveLength(1);
      const by = won[0]?.case.lease?.by;
      for (const lost of claims.filter((outcome) => outcome.outcome !== "claimed")) {
        expect(lost).toEqual({ outcome: "taken", by, untilMs: now + 15 * minute });
      }
      expect((await queue.log({ caseId })).entries.map((entry) => entry.verb)).toEqual(["raise", "claim"]);
    });

    it("shows nobody the token of another", async () => {
      const queue = await openWithCase(open);
      const { token } = await claim(queue);
      expect(JSON.stringify([await queue.get(caseId, now), await queue.list({}, now)])).not.toContain(token);
    });

    it("lets a lease lapse by the time that is given, and then refuses its holder", async () => {
      const queue = await openWithCase(open);
      const held = await claim(queue);
      const lateMs = now + 15 * minute;
      expect((await queue.get(caseId, lateMs - 1))?.case.state).toBe("CLAIMED");
      expect((await queue.get(caseId, lateMs))?.case).toMatchObject({ state: "OPEN", lease: null, version: held.version });
      expect(await queue.renew(held, lateMs)).toEqual({ outcome: "lapsed", untilMs: lateMs });
      expect(await queue.decide({ ...held, verdict: "benign", reason: "late" }, lateMs)).toEqual({ outcome: "lapsed", untilMs: lateMs });
      await claim(queue, "bek", lateMs);
      expect(await queue.release(held, lateMs)).toMatchObject({ outcome: "taken", by: "bek" });
      expect((await queue.log({ caseId })).entries.at(-1)).toMatchObject({ verb: "claim", by: "bek", lapsedFrom: "ana", from: "OPEN" });
      expect((await queue.get(caseId, lateMs))?.case.lapseCount).toBe(1);
    });

    it("renews with the current version and token only", async () => {
      const queue = await openWithCase(open);
      const held = await claim(queue);
      expect(await queue.renew({ ...held, token: "none" }, now)).toMatchObject({ outcome: "taken" });
      expect(await queue.renew({ ...held, version: held.version - 1 }, now)).toEqual({ outcome: "stale", version: held.version });
      const renewed = await queue.renew({ ...held, leaseMs: 30 * minute }, now);
      expect(renewed).toMatchObject({ outcome: "renewed", lease: { token: held.token, untilMs: now + 30 * minute } });
      expect(await queue.release(held, now)).toEqual({ outcome: "stale", version: held.version + 1 });
      expect(await queue.release({ ...held, version: held.version + 1 }, now)).toMatchObject({
        outcome: "released",
        case: { state: "OPEN" },
      });
      expect(await queue.renew({ ...held, version: held.version + 2 }, now)).toEqual({ outcome: "wrong_state", state: "OPEN" });
    });

    it("fences off the holder's other tab when the same person claims again", async () => {
      const queue = await openWithCase(open);
      const first = await claim(queue);
      const again = await claim(queue);
      expect(await queue.release({ ...first, version: again.version }, now)).toMatchObject({ outcome: "taken", by: "ana" });
      expect(await queue.release(again, now)).toMatchObject({ outcome: "released" });
    });

    it("answers requests that are wrong in themselves", async () => {
      const queue = await openWithCase(open);
      expect(await queue.claim({ caseId: caseIdOf("nowhere", 1), by: "ana" }, now)).toEqual({ outcome: "unknown_case" });
      expect(await queue.claim({ caseId, by: "system: detector" }, now)).toMatchObject({ outcome: "invalid" });
      expect(await queue.claim({ caseId, by: "ana", leaseMs: 5 }, now)).toMatchObject({ outcome: "invalid" });
      const held = await claim(queue);
      expect(await queue.decide({ ...held, verdict: "benign", reason: " " }, now)).toMatchObject({ outcome: "invalid" });
      expect(await queue.decide({ ...held, verdict: "guilty" as Verdict, reason: "x" }, now)).toMatchObject({ outcome: "invalid" });
    });
  });
}

export function decisionContract(open: OpenQueue): void {
  const request = { verdict: "unauthorised", reason: "found 200 machines" } as const;
  describe("decide", () => {
    it.each(verdicts.map((verdict) => [verdict, { unauthorised: "CONFIRMED", authorised: "AUTHORISED" }[verdict as string] ?? "CLOSED"]))(
      "%s leads to %s",
      async (verdict, state) => {
        const queue = await openWithCase(open);
        const held = await claim(queue);
        const outcome = await queue.decide({ ...held, verdict: verdict, reason: "visited" }, now);
        const disposition = { caseId, verdict, reason: "visited", by: "ana", at: "2022-01-10T00:00:00Z", confirmedBy: null };
        expect(outcome).toMatchObject({ outcome: "decided", case: { state, verdict, closedBy: "ana", lease: null, disposition } });
      },
    );

    it("refuses a verdict on evidence that has changed since it was read", async () => {
      const queue = await openWithCase(open);
      const held = await claim(queue);
      await queue.admit({ type: "revise", candidate: sampleCandidate({ stepKw: 700 }) }, now);
      expect(await queue.decide({ ...held, ...request }, now)).toEqual({ outcome: "stale", version: held.version + 1 });
      expect(await queue.decide({ ...held, ...request, version: held.version + 1 }, now)).toMatchObject({ outcome: "decided" });
    });

    it("gives a repeat with the same key the first answer, and refuses the key for another request", async () => {
      const queue = await openWithCase(open);
      const first = await queue.claim({ caseId, by: "ana", idempotencyKey: "k1" }, now);
      const again = await queue.claim({ caseId, by: "ana", idempotencyKey: "k1" }, now + minute);
      expect({ ...again, repeated: false }).toEqual(first);
      expect(again).toMatchObject({ outcome: "claimed", repeated: true });
      if (first.outcome !== "claimed") throw new Error(first.outcome);
      const held = { caseId, by: "ana", token: first.lease.token, version: first.case.version, idempotencyKey: "k2" };
      expect(await queue.decide({ ...held, ...request }, now)).toMatchObject({ outcome: "decided", repeated: false });
      expect(await queue.decide({ ...held, ...request }, now)).toMatchObject({ outcome: "decided", repeated: true });
      expect(await queue.decide({ ...held, ...request, verdict: "benign" }, now)).toEqual({ outcome: "key_reused" });
      expect((await queue.log({ caseId })).entries).toHaveLength(3);
    });
  });

  describe("four eyes", () => {
    it("needs another person for unauthorised and authorised, never the proposer", async () => {
      const queue = await openWithCase(open, { fourEyes: true });
      const held = await claim(queue);
      const proposed = await queue.decide({ ...held, ...request }, now);
      expect(proposed).toMatchObject({ outcome: "proposed", case: { state: "SECOND", lease: null, verdict: null } });
      const version = held.version + 1;
      expect(await queue.claim({ caseId, by: "bek" }, now)).toEqual({ outcome: "wrong_state", state: "SECOND" });
      expect(await queue.second({ caseId, by: "ana", version, answer: "confirm" }, now)).toEqual({ outcome: "own_proposal", by: "ana" });
      expect(await queue.second({ caseId, by: "bek", version: 1, answer: "confirm" }, now)).toEqual({ outcome: "stale", version });
      const aYearMs = 365 * 24 * 60 * minute;
      expect((await queue.get(caseId, now + aYearMs))?.case.state).toBe("SECOND");
      const confirmed = await queue.second({ caseId, by: "bek", version, answer: "confirm" }, now);
      const disposition = { by: "ana", confirmedBy: "bek", verdict: "unauthorised" };
      expect(confirmed).toMatchObject({ outcome: "confirmed", case: { state: "CONFIRMED", proposal: null, disposition } });
    });

    it("keeps the dissent of who rejects and opens the case again", async () => {
      const queue = await openWithCase(open, { fourEyes: true });
      const held = await claim(queue);
      await queue.decide({ ...held, ...request }, now);
      const version = held.version + 1;
      expect(await queue.second({ caseId, by: "bek", version, answer: "reject" }, now)).toMatchObject({ outcome: "invalid" });
      const rejected = await queue.second({ caseId, by: "bek", version, answer: "reject", reason: "a greenhouse" }, now);
      const dissents = [{ by: "ana", verdict: "unauthorised", rejectedBy: "bek", rejectedReason: "a greenhouse" }];
      expect(rejected).toMatchObject({ outcome: "rejected", case: { state: "OPEN", proposal: null, verdict: null, dissents } });
    });

    it("marks a proposal whose evidence has changed and makes the second person read again", async () => {
      const queue = await openWithCase(open, { fourEyes: true });
      const held = await claim(queue);
      await queue.decide({ ...held, ...request }, now);
      await queue.admit({ type: "revise", candidate: sampleCandidate({ stepKw: 100 }) }, now);
      expect((await queue.get(caseId, now))?.case).toMatchObject({ state: "SECOND", flags: ["evidence_changed"] });
      const answer = { caseId, by: "bek", version: held.version + 1, answer: "confirm" } as const;
      expect(await queue.second(answer, now)).toEqual({ outcome: "stale", version: held.version + 2 });
    });

    it("lets one person dismiss unless the policy names those verdicts as well", async () => {
      const lenient = await openWithCase(open, { fourEyes: true });
      expect(await lenient.decide({ ...(await claim(lenient)), verdict: "benign", reason: "x" }, now)).toMatchObject({
        outcome: "decided",
      });
      const strict = await openWithCase(open, { fourEyes: verdicts });
      expect(await strict.decide({ ...(await claim(strict)), verdict: "benign", reason: "x" }, now)).toMatchObject({ outcome: "proposed" });
    });
  });
}
