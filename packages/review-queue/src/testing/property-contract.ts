import type { CandidateMessage } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLive } from "../case-record.ts";
import type { CaseView, ReviewQueue } from "../review-queue.ts";
import type { OpenQueue } from "./opener.ts";
import { sampleCandidate, sampleCandidateId, sampleNowMs as now } from "./sample-candidate.ts";
import { play, sequencePermits, sequences, type Trace } from "./verb-sequences.ts";

const unchanging = [
  "taken",
  "stale",
  "lapsed",
  "wrong_state",
  "own_proposal",
  "unknown_case",
  "invalid",
  "key_reused",
  "repeated",
  "unknown_candidate",
  "waited",
];

/** Accepted, and not as the repeat of an earlier verb. */
function changes(trace: Trace): boolean {
  return !unchanging.includes(trace.outcome.outcome) && trace.outcome.repeated !== true;
}

function expectInvariants(traces: readonly Trace[]): void {
  /** Case id -> token of the last claim. */
  const tokens = new Map<string, string>();
  for (const trace of traces) {
    const { step, outcome, before, after } = trace;
    const request = trace.request as { caseId: string; by: string; version: number; token: string };
    const live = after.filter((view) => isLive(view.state)).map((view) => view.meterId);
    expect(new Set(live).size, "one live case a site").toBe(live.length);
    if (!changes(trace) && step.kind !== "wait") expect(after, "what is not accepted changes nothing").toEqual(before);
    const decides = outcome.outcome === "decided" || outcome.outcome === "proposed";
    if (decides && changes(trace)) {
      expect(request.version, "decided on the current version").toBe(before.find((view) => view.caseId === request.caseId)?.version);
      expect(request.token, "decided with the current token").toBe(tokens.get(request.caseId));
    }
    if (outcome.outcome === "claimed" && outcome.lease && changes(trace)) tokens.set(request.caseId, outcome.lease.token);
    if (step.kind === "candidate") expectReviewerFieldsUntouched(before, after);
    if (step.kind === "wait") expectNothingButLapses(before, after);
    for (const { disposition } of after) {
      const needsTwo = disposition?.verdict === "unauthorised" || disposition?.verdict === "authorised";
      if (needsTwo) expect([null, disposition.by], "the proposer never confirms").not.toContain(disposition.confirmedBy);
    }
  }
}

function expectReviewerFieldsUntouched(before: readonly CaseView[], after: readonly CaseView[]): void {
  for (const old of before.filter((view) => view.disposition !== null || view.state === "CLAIMED" || view.state === "SECOND")) {
    const { state, lease, proposal, dissents, verdict, disposition, closedBy } = after.find((view) => view.caseId === old.caseId)!;
    expect(old).toMatchObject({ state, lease, proposal, dissents, verdict, disposition, closedBy });
  }
}

function expectNothingButLapses(before: readonly CaseView[], after: readonly CaseView[]): void {
  for (const old of before) {
    const next = after.find((view) => view.caseId === old.caseId)!;
    if (old.state === "CLAIMED" && next.state === "OPEN") continue;
    expect(next, "time confirms, closes and authorises nothing").toEqual(old);
  }
}

async function expectOneLogEntryPerVerb(queue: ReviewQueue, traces: readonly Trace[]): Promise<void> {
  const cases = traces.at(-1)!.after;
  const logs = await Promise.all(cases.map((view) => queue.log({ caseId: view.caseId, limit: 1000 })));
  for (const [i, { entries }] of logs.entries()) {
    const versions = Array.from({ length: cases[i].version }, (_, version) => version + 1);
    expect(entries.map((entry) => entry.version)).toEqual(versions);
  }
  const all = await queue.log({ limit: 1000 });
  expect(all.entries).toHaveLength(traces.filter(changes).length);
}

export function propertyContract(open: OpenQueue, numRuns: number): void {
  describe("any sequence of verbs", () => {
    it("keeps one live case a site, fences every decision, logs each accepted verb once, and never lets the proposer confirm", async () => {
      await fc.assert(
        fc.asyncProperty(sequences, async (sequence) => {
          const queue = await open({ fourEyes: true, permits: sequencePermits });
          const traces = await play(queue, sequence);
          expectInvariants(traces);
          await expectOneLogEntryPerVerb(queue, traces);
        }),
        { numRuns },
      );
    });
  });

  describe("verbs at the same time", () => {
    it("admit candidates of one site into one case", async () => {
      const queue = await open();
      const messages = Array.from({ length: 12 }, (_, i): CandidateMessage => {
        return { type: "raise", candidate: sampleCandidate({ candidateId: sampleCandidateId(i) }) };
      });
      const outcomes = await Promise.all(messages.map((message) => queue.admit(message, now)));
      expect(outcomes.map((outcome) => outcome.outcome).toSorted()).toEqual([...Array<string>(11).fill("joined"), "opened"]);
      expect((await queue.list({}, now)).cases).toMatchObject([{ version: 12, seenCount: 12 }]);
    });

    it("open one live case where an old candidate comes back while a new one appears", async () => {
      const queue = await open();
      const [old, recent] = [1, 2].map((number) => sampleCandidate({ candidateId: sampleCandidateId(number) }));
      const withdrawal = { candidateId: old.candidateId, meterId: old.meterId, at: old.raisedAt, reason: "gap" };
      await queue.admitMany(
        [
          { type: "raise", candidate: old },
          { type: "withdraw", ...withdrawal },
        ],
        now,
      );
      await Promise.all([old, recent].map((candidate) => queue.admit({ type: "raise", candidate }, now)));
      expect((await queue.list({}, now)).cases).toHaveLength(1);
    });

    it("let exactly one of many decisions with the same version through", async () => {
      const queue = await open();
      await queue.admit({ type: "raise", candidate: sampleCandidate() }, now);
      const { caseId } = (await queue.list({}, now)).cases[0];
      const claimed = await queue.claim({ caseId, by: "ana" }, now);
      if (claimed.outcome !== "claimed") throw new Error(claimed.outcome);
      const request = { caseId, by: "ana", token: claimed.lease.token, version: claimed.case.version, reason: "x" };
      const decided = await Promise.all(
        (["benign", "data_fault", "cannot_tell"] as const).map((verdict) => queue.decide({ ...request, verdict }, now)),
      );
      expect(decided.filter((outcome) => outcome.outcome === "decided")).toHaveLength(1);
    });
  });
}

/** The same sequences give the same answers and the same cases on two stores. */
export function sameBehaviourContract(openOne: OpenQueue, openOther: OpenQueue, numRuns: number): void {
  it("answers any sequence of verbs the same on both stores", async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const policy = { fourEyes: true, permits: sequencePermits };
        const traces = await Promise.all([openOne, openOther].map(async (open) => play(await open(policy), sequence)));
        expect(traces[1]).toEqual(traces[0]);
      }),
      { numRuns },
    );
  });
}
