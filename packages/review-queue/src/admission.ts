/**
 * The moves of the detector (see state-machine.ts): pure, from a site, its cases and one message to the next records.
 *
 * Of a candidate the *last* message counts. After a crash the detector says everything since its checkpoint again, in the
 * same order, so the last message about each candidate, and with it every record here, ends as if nothing had happened.
 */
import { parseInstant, type Candidate, type CandidateMessage, type Lane, type Permit } from "@hashwatt/contracts";
import {
  caseIdOf,
  closedByPermit,
  closedByWithdrawal,
  digestOf,
  isLive,
  type CaseCandidate,
  type CaseRecord,
  type CaseState,
  type LedgerEntry,
  type SiteRecord,
} from "./case-record.ts";
import { judgePermits, type PermitJudgement } from "./permits.ts";
import { rankOf } from "./rank.ts";
import { lapseAt } from "./state-machine.ts";

/** What became of a message. */
export type AdmitOutcome =
  | {
      /**
       * opened     a new case, OPEN or (inside the permits) AUTHORISED
       * joined     the site's live case (or its authorised one) took the candidate in
       * revised    the candidate was known and says something new
       * withdrawn  the candidate is marked; `state` CLOSED when the case had nothing else
       */
      readonly outcome: "opened" | "joined" | "revised" | "withdrawn";
      readonly caseId: string;
      readonly version: number;
      readonly state: CaseState;
      readonly lane: Lane;
      readonly permit: PermitJudgement;
    }
  /** Said before, word for word: nothing changed, nothing logged. */
  | { readonly outcome: "repeated"; readonly caseId: string; readonly state: CaseState }
  /** A withdrawal of a candidate that was never admitted here. */
  | { readonly outcome: "unknown_candidate" }
  /** Numbers or times that are none; admitted they would break the order of the queue. */
  | { readonly outcome: "invalid"; readonly message: string };

export interface Admission {
  readonly outcome: AdmitOutcome;
  /** null = nothing to write. */
  readonly write: {
    readonly site: SiteRecord;
    readonly case: CaseRecord;
    /** The case as it was stored, null when it is new. */
    readonly previous: CaseRecord | null;
    /** The whole candidate as JSON, null where the message brought none. */
    readonly evidence: { readonly candidateId: string; readonly json: string } | null;
  } | null;
}

export interface SiteState {
  readonly site: SiteRecord;
  /** Holds at least the cases of `casesOfMessage`. */
  readonly cases: ReadonlyMap<string, CaseRecord>;
}

export function emptySite(meterId: string): SiteRecord {
  return { meterId, version: 0, episodes: 0, ledger: [] };
}

export function candidateIdOf(message: CandidateMessage): string {
  return message.type === "withdraw" ? message.candidateId : message.candidate.candidateId;
}

export function meterIdOf(message: CandidateMessage): string {
  return message.type === "withdraw" ? message.meterId : message.candidate.meterId;
}

/** Cases that `planAdmission` needs for a message: the site's newest, and the one that has the candidate already. */
export function casesOfMessage(site: SiteRecord, message: CandidateMessage): string[] {
  const known = ledgerEntry(site, candidateIdOf(message));
  const episodes = new Set([site.episodes, known?.episode ?? site.episodes]);
  episodes.delete(0);
  return [...episodes].map((episode) => caseIdOf(site.meterId, episode));
}

/** @param permits those of the meter (others do not harm). */
export function planAdmission(state: SiteState, message: CandidateMessage, permits: readonly Permit[], nowMs: number): Admission {
  if (message.type === "withdraw") return planWithdrawal(state, message, nowMs);
  const { site } = state;
  const problem = problemOf(message.candidate);
  if (problem !== null) return { outcome: { outcome: "invalid", message: problem }, write: null };
  const json = JSON.stringify(message.candidate);
  const entry = toEntry(message.candidate, digestOf(json), permits, site);
  const { home, before } = homeOf(state, entry.candidateId);
  if (home && before?.digest === entry.digest && before.withdrawn === null) return repeated(home);
  return place(state, message.candidate, entry, { evidence: { candidateId: entry.candidateId, json }, nowMs });
}

