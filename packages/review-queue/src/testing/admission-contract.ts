import type { Candidate, CandidateMessage, Permit } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { caseIdOf } from "../case-record.ts";
import type { ReviewQueue } from "../review-queue.ts";
import type { OpenQueue } from "./opener.ts";
import { sampleCandidate, sampleCandidateId, sampleNowMs as now } from "./sample-candidate.ts";

const raise = (overrides: Partial<Candidate> = {}): CandidateMessage => ({ type: "raise", candidate: sampleCandidate(overrides) });
const revise = (overrides: Partial<Candidate> = {}): CandidateMessage => ({ type: "revise", candidate: sampleCandidate(overrides) });
const withdraw = (candidateId = sampleCandidate().candidateId): CandidateMessage => ({
  type: "withdraw",
  candidateId,
  meterId: "substation-1",
  at: "2022-01-09T00:00:00Z",
  reason: "late readings show a gap",
});
const second = { candidateId: sampleCandidateId(2), onset: "2022-01-05T06:00:00Z", raisedAt: "2022-01-09T12:00:00Z" };
const caseId = caseIdOf("substation-1", 1);

const stateOf = async (queue: ReviewQueue, id = caseId) => (await queue.get(id, now))?.case.state;
const listed = async (queue: ReviewQueue) =>
  (await queue.list({}, now)).cases.map(({ caseId: id, rank, evidenceDigest, state }) => ({ id, rank, evidenceDigest, state }));
const logLength = async (queue: ReviewQueue) => (await queue.log({})).entries.length;

async function decideFirst(queue: ReviewQueue, verdict: "benign" | "unauthorised" = "benign"): Promise<void> {
  const claimed = await queue.claim({ caseId, by: "ana" }, now);
  if (claimed.outcome !== "claimed") throw new Error(claimed.outcome);
  const { version } = claimed.case;
  await queue.decide({ caseId, by: "ana", token: claimed.lease.token, version, verdict, reason: "visited" }, now);
}

export function admissionContract(open: OpenQueue): void {
  describe("admit", () => {
    it("opens one case with its evidence, and says the same candidate twice without a trace", async () => {
      const queue = await open();
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "opened", caseId, version: 1, state: "OPEN", lane: "mining" });
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "repeated", caseId });
      expect(await queue.get(caseId, now)).toMatchObject({ case: { version: 1, seenCount: 1 }, candidates: [sampleCandidate()] });
      expect(await logLength(queue)).toBe(1);
    });

    it("joins a second candidate of the site to its live case", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      expect(await queue.admit(raise(second), now)).toMatchObject({ outcome: "joined", caseId, version: 2 });
      const detail = await queue.get(caseId, now);
      expect(detail?.candidates.map((candidate) => candidate.candidateId)).toEqual([sampleCandidate().candidateId, second.candidateId]);
      expect(detail?.case).toMatchObject({ seenCount: 2, firstSeen: sampleCandidate().raisedAt, lastSeen: second.raisedAt });
      expect(detail?.case.rankParts.kwhPerDayAtRisk).toBe(24_000);
    });

    it("revises the machine fields under the id and leaves the lease alone", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      await queue.claim({ caseId, by: "ana" }, now);
      expect(await queue.admit(revise({ stepKw: 700 }), now)).toMatchObject({ outcome: "revised", version: 3, state: "CLAIMED" });
      const detail = await queue.get(caseId, now);
      expect(detail?.candidates[0]?.stepKw).toBe(700);
      expect(detail?.case).toMatchObject({ lease: { by: "ana" }, seenCount: 1 });
    });

    it("closes an open case whose only candidate is withdrawn, and opens it again when the candidate is raised again", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      expect(await queue.admit(withdraw(), now)).toMatchObject({ outcome: "withdrawn", caseId, state: "CLOSED" });
      expect((await queue.get(caseId, now))?.case).toMatchObject({ verdict: null, closedBy: "system: withdrawn", flags: [] });
      expect(await queue.admit(withdraw(), now)).toMatchObject({ outcome: "repeated" });
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "revised", caseId, state: "OPEN" });
      expect((await queue.get(caseId, now))?.case).toMatchObject({ closedBy: null, seenCount: 2 });
    });

    it("flags a withdrawal where a person holds the case or another candidate stands", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      await queue.admit(raise(second), now);
      expect(await queue.admit(withdraw(), now)).toMatchObject({ outcome: "withdrawn", state: "OPEN" });
      await queue.claim({ caseId, by: "ana" }, now);
      expect(await queue.admit(withdraw(second.candidateId), now)).toMatchObject({ outcome: "withdrawn", state: "CLAIMED" });
      expect((await queue.get(caseId, now))?.case.flags).toContain("candidate_withdrawn");
    });

    it("refuses a candidate whose numbers are none, and admits the ones beside it", async () => {
      const queue = await open();
      const outcomes = await queue.admitMany([raise({ stepKw: Number.NaN }), raise({ raisedAt: "soon" }), raise()], now);
      expect(outcomes).toMatchObject([
        { outcome: "invalid", message: "candidate 00000000000000a1 of substation-1 has no usable stepKw" },
        { outcome: "invalid", message: "candidate 00000000000000a1 of substation-1 has no usable raisedAt" },
        { outcome: "opened" },
      ]);
    });

    it("does nothing on a withdrawal of a candidate it never saw", async () => {
      const queue = await open();
      expect(await queue.admit(withdraw(), now)).toEqual({ outcome: "unknown_candidate" });
      expect(await logLength(queue)).toBe(0);
    });
  });
}

