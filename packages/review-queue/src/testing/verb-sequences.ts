import { verdicts, type CandidateMessage, type Permit } from "@hashwatt/contracts";
import * as fc from "fast-check";
import { caseIdOf } from "../case-record.ts";
import type { CaseView, ReviewQueue } from "../review-queue.ts";
import { sampleCandidate, sampleCandidateId, sampleNowMs } from "./sample-candidate.ts";

/** A small world, so that random verbs meet each other: two sites (the first with a permit), two candidates each, three people. */
const meterIds = ["site-a", "site-b"];
const people = ["ana", "bek", "dana"];
export const sequencePermits: Permit[] = [
  { permitId: "permit-1", meterId: "site-a", maxKw: 700, validFrom: "2021-12-01T00:00:00Z", validTo: null, holder: "" },
];

const site = fc.nat({ max: meterIds.length - 1 });
const person = fc.constantFrom(...people);
/** Mostly who holds the case, or verbs of holders would hardly ever be accepted. */
const actor = fc.constantFrom("holder", "holder", "holder", "holder", ...people);
/** fresh = what the queue says now; last = what this person was told last; other = nothing that was ever given out. */
const knowledge = fc.constantFrom("fresh", "fresh", "fresh", "fresh", "fresh", "fresh", "last", "other");

const steps = {
  candidate: fc.record({
    kind: fc.constant("candidate"),
    site,
    type: fc.constantFrom("raise", "raise", "revise", "withdraw"),
    number: fc.nat({ max: 1 }),
    stepKw: fc.constantFrom(-300, 300, 500, 900),
  }),
  claim: fc.record({ kind: fc.constant("claim"), site, by: person }),
  hold: fc.record({ kind: fc.constantFrom("renew", "renew", "release"), site, by: actor, version: knowledge, token: knowledge }),
  decide: fc.record({
    kind: fc.constant("decide"),
    site,
    by: actor,
    version: knowledge,
    token: knowledge,
    verdict: fc.constantFrom(...verdicts),
  }),
  second: fc.record({
    kind: fc.constant("second"),
    site,
    by: person,
    version: knowledge,
    answer: fc.constantFrom("confirm", "confirm", "reject"),
  }),
  wait: fc.record({ kind: fc.constant("wait"), minutes: fc.constantFrom(1, 10, 16) }),
  repeat: fc.record({ kind: fc.constant("repeat") }),
};

const anyStep = fc.oneof(
  { arbitrary: steps.candidate, weight: 4 },
  { arbitrary: steps.claim, weight: 5 },
  { arbitrary: steps.hold, weight: 2 },
  { arbitrary: steps.decide, weight: 3 },
  { arbitrary: steps.second, weight: 3 },
  { arbitrary: steps.wait, weight: 1 },
  { arbitrary: steps.repeat, weight: 1 },
);
export const sequences = fc.array(anyStep, { minLength: 20, maxLength: 60 });
export type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;
type HumanStep = Exclude<Step, { kind: "candidate" | "wait" | "repeat" }>;

interface Answer {
  readonly outcome: string;
  readonly repeated?: boolean;
  readonly case?: CaseView;
  readonly lease?: { readonly token: string };
}

interface Told {
  readonly version: number;
  readonly token: string;
}

/** One step as it was asked and answered, with every case of the world after it. */
export interface Trace {
  readonly step: Step;
  readonly request: unknown;
  readonly outcome: Answer;
  readonly before: readonly CaseView[];
  readonly after: readonly CaseView[];
}

