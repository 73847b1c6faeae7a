import type { Candidate, CandidateMessage, Lane, Permit, Verdict } from "@hashwatt/contracts";
import type { AdmitOutcome } from "./admission.ts";
import type { CaseRecord, CaseState, Lease } from "./case-record.ts";
import type { LogPage, LogQuery } from "./case-store.ts";
import type { CaseFlag, HolderRefusal, Refusal, SecondRefusal } from "./state-machine.ts";

/** A case as it is shown at a time: a lease that has run out is gone, and nobody reads another's token. */
export interface CaseView extends Omit<CaseRecord, "lease" | "receipts"> {
  readonly lease: Omit<Lease, "token"> | null;
  readonly flags: readonly CaseFlag[];
}

export interface CaseDetail {
  readonly case: CaseView;
  /** Whole candidates with evidence, in the order of `case.candidates`. */
  readonly candidates: readonly Candidate[];
}

export interface CaseQuery {
  /** Default: the live ones (OPEN, CLAIMED, SECOND). */
  readonly states?: readonly CaseState[];
  readonly lane?: Lane;
  readonly region?: string;
  /** 1 to 1000, default 100. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** Sorted by rank, highest first. A page may be shorter than the limit; only nextCursor null means that nothing follows. */
export interface CasePage {
  readonly cases: readonly CaseView[];
  readonly nextCursor: string | null;
}

/** What each verb of a person is given. `idempotencyKey`: a repeat with the same key gets the first answer and changes nothing. */
interface HumanRequest {
  readonly caseId: string;
  /** Who acts; never empty, never beginning with "system". */
  readonly by: string;
  readonly idempotencyKey?: string;
}

/** `version` as last read, `token` as given by claim. */
interface HolderRequest extends HumanRequest {
  readonly version: number;
  readonly token: string;
}

/** Length of a lease: 1 s to 8 h, default 15 min. */
interface LeaseLength {
  readonly leaseMs?: number;
}

export type ClaimRequest = HumanRequest & LeaseLength;
export type RenewRequest = HolderRequest & LeaseLength;
export type ReleaseRequest = HolderRequest;
export interface DecideRequest extends HolderRequest {
  readonly verdict: Verdict;
  readonly reason: string;
}
export interface SecondRequest extends HumanRequest {
  readonly version: number;
  readonly answer: "confirm" | "reject";
  /** Required for reject. */
  readonly reason?: string;
}

/** Refusals that every verb of a person can meet before the case itself is asked. */
type CommonRefusal =
  | { readonly outcome: "unknown_case" }
  /** The request itself is wrong; `message` says what and what to do. */
  | { readonly outcome: "invalid"; readonly message: string }
  /** The idempotency key was used on this case for another request. */
  | { readonly outcome: "key_reused" };

interface Done<Name extends string> {
  readonly outcome: Name;
  readonly case: CaseView;
  /** true = this was a repeat; `case` is as it is now. */
  readonly repeated: boolean;
}

interface Leased {
  readonly lease: { readonly token: string; readonly untilMs: number };
}

export type ClaimOutcome = (Done<"claimed"> & Leased) | Extract<Refusal, { outcome: "taken" | "wrong_state" }> | CommonRefusal;
export type RenewOutcome = (Done<"renewed"> & Leased) | HolderRefusal | CommonRefusal;
export type ReleaseOutcome = Done<"released"> | HolderRefusal | CommonRefusal;
/** proposed = the verdict waits for a second person. */
export type DecideOutcome = Done<"decided"> | Done<"proposed"> | HolderRefusal | CommonRefusal;
export type SecondOutcome = Done<"confirmed"> | Done<"rejected"> | SecondRefusal | CommonRefusal;

/**
 * The cases people work on. Two stores: `openRedisQueue` and `openMemoryQueue`.
 *
 * Each verb is atomic, idempotent, fenced by version and lease token, and leaves exactly one log entry when it is accepted.
 * Expected refusals are outcomes, not exceptions. Every method rejects with QueueUnavailableError when the store cannot be asked.
 * `nowMs` is the caller's clock (milliseconds since 1970): it decides only whether a lease has run out.
 */
export interface ReviewQueue {
  /** Takes in one message of the detector. */
  admit(message: CandidateMessage, nowMs: number): Promise<AdmitOutcome>;
  /** The same for many, in order, each atomic by itself; one outcome a message. After an error, repeat the whole call. */
  admitMany(messages: readonly CandidateMessage[], nowMs: number): Promise<AdmitOutcome[]>;
  /**
   * Judges what stands in cases that nobody decided by the permits as they are now: for a list that came later. Returns how many judgements changed; each is
   * a log entry. What it leaves of an error is made good by repeating it.
   */
  judgePermitsAgain(nowMs: number): Promise<number>;
  /** Throws RangeError on a limit or cursor that is none. */
  list(query: CaseQuery, nowMs: number): Promise<CasePage>;
  /** null = there is no such case. */
  get(caseId: string, nowMs: number): Promise<CaseDetail | null>;
  claim(request: ClaimRequest, nowMs: number): Promise<ClaimOutcome>;
  renew(request: RenewRequest, nowMs: number): Promise<RenewOutcome>;
  release(request: ReleaseRequest, nowMs: number): Promise<ReleaseOutcome>;
  decide(request: DecideRequest, nowMs: number): Promise<DecideOutcome>;
  /** The second person's answer to a proposed verdict. */
  second(request: SecondRequest, nowMs: number): Promise<SecondOutcome>;
  /** Accepted verbs in the order they happened: of one case, or of all. Throws RangeError on a limit or id that is none. */
  log(query: LogQuery): Promise<LogPage>;
  close(): Promise<void>;
}

export interface QueuePolicy {
  /**
   * Verdicts that one person cannot give alone. true = unauthorised and authorised: the two that act against or for somebody.
   * A list names them freely, e.g. all `verdicts`, so that a dismissal needs two people as well. Default false.
   */
  readonly fourEyes?: boolean | readonly Verdict[];
  /** Permits that candidates are judged against; a function is asked at each admission, so that the list can be replaced. */
  readonly permits?: readonly Permit[] | (() => readonly Permit[]);
}

export interface OpenedQueue {
  readonly queue: ReviewQueue;
  /** Plain sentences about what is allowed but should be known. */
  readonly warnings: readonly string[];
}