/**
 * Judges a candidate that stands against the permits as they are now: those of a registry that came later. Not done when a message is said again, or a
 * crash, which says messages again, would judge by the steps of today what was judged by those of then.
 */
export function planPermits(state: SiteState, candidate: Candidate, permits: readonly Permit[], nowMs: number): Admission | null {
  const { home, before } = homeOf(state, candidate.candidateId);
  if (!home || !before || before.withdrawn !== null) return null;
  const entry = toEntry(candidate, before.digest, permits, state.site);
  if (JSON.stringify(entry.permit) === JSON.stringify(before.permit)) return null;
  return place(state, candidate, entry, { evidence: { candidateId: entry.candidateId, json: JSON.stringify(candidate) }, nowMs });
}

/** The case that has the candidate already, and how it has it. */
function homeOf(state: SiteState, candidateId: string): { home: CaseRecord | undefined; before: CaseCandidate | undefined } {
  const known = ledgerEntry(state.site, candidateId);
  const home = known && caseOf(state, known.episode);
  return { home, before: home?.candidates.find((candidate) => candidate.candidateId === candidateId) };
}

/** Where a candidate that says something new belongs: its own case, the site's latest, or a new one. */
function place(state: SiteState, candidate: Candidate, entry: CaseCandidate, given: Given): Admission {
  const { site } = state;
  const { home, before } = homeOf(state, entry.candidateId);
  if (home && before && !isOutlived(home, entry, site)) return planRevision(site, home, entry, given);
  const latest = caseOf(state, site.episodes);
  if (latest && takesIn(latest, entry)) return planJoin(site, latest, entry, given);
  return planOpening(site, latest, candidate, entry, given.evidence);
}

function problemOf(candidate: Candidate): string | null {
  const { candidateId, meterId, stepKw, stepKwLow, stepKwHigh, score, evidence } = candidate;
  const numbers = { stepKw, stepKwLow, stepKwHigh, score, incrementKw: kwhPerDayOf(evidence) };
  const times = { onset: parseInstant(candidate.onset), raisedAt: parseInstant(candidate.raisedAt) };
  const wrong = Object.entries({ ...numbers, ...times }).find(([, value]) => !Number.isFinite(value));
  return wrong === undefined ? null : `candidate ${candidateId} of ${meterId} has no usable ${wrong[0]}`;
}

function kwhPerDayOf(evidence: Candidate["evidence"]): number {
  return Math.abs(evidence.incrementKw.reduce((sum, kw) => sum + kw, 0));
}

/** Whether a new candidate of the site belongs to this case: people still work on it, or it holds licensed load and so does the candidate. */
function takesIn(record: CaseRecord, entry: CaseCandidate): boolean {
  return isLive(record.state) || (record.state === "AUTHORISED" && entry.permit.verdict === "within");
}

function repeated(record: CaseRecord): Admission {
  return { outcome: { outcome: "repeated", caseId: record.caseId, state: record.state }, write: null };
}

interface Given {
  readonly evidence: { candidateId: string; json: string };
  readonly nowMs: number;
}

function planOpening(
  site: SiteRecord,
  latest: CaseRecord | undefined,
  candidate: Candidate,
  entry: CaseCandidate,
  evidence: Given["evidence"],
): Admission {
  const episode = site.episodes + 1;
  const opened = settle({
    caseId: caseIdOf(site.meterId, episode),
    meterId: site.meterId,
    areaId: candidate.areaId,
    region: candidate.region,
    episode,
    version: 1,
    state: "OPEN",
    lane: candidate.lane,
    rank: 0,
    rankParts: { kwhPerDayAtRisk: 0, score: 0 },
    excessKw: 0,
    candidates: [entry],
    leadingCandidateId: entry.candidateId,
    seenCount: 1,
    firstSeen: entry.raisedAt,
    lastSeen: entry.raisedAt,
    evidenceDigest: "",
    recurrenceOf: latest?.caseId ?? null,
    lease: null,
    lapseCount: 0,
    proposal: null,
    dissents: [],
    verdict: null,
    disposition: null,
    closedBy: null,
    receipts: [],
  });
  return written("opened", withLedger({ ...site, episodes: episode }, entry, episode), { next: opened, previous: null }, entry, evidence);
}

