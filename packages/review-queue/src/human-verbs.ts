import { verdicts, type Verdict } from "@hashwatt/contracts";
import { digestOf, receiptLimit, type CaseRecord, type Receipt } from "./case-record.ts";
import { attemptLimit, type CaseStore, type LogEntry, type Verb } from "./case-store.ts";
import { viewOf } from "./list-cases.ts";
import { QueueUnavailableError } from "./queue-errors.ts";
import type { CaseView, ReviewQueue } from "./review-queue.ts";
import { claimMove, decideMove, lapseAt, releaseMove, renewMove, secondMove, type Move, type Refusal } from "./state-machine.ts";

const defaultLeaseMs = 15 * 60_000;
const leaseMsLimits = { from: 1_000, to: 8 * 3_600_000 } as const;

/** The log's name of each thing that can come of a verb. */
const verbOf = {
  claimed: "claim",
  renewed: "renew",
  released: "release",
  decided: "decide",
  proposed: "propose",
  confirmed: "confirm",
  rejected: "reject",
} as const satisfies Record<string, Verb>;
type Accepted = keyof typeof verbOf;

interface Request {
  readonly caseId: string;
  readonly by: string;
  readonly idempotencyKey?: string;
  readonly version?: number;
  readonly leaseMs?: number;
  readonly verdict?: Verdict;
  readonly reason?: string;
}

interface Done<Name extends Accepted> {
  readonly outcome: Name;
  readonly case: CaseView;
  readonly repeated: boolean;
  readonly lease: { readonly token: string; readonly untilMs: number };
}

type CommonRefusal = { outcome: "unknown_case" } | { outcome: "key_reused" } | { outcome: "invalid"; message: string };

/** The verbs of people: read, move, write if nobody else did; see state-machine.ts for the moves. */
export function createHumanVerbs(
  store: CaseStore,
  fourEyes: readonly Verdict[],
): Pick<ReviewQueue, "claim" | "renew" | "release" | "decide" | "second"> {
  return {
    claim(request, nowMs) {
      const leaseMs = request.leaseMs ?? defaultLeaseMs;
      return perform(store, "claim", request, nowMs, (record) => claimMove(record, { by: request.by, leaseMs }, nowMs));
    },
    renew(request, nowMs) {
      const leaseMs = request.leaseMs ?? defaultLeaseMs;
      return perform(store, "renew", request, nowMs, (record) => renewMove(record, { ...request, leaseMs }, nowMs));
    },
    release: (request, nowMs) => perform(store, "release", request, nowMs, (record) => releaseMove(record, request, nowMs)),
    async decide(request, nowMs) {
      const problem = verdicts.includes(request.verdict)
        ? reasonProblem(request.reason)
        : `verdict "${request.verdict}" is none of ${verdicts.join(", ")}`;
      if (problem !== null) return { outcome: "invalid", message: problem };
      const needsSecond = fourEyes.includes(request.verdict);
      return perform(store, "decide", request, nowMs, (record) => decideMove(record, { ...request, needsSecond }, nowMs));
    },
    async second(request, nowMs) {
      const reason = request.reason ?? "";
      const problem = request.answer === "reject" ? reasonProblem(reason) : null;
      if (problem !== null) return { outcome: "invalid", message: problem };
      return perform(store, "second", request, nowMs, (record) => secondMove(record, { ...request, reason }, nowMs));
    },
  };
}

async function perform<Name extends Accepted, Refused extends Refusal>(
  store: CaseStore,
  verb: string,
  request: Request,
  nowMs: number,
  move: (record: CaseRecord) => Move<Name, Refused>,
): Promise<Done<Name> | Refused | CommonRefusal> {
  const problem = requestProblem(request);
  if (problem !== null) return { outcome: "invalid", message: problem };
  const fingerprint = digestOf(JSON.stringify([verb, Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1))]));
  for (let attempt = 0; attempt < attemptLimit; attempt++) {
    const [record] = await store.cases([request.caseId]);
    if (!record) return { outcome: "unknown_case" };
    const receipt = record.receipts.find((other) => other.key === request.idempotencyKey);
    if (receipt !== undefined) {
      if (receipt.fingerprint !== fingerprint) return { outcome: "key_reused" };
      return answer(receipt.outcome as Name, record, receipt.lease, true, nowMs);
    }
    const moved = move(record);
    if (!moved.accepted) return moved.refusal;
    const next = withReceipt(moved.next, request.idempotencyKey, fingerprint, moved.outcome);
    const entry = entryOf(record, next, verbOf[moved.outcome], request, nowMs);
    const [isWritten] = await store.commit([{ case: next, previous: record, site: null, evidence: null, entry }], "person");
    if (isWritten) return answer(moved.outcome, next, next.lease, false, nowMs);
  }
  throw new QueueUnavailableError(
    "contended",
    `case ${request.caseId} was changed by others ${attemptLimit} times in a row; repeat the call`,
  );
}

/** The first time and each time it is repeated: the same outcome and lease, with the case as it is now. */
function answer<Name extends Accepted>(
  outcome: Name,
  record: CaseRecord,
  lease: Receipt["lease"],
  repeated: boolean,
  nowMs: number,
): Done<Name> {
  const done = { outcome, case: viewOf(record, nowMs), repeated };
  // Only claim and renew leave a lease; the public types of the others do not show the field.
  return (lease === null ? done : { ...done, lease: { token: lease.token, untilMs: lease.untilMs } }) as Done<Name>;
}

function withReceipt(record: CaseRecord, key: string | undefined, fingerprint: string, outcome: string): CaseRecord {
  if (key === undefined) return record;
  const lease = record.lease && { token: record.lease.token, untilMs: record.lease.untilMs };
  return { ...record, receipts: [...record.receipts, { key, fingerprint, outcome, lease }].slice(-receiptLimit) };
}

function entryOf(stored: CaseRecord, next: CaseRecord, verb: Verb, request: Request, nowMs: number): LogEntry {
  const before = lapseAt(stored, nowMs);
  const verdict = request.verdict ?? (verb === "confirm" || verb === "reject" ? stored.proposal?.verdict : undefined);
  return {
    caseId: next.caseId,
    meterId: next.meterId,
    version: next.version,
    atMs: nowMs,
    verb,
    by: request.by,
    from: before.state,
    to: next.state,
    ...(before !== stored && { lapsedFrom: stored.lease!.by }),
    ...(verdict !== undefined && { verdict }),
    ...(request.reason !== undefined && request.reason !== "" && { reason: request.reason }),
    ...(next.lease && { untilMs: next.lease.untilMs }),
  };
}

function requestProblem(request: Request): string | null {
  const { by, idempotencyKey, leaseMs = defaultLeaseMs } = request;
  if (by.trim() === "" || by.toLowerCase().startsWith("system")) {
    return `by "${by}" is no person: it must not be empty and must not begin with "system"`;
  }
  if (idempotencyKey !== undefined && (idempotencyKey === "" || idempotencyKey.length > 200)) {
    return `idempotencyKey has ${idempotencyKey.length} characters; give 1 to 200`;
  }
  if (!Number.isInteger(leaseMs) || leaseMs < leaseMsLimits.from || leaseMs > leaseMsLimits.to) {
    return `leaseMs ${leaseMs} is not a whole number from ${leaseMsLimits.from} to ${leaseMsLimits.to}`;
  }
  return null;
}

function reasonProblem(reason: string): string | null {
  if (reason.trim() === "") return "reason is empty; say in a sentence why";
  return reason.length > 4000 ? `reason has ${reason.length} characters; at most 4000 are kept` : null;
}