/** Plays a sequence; every request is a function of the sequence and of what the queue answered. */
export async function play(queue: ReviewQueue, sequence: readonly Step[]): Promise<Trace[]> {
  const told = new Map<string, Told>();
  const traces: Trace[] = [];
  let nowMs = sampleNowMs;
  let last: { run: () => Promise<Answer>; request: unknown } | null = null;
  let before = await everyCase(queue, nowMs);
  for (const [i, step] of sequence.entries()) {
    let outcome: Answer = { outcome: "waited" };
    let request: unknown = null;
    if (step.kind === "wait") {
      nowMs += step.minutes * 60_000;
    } else if (step.kind === "repeat") {
      if (last !== null) {
        ({ request } = last);
        outcome = await last.run();
      }
    } else {
      const atMs = nowMs;
      const asked = step.kind === "candidate" ? { message: messageOf(step) } : requestOf(step, { before, told, key: `key-${i}` });
      request = asked;
      const run = () => ask(queue, step, asked, atMs);
      outcome = await run();
      last = { run, request };
      if ("by" in asked && step.kind !== "candidate") remember(told, step.site, asked.by, outcome);
    }
    const after = await everyCase(queue, nowMs);
    traces.push({ step, request, outcome, before, after });
    before = after;
  }
  return traces;
}

function messageOf(step: Extract<Step, { kind: "candidate" }>): CandidateMessage {
  const meterId = meterIds[step.site];
  const candidateId = sampleCandidateId(step.site * 16 + step.number);
  if (step.type === "withdraw") return { type: "withdraw", candidateId, meterId, at: "2022-01-09T00:00:00Z", reason: "gone" };
  return { type: step.type, candidate: sampleCandidate({ meterId, candidateId, stepKw: step.stepKw }) };
}

interface Known {
  readonly before: readonly CaseView[];
  readonly told: ReadonlyMap<string, Told>;
  readonly key: string;
}

/** Aimed at the newest case of the site. */
function requestOf(step: HumanStep, { before, told, key }: Known) {
  const cases = before.filter((view) => view.meterId === meterIds[step.site]).toSorted((a, b) => b.episode - a.episode);
  const by = step.by === "holder" ? (cases[0]?.lease?.by ?? people[0]) : step.by;
  const caseId = cases[0]?.caseId ?? caseIdOf(meterIds[step.site], 1);
  const mine = told.get(`${by} ${step.site}`);
  const anybodys = told.get(String(step.site));
  const version = "version" in step ? { fresh: cases[0]?.version ?? 0, last: mine?.version ?? 0, other: 99 }[step.version as "fresh"] : 0;
  const token = "token" in step ? { fresh: anybodys?.token ?? "", last: mine?.token ?? "", other: "none" }[step.token as "fresh"] : "";
  return { caseId, by, version, token, idempotencyKey: key };
}

async function ask(queue: ReviewQueue, step: Step, asked: { message: CandidateMessage } | ReturnType<typeof requestOf>, nowMs: number) {
  if ("message" in asked) return queue.admit(asked.message, nowMs);
  if (step.kind === "claim") return queue.claim({ caseId: asked.caseId, by: asked.by, idempotencyKey: asked.idempotencyKey }, nowMs);
  if (step.kind === "renew") return queue.renew(asked, nowMs);
  if (step.kind === "release") return queue.release(asked, nowMs);
  if (step.kind === "decide") return queue.decide({ ...asked, verdict: step.verdict, reason: "because" }, nowMs);
  if (step.kind !== "second") throw new Error(step.kind);
  return queue.second({ ...asked, answer: step.answer, reason: "because" }, nowMs);
}

function remember(told: Map<string, Told>, siteNumber: number, by: string, outcome: Answer): void {
  if (outcome.case === undefined) return;
  const before = told.get(`${by} ${siteNumber}`);
  const now = { version: outcome.case.version, token: outcome.lease?.token ?? before?.token ?? "" };
  told.set(`${by} ${siteNumber}`, now);
  if (outcome.lease !== undefined) told.set(String(siteNumber), now);
}

async function everyCase(queue: ReviewQueue, nowMs: number): Promise<readonly CaseView[]> {
  const states = ["OPEN", "CLAIMED", "SECOND", "CLOSED", "CONFIRMED", "AUTHORISED"] as const;
  return (await queue.list({ states, limit: 1000 }, nowMs)).cases;
}