export function recurrenceContract(open: OpenQueue): void {
  describe("admit after a verdict", () => {
    it("never resurrects a decided case by a candidate it contains, and says when its evidence changed", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      await decideFirst(queue);
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "repeated", state: "CLOSED" });
      expect(await queue.admit(revise({ stepKw: 900 }), now)).toMatchObject({ outcome: "revised", state: "CLOSED" });
      expect((await queue.get(caseId, now))?.case).toMatchObject({ verdict: "benign", closedBy: "ana", flags: ["evidence_changed"] });
      await queue.admit(withdraw(), now);
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "revised", state: "CLOSED" });
      expect((await queue.list({}, now)).cases).toEqual([]);
    });

    it("opens a new episode for a new candidate, linked to the verdict before", async () => {
      const queue = await open();
      await queue.admit(raise(), now);
      await decideFirst(queue, "unauthorised");
      const next = caseIdOf("substation-1", 2);
      expect(await queue.admit(raise(second), now)).toMatchObject({ outcome: "opened", caseId: next, state: "OPEN" });
      expect((await queue.get(next, now))?.case).toMatchObject({ recurrenceOf: caseId, episode: 2 });
      expect(await stateOf(queue)).toBe("CONFIRMED");
    });

    it("keeps one live case when a withdrawn candidate comes back after a newer case was opened", async () => {
      const queue = await open();
      await queue.admitMany([raise(), withdraw(), raise(second), raise()], now);
      const next = caseIdOf("substation-1", 2);
      const live = (await queue.list({}, now)).cases;
      expect(live.map((view) => view.caseId)).toEqual([next]);
      expect(live[0]?.candidates.map((candidate) => candidate.candidateId)).toEqual([second.candidateId, sampleCandidate().candidateId]);
    });

    it("ends the same when everything since a checkpoint is said again", async () => {
      const once = await open();
      const twice = await open();
      const messages = [raise(), revise({ stepKw: 700 }), raise(second), withdraw(), raise({ meterId: "substation-2" })];
      await once.admitMany(messages, now);
      await twice.admitMany(messages, now);
      await twice.admitMany(messages, now);
      expect(await listed(twice)).toEqual(await listed(once));
    });
  });
}