function planJoin(site: SiteRecord, stored: CaseRecord, entry: CaseCandidate, given: Given): Admission {
  const record = lapseAt(stored, given.nowMs);
  const candidates = [...record.candidates.filter((other) => other.candidateId !== entry.candidateId), entry];
  const next = settle({ ...record, version: record.version + 1, candidates, seenCount: record.seenCount + 1 });
  return written("joined", withLedger(site, entry, record.episode), { next, previous: stored }, entry, given.evidence);
}

function planRevision(site: SiteRecord, stored: CaseRecord, entry: CaseCandidate, given: Given): Admission {
  const before = stored.candidates.find((candidate) => candidate.candidateId === entry.candidateId)!;
  const record = lapseAt(stored, given.nowMs);
  const candidates = record.candidates.map((candidate) => (candidate === before ? entry : candidate));
  const seenCount = record.seenCount + (before.withdrawn === null ? 0 : 1);
  const next = settle({ ...record, version: record.version + 1, candidates, seenCount });
  return written("revised", withLedger(site, entry, record.episode), { next, previous: stored }, entry, given.evidence);
}

function planWithdrawal(state: SiteState, message: CandidateMessage & { type: "withdraw" }, nowMs: number): Admission {
  const { site } = state;
  const known = ledgerEntry(site, message.candidateId);
  const stored = known && caseOf(state, known.episode);
  const before = stored?.candidates.find((candidate) => candidate.candidateId === message.candidateId);
  if (stored === undefined || before === undefined) return { outcome: { outcome: "unknown_candidate" }, write: null };
  if (before.withdrawn !== null) return repeated(stored);
  const record = lapseAt(stored, nowMs);
  const entry = { ...before, withdrawn: { at: message.at, reason: message.reason } };
  const candidates = record.candidates.map((candidate) => (candidate === before ? entry : candidate));
  const next = settle({ ...record, version: record.version + 1, candidates });
  return written("withdrawn", withLedger(site, entry, record.episode), { next, previous: stored }, entry, null);
}

/**
 * Machine fields of a case from its candidates, and the state where no person holds or has decided it.
 * An authorised case whose candidates are all withdrawn stays as it is (flagged): it was no alarm, there is nothing to close.
 */
function settle(record: CaseRecord): CaseRecord {
  const standing = record.candidates.filter((candidate) => candidate.withdrawn === null);
  const machine = { ...record, ...summarise(record.candidates, standing) };
  if (record.disposition !== null || record.state === "CLAIMED" || record.state === "SECOND") return machine;
  if (standing.length === 0) {
    return record.state === "OPEN" ? { ...machine, state: "CLOSED", closedBy: closedByWithdrawal } : machine;
  }
  if (standing.every((candidate) => candidate.permit.verdict === "within")) {
    return { ...machine, state: "AUTHORISED", closedBy: closedByPermit };
  }
  return { ...machine, state: "OPEN", closedBy: null };
}

type MachineFields = Pick<
  CaseRecord,
  "lane" | "rank" | "rankParts" | "excessKw" | "leadingCandidateId" | "firstSeen" | "lastSeen" | "evidenceDigest"
>;

