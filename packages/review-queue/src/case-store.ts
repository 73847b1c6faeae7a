import type { Candidate, Lane } from "@hashwatt/contracts";
import type { CaseRecord, CaseState, SiteRecord } from "./case-record.ts";

/** permits = the permits were judged again, by those of a later registry. */
export type Verb =
  | "raise"
  | "revise"
  | "withdraw"
  | "permits"
  | "claim"
  | "renew"
  | "release"
  | "decide"
  | "propose"
  | "confirm"
  | "reject";

/** One accepted verb. A case's entries have the versions 1, 2, 3, ... without gap. */
export interface LogEntry {
  readonly caseId: string;
  readonly meterId: string;
  /** Of the case after the verb. */
  readonly version: number;
  readonly atMs: number;
  readonly verb: Verb;
  /** A person, or "system: detector". */
  readonly by: string;
  /** State before, a lapse taken into account; null = the case is new. */
  readonly from: CaseState | null;
  readonly to: CaseState;
  /** The person whose lease had run out unnoticed before this verb. */
  readonly lapsedFrom?: string;
  readonly candidateId?: string;
  readonly verdict?: string;
  readonly reason?: string;
  readonly untilMs?: number;
}

export interface LogQuery {
  readonly caseId?: string;
  /** `id` of the last entry seen; default: from the beginning. */
  readonly after?: string;
  /** 1 to 1000, default 100. */
  readonly limit?: number;
}

export interface LogPage {
  /** `id` is opaque and in order within one store. */
  readonly entries: readonly (LogEntry & { readonly id: string })[];
}

/** What one accepted verb writes, all or nothing. */
export interface Commit {
  readonly case: CaseRecord;
  /** The record the verb was computed from, null = the case must not exist. Its version must still be the stored one. */
  readonly previous: CaseRecord | null;
  /** Written with the verbs of the detector; `site.version - 1` must still be the stored one. */
  readonly site: SiteRecord | null;
  readonly evidence: { readonly candidateId: string; readonly json: string } | null;
  readonly entry: LogEntry;
}

/** A case's place in the index of its state. Order: rank highest first, then case id. */
export interface IndexEntry {
  readonly rank: number;
  readonly caseId: string;
  readonly lane: Lane;
  readonly region: string;
}

export type IndexPosition = Pick<IndexEntry, "rank" | "caseId">;

/** Negative = `a` stands before `b`. */
export function compareIndexed(a: IndexPosition, b: IndexPosition): number {
  if (a.rank !== b.rank) return b.rank - a.rank;
  return a.caseId < b.caseId ? -1 : Number(a.caseId > b.caseId);
}

/**
 * Another writer moved a version between reading and writing: read again. Each failed attempt means that somebody else's succeeded,
 * and people and detector rarely meet on one case even twice.
 */
export const attemptLimit = 20;

/** Who writes: the detector may be refused when the store is full, people may not. */
export type Writer = "detector" | "person";

/**
 * What the verbs need of a store: compare versions and write, and read. It does not know what the states mean.
 * Everything rejects with QueueUnavailableError when the store cannot be reached.
 */
export interface CaseStore {
  sites(meterIds: readonly string[]): Promise<(SiteRecord | null)[]>;
  cases(caseIds: readonly string[]): Promise<(CaseRecord | null)[]>;
  evidence(candidateIds: readonly string[]): Promise<(Candidate | null)[]>;
  /** Each commit by itself, in order. false = a version had moved on, nothing of that commit was written. */
  commit(commits: readonly Commit[], writer: Writer): Promise<boolean[]>;
  /** Up to `count` entries of a state after a position, in order. */
  index(state: CaseState, after: IndexPosition | null, count: number): Promise<IndexEntry[]>;
  log(query: Required<Pick<LogQuery, "limit">> & LogQuery): Promise<LogPage>;
  close(): Promise<void>;
}
