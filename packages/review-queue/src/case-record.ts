import { hash } from "node:crypto";
import type { Candidate, Disposition, Lane, Verdict } from "@hashwatt/contracts";
import type { PermitJudgement } from "./permits.ts";

/** Every state of a case; what each holds and every move between them: see state-machine.ts. */
export const caseStates = ["OPEN", "CLAIMED", "SECOND", "CLOSED", "CONFIRMED", "AUTHORISED"] as const;
export type CaseState = (typeof caseStates)[number];

/** States of a case that people still have to work on. A site has at most one case in one of them. */
export const liveStates: readonly CaseState[] = ["OPEN", "CLAIMED", "SECOND"];

export function isLive(state: CaseState): boolean {
  return liveStates.includes(state);
}

/**
 * A candidate as its case lists it: everything but the evidence, which is stored apart under the candidate's id, because a
 * page of 1000 cases with their series would be 10 MB instead of 1 MB. Event times are ISO text as received.
 */
export interface CaseCandidate extends Omit<Candidate, "meterId" | "areaId" | "region" | "evidence"> {
  /** Energy of the increment over one day, kWh, never negative. */
  readonly kwhPerDay: number;
  /** Of the whole candidate with its evidence: two messages with the same digest say the same. */
  readonly digest: string;
  readonly permit: PermitJudgement;
  /** When and why the detector took it back; null = it stands. */
  readonly withdrawn: { readonly at: string; readonly reason: string } | null;
}

/** The sole right of one person to decide a case until a time. Clock times (`...Ms`) are milliseconds since 1970. */
export interface Lease {
  readonly by: string;
  /** New with each claim, so that an older claim (another tab, a process that was thought dead) cannot write any more. */
  readonly token: string;
  readonly untilMs: number;
}

/** A verdict that waits for a second person. */
export interface Proposal {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
  /** The case's evidenceDigest at the time: shows whether the proposer saw what is there now. */
  readonly evidenceDigest: string;
}

/** A proposal that the second person (or the proposer) did not let stand. */
export interface Dissent extends Proposal {
  readonly rejectedBy: string;
  readonly rejectedAtMs: number;
  readonly rejectedReason: string;
}

/** The verdict of people; `by` decided or proposed, `confirmedBy` is the second person where four eyes were needed. */
export interface CaseDisposition extends Disposition {
  readonly confirmedBy: string | null;
  readonly evidenceDigest: string;
}

/** What an accepted verb of a person answered, kept under its idempotency key so that a repeat gets the same answer. */
export interface Receipt {
  readonly key: string;
  /** Digest of the request: the same key with another request is a mistake of the caller. */
  readonly fingerprint: string;
  readonly outcome: string;
  readonly lease: { readonly token: string; readonly untilMs: number } | null;
}

/** Receipts kept per case. A retry comes within seconds; 16 verbs on one case take minutes at the least. */
export const receiptLimit = 16;

/**
 * One open or finished episode on one site. Immutable: each accepted verb makes the next record with `version` + 1.
 * Machine fields (candidates, lane, rank, ...) are written by `admit` only, reviewer fields (lease, proposal, disposition,
 * dissents) by people's verbs only.
 */
export interface CaseRecord {
  readonly caseId: string;
  readonly meterId: string;
  readonly areaId: string;
  readonly region: string;
  /** 1 for the first case of the site. */
  readonly episode: number;
  readonly version: number;
  readonly state: CaseState;
  readonly lane: Lane;
  /** ln(kWh per day at risk x score) - firstSeen / 14 d; higher first. */
  readonly rank: number;
  readonly rankParts: { readonly kwhPerDayAtRisk: number; readonly score: number };
  /** What exceeds the permits, kW; 0 where the lane is another. */
  readonly excessKw: number;
  readonly candidates: readonly CaseCandidate[];
  /** The candidate the case is named by: the one with most kWh x score. */
  readonly leadingCandidateId: string;
  /** How often a candidate was raised into this case. */
  readonly seenCount: number;
  /** Event time at which its first and last candidates were raised. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly evidenceDigest: string;
  /** The site's case before this one. */
  readonly recurrenceOf: string | null;
  readonly lease: Lease | null;
  /** Leases that ran out without release or decision. */
  readonly lapseCount: number;
  readonly proposal: Proposal | null;
  readonly dissents: readonly Dissent[];
  /** null while nobody has decided, and where the system closed the case. */
  readonly verdict: Verdict | null;
  readonly disposition: CaseDisposition | null;
  /** The person whose word was last, "system: withdrawn" or "system: permit"; null while the case is live. */
  readonly closedBy: string | null;
  readonly receipts: readonly Receipt[];
}

/** What a site remembers of a candidate: enough to know it again, and how much of the permits it used up. */
export interface LedgerEntry {
  readonly candidateId: string;
  readonly episode: number;
  readonly direction: Candidate["direction"];
  readonly onset: string;
  readonly stepKw: number;
  readonly withdrawn: boolean;
}

/** One meter's ledger of every candidate ever admitted, in order of admission. Its version moves with every machine write. */
export interface SiteRecord {
  readonly meterId: string;
  readonly version: number;
  /** Cases opened so far; the newest case is this episode. */
  readonly episodes: number;
  readonly ledger: readonly LedgerEntry[];
}

/** Deterministic: the same meter and episode give the same id on every store. */
export function caseIdOf(meterId: string, episode: number): string {
  return `${hash("sha256", meterId).slice(0, 16)}-${episode}`;
}

/** 16 hexadecimal digits of SHA-256: 64 bits tell apart what ever meets under one key. */
export function digestOf(text: string): string {
  return hash("sha256", text).slice(0, 16);
}

export const closedByWithdrawal = "system: withdrawn";
export const closedByPermit = "system: permit";