function summarise(candidates: readonly CaseCandidate[], standing: readonly CaseCandidate[]): MachineFields {
  // What is inside the permits is not at risk; where nothing else is left it is ranked as it stands.
  const notLicensed = standing.filter((candidate) => candidate.permit.verdict !== "within");
  const atRisk = [notLicensed, standing, candidates].find((list) => list.length > 0)!;
  const leading = atRisk.reduce((best, candidate) => (expectedKwh(candidate) > expectedKwh(best) ? candidate : best));
  const kwhPerDayAtRisk = atRisk.reduce((sum, candidate) => sum + kwhAtRisk(candidate), 0);
  const expected = atRisk.reduce((sum, candidate) => sum + expectedKwh(candidate), 0);
  const score = kwhPerDayAtRisk > 0 ? expected / kwhPerDayAtRisk : leading.score;
  const seen = candidates.toSorted((a, b) => parseInstant(a.raisedAt) - parseInstant(b.raisedAt));
  const excessKw = standing.reduce((sum, candidate) => sum + candidate.permit.excessKw, 0);
  return {
    lane: excessKw > 0 ? "permit_exceeded" : leading.lane,
    rank: rankOf(kwhPerDayAtRisk, score, parseInstant(seen[0].raisedAt)),
    rankParts: { kwhPerDayAtRisk, score },
    excessKw,
    leadingCandidateId: leading.candidateId,
    firstSeen: seen[0].raisedAt,
    lastSeen: seen.at(-1)!.raisedAt,
    evidenceDigest: digestOf(candidates.map((c) => `${c.candidateId} ${c.digest} ${c.withdrawn === null}`).join("\n")),
  };
}

function expectedKwh(candidate: CaseCandidate): number {
  return kwhAtRisk(candidate) * candidate.score;
}

/** Above a permit only the excess is at risk: the same share of each hour. */
function kwhAtRisk(candidate: CaseCandidate): number {
  if (candidate.permit.verdict !== "exceeded") return candidate.kwhPerDay;
  return candidate.kwhPerDay * Math.min(1, candidate.permit.excessKw / Math.max(candidate.stepKw, candidate.stepKwLow));
}

function toEntry(candidate: Candidate, digest: string, permits: readonly Permit[], site: SiteRecord): CaseCandidate {
  const { meterId: _meter, areaId: _area, region: _region, evidence, ...rest } = candidate;
  const position = site.ledger.findIndex((entry) => entry.candidateId === candidate.candidateId);
  const before = position < 0 ? site.ledger : site.ledger.slice(0, position);
  const permit = judgePermits(
    candidate,
    permits,
    before.filter((entry) => !entry.withdrawn),
  );
  return { ...rest, kwhPerDay: kwhPerDayOf(evidence), digest, permit, withdrawn: null };
}

/**
 * A case that nobody decided and that a later case of the site has followed must not become live again beside that one. A candidate
 * of it that stands up again (raised after its withdrawal, or grown out of the permits) goes on in the later case, or in a new one.
 */
function isOutlived(record: CaseRecord, entry: CaseCandidate, site: SiteRecord): boolean {
  if (record.episode === site.episodes || record.disposition !== null) return false;
  return record.state === "CLOSED" || entry.permit.verdict !== "within";
}

function ledgerEntry(site: SiteRecord, candidateId: string): LedgerEntry | undefined {
  return site.ledger.find((entry) => entry.candidateId === candidateId);
}

function caseOf(state: SiteState, episode: number): CaseRecord | undefined {
  return state.cases.get(caseIdOf(state.site.meterId, episode));
}

function withLedger(site: SiteRecord, candidate: CaseCandidate, episode: number): SiteRecord {
  const { candidateId, direction, onset, stepKw } = candidate;
  const entry = { candidateId, episode, direction, onset, stepKw, withdrawn: candidate.withdrawn !== null };
  const position = site.ledger.findIndex((other) => other.candidateId === candidateId);
  const ledger = position < 0 ? [...site.ledger, entry] : site.ledger.with(position, entry);
  return { ...site, version: site.version + 1, ledger };
}

function written(
  outcome: "opened" | "joined" | "revised" | "withdrawn",
  site: SiteRecord,
  record: { next: CaseRecord; previous: CaseRecord | null },
  entry: CaseCandidate,
  evidence: Given["evidence"] | null,
): Admission {
  const { caseId, version, state, lane } = record.next;
  return {
    outcome: { outcome, caseId, version, state, lane, permit: entry.permit },
    write: { site, case: record.next, previous: record.previous, evidence },
  };
}