export function permitContract(open: OpenQueue): void {
  const permit: Permit = {
    permitId: "permit-1",
    meterId: "substation-1",
    maxKw: 800,
    validFrom: "2021-12-01T00:00:00Z",
    validTo: null,
    holder: "A mine",
  };
  describe("permits at admission", () => {
    it("records and shows load inside a permit, without an alarm", async () => {
      const queue = await open({ permits: [permit] });
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "opened", state: "AUTHORISED", permit: { verdict: "within" } });
      expect((await queue.get(caseId, now))?.case).toMatchObject({ verdict: null, closedBy: "system: permit" });
      expect((await queue.list({}, now)).cases).toEqual([]);
      expect((await queue.list({ states: ["AUTHORISED"] }, now)).cases).toHaveLength(1);
    });

    it("opens a case for what exceeds the rest of the permit, with the excess", async () => {
      const queue = await open({ permits: [permit] });
      await queue.admit(raise(), now);
      const outcome = await queue.admit(raise(second), now);
      expect(outcome).toMatchObject({ outcome: "opened", state: "OPEN", lane: "permit_exceeded" });
      const opened = (await queue.list({}, now)).cases[0];
      expect(opened).toMatchObject({ lane: "permit_exceeded", excessKw: 200, recurrenceOf: caseId });
    });

    it("counts a second candidate inside the permit into the authorised case", async () => {
      const queue = await open({ permits: [permit] });
      await queue.admit(raise({ stepKw: 300 }), now);
      expect(await queue.admit(raise({ ...second, stepKw: 400 }), now)).toMatchObject({ outcome: "joined", caseId, state: "AUTHORISED" });
    });

    it("closes what a permit of a later list covers, with one log entry, and opens it again when the permit is gone", async () => {
      let permits: readonly Permit[] = [];
      const queue = await open({ permits: () => permits });
      await queue.admit(raise(), now);
      await queue.admit(raise({ ...second, meterId: "substation-2" }), now);
      expect(await queue.judgePermitsAgain(now)).toBe(0);
      permits = [permit];
      expect(await queue.judgePermitsAgain(now)).toBe(1);
      expect(await queue.judgePermitsAgain(now)).toBe(0);
      const { case: covered } = (await queue.get(caseId, now))!;
      expect(covered).toMatchObject({ state: "AUTHORISED", version: 2, closedBy: "system: permit", seenCount: 1 });
      expect((await queue.list({}, now)).cases.map(({ meterId }) => meterId)).toEqual(["substation-2"]);
      const { entries } = await queue.log({ caseId });
      expect(entries.map(({ verb }) => verb)).toEqual(["raise", "permits"]);
      expect(entries[1]).toMatchObject({ from: "OPEN", to: "AUTHORISED", reason: expect.stringContaining("permit-1") });
      permits = [{ ...permit, maxKw: 100 }];
      expect(await queue.judgePermitsAgain(now)).toBe(1);
      expect((await queue.get(caseId, now))?.case).toMatchObject({ state: "OPEN", lane: "permit_exceeded", excessKw: 400 });
      // said again by a detector that crashed, word for word
      expect(await queue.admit(raise(), now)).toMatchObject({ outcome: "repeated", state: "OPEN" });
    });

    it("leaves to people what people hold or have decided when a permit comes later", async () => {
      let permits: readonly Permit[] = [];
      const queue = await open({ permits: () => permits });
      await queue.admit(raise(), now);
      await queue.claim({ caseId, by: "ana" }, now);
      permits = [permit];
      expect(await queue.judgePermitsAgain(now)).toBe(1);
      expect((await queue.get(caseId, now))?.case).toMatchObject({ state: "CLAIMED", flags: ["within_permit"], lease: { by: "ana" } });
      permits = [];
      await queue.judgePermitsAgain(now);
      await decideFirst(queue);
      permits = [permit];
      expect(await queue.judgePermitsAgain(now)).toBe(0);
      expect((await queue.get(caseId, now))?.case).toMatchObject({ state: "CLOSED", verdict: "benign" });
    });

    it("divides a permit of a later list among the steps of the site in their order", async () => {
      let permits: readonly Permit[] = [];
      const queue = await open({ permits: () => permits });
      await queue.admit(raise(), now);
      await queue.admit(raise(second), now);
      permits = [permit];
      expect(await queue.judgePermitsAgain(now)).toBe(2);
      const { candidates } = (await queue.get(caseId, now))!.case;
      expect(candidates.map(({ permit: { verdict, allowanceKw } }) => ({ verdict, allowanceKw }))).toEqual([
        { verdict: "within", allowanceKw: 800 },
        { verdict: "exceeded", allowanceKw: 300 },
      ]);
    });

    it("moves a case nobody has taken with its revisions across the permit's limit", async () => {
      const queue = await open({ permits: [permit] });
      await queue.admit(raise(), now);
      expect(await queue.admit(revise({ stepKw: 1000 }), now)).toMatchObject({ state: "OPEN", lane: "permit_exceeded", caseId });
      expect(await queue.admit(revise({ stepKw: 790 }), now)).toMatchObject({ state: "AUTHORISED", caseId });
      expect((await queue.get(caseId, now))?.case).toMatchObject({ lane: "mining", excessKw: 0 });
    });

    it("takes a replaced list of permits from the next candidate on", async () => {
      let permits: Permit[] = [];
      const queue = await open({ permits: () => permits });
      await queue.admit(raise(), now);
      permits = [{ ...permit, meterId: "substation-2" }];
      const other = { meterId: "substation-2", candidateId: sampleCandidateId(7) };
      expect(await queue.admit(raise(other), now)).toMatchObject({ state: "AUTHORISED" });
      expect(await stateOf(queue)).toBe("OPEN");
    });
  });
}
