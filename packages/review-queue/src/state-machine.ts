/**
 * The states of a case and every move between them.
 *
 * What each state holds
 *   OPEN        waits for a person. No lease, no proposal, no verdict.
 *   CLAIMED     one person holds the lease. When the lease has run out, the case *is* OPEN again: nothing runs at that moment;
 *               each verb compares lease.untilMs with the time it was given (`lapseAt`), so a lapse needs no timer and cannot be
 *               missed by a process that is down.
 *   SECOND      a verdict is proposed and waits for another person (four eyes). No lease.
 *   CLOSED      decided benign, data_fault or cannot_tell by people; or by the system ("system: withdrawn", verdict null).
 *   CONFIRMED   decided unauthorised.
 *   AUTHORISED  decided authorised by people; or all standing candidates are inside the meter's permits ("system: permit",
 *               verdict null): recorded and shown, no alarm.
 *   Live = OPEN, CLAIMED, SECOND. A site has at most one live case.
 *
 *   from                     verb (who)                 to                    guard
 *   -                        admit raise (detector)     OPEN                  no live case at the site; not inside the permits
 *   -                        admit raise (detector)     AUTHORISED            the same, but inside the permits
 *   OPEN CLAIMED SECOND      admit raise (detector)     same                  joins: seenCount + 1, machine fields and rank anew
 *   AUTHORISED               admit raise (detector)     same                  inside the permits as well: joins, counted only
 *   CLOSED CONFIRMED AUTH.   admit raise (detector)     new case OPEN         new candidate; `recurrenceOf` names the old case
 *   any                      admit raise/revise of a    same (*)              replaces the candidate's machine fields; reviewer fields
 *                            candidate it contains                            stay. Said again unchanged: nothing happens at all
 *   OPEN                     admit withdraw             CLOSED                no other candidate stands; closedBy "system: withdrawn"
 *   any other                admit withdraw             same (*)              the candidate is marked; the case carries a flag
 *   OPEN AUTHORISED (*)      permits (detector)         by its candidates     permits of a later registry judge a candidate otherwise; a case
 *                                                                             of people keeps its state
 *   OPEN                     claim (person)             CLAIMED               one winner; others get "taken"
 *   CLAIMED                  claim (its holder)         CLAIMED               new token: the holder's other tab is fenced off
 *   CLAIMED                  renew / release (holder)   CLAIMED / OPEN        current version and token, lease not run out
 *   CLAIMED                  decide (holder)            CLOSED CONFIRMED      the same; AUTHORISED likewise. Where the verdict needs
 *                                                       AUTHORISED | SECOND   four eyes it goes to SECOND as a proposal instead
 *   SECOND                   second confirm (another)   by its verdict        current version; never the proposer
 *   SECOND                   second reject (anyone)     OPEN                  current version; the dissent is kept. By the proposer it is
 *                                                                             a withdrawal of the proposal
 *   (*) Nobody has decided or holds the case => its state follows from its candidates (`settle` in admission.ts): none stands: CLOSED;
 *       all inside the permits: AUTHORISED; else OPEN. So a revision can move OPEN <-> AUTHORISED, and a candidate raised again
 *       after a withdrawal re-opens the case that only the system had closed. What people decided is never touched by a machine.
 *
 * No move happens by time alone but CLAIMED -> OPEN: time never confirms, closes or authorises.
 * Every accepted verb: version + 1 and exactly one log entry. A refused or repeated one changes nothing and logs nothing.
 * Later states (SNOOZED, MERGED, visit results) add rows here and names to `caseStates`; the stores do not know the states' meaning.
 *
 * The moves of people are below, the moves of the detector in admission.ts. Both are pure: the stores only compare versions and write.
 */
import { formatInstant, type Verdict } from "@hashwatt/contracts";
import { isLive, type CaseRecord, type CaseState } from "./case-record.ts";

/** Why a person's verb was refused; `case` is what the caller should look at instead. */
export type Refusal =
  | { readonly outcome: "taken"; readonly by: string; readonly untilMs: number }
  | { readonly outcome: "stale"; readonly version: number }
  | { readonly outcome: "lapsed"; readonly untilMs: number }
  | { readonly outcome: "wrong_state"; readonly state: CaseState }
  | { readonly outcome: "own_proposal"; readonly by: string };

export type Move<Name extends string, Refused extends Refusal> =
  | { readonly accepted: true; readonly outcome: Name; readonly next: CaseRecord }
  | { readonly accepted: false; readonly refusal: Refused };

export type HolderRefusal = Exclude<Refusal, { outcome: "own_proposal" }>;
export type SecondRefusal = Extract<Refusal, { outcome: "own_proposal" | "stale" | "wrong_state" }>;

const refuse = <R extends Refusal>(refusal: R) => ({ accepted: false, refusal }) as const;

/** The record as it is at `nowMs`: a lease that has run out is gone and counted. */
export function lapseAt(record: CaseRecord, nowMs: number): CaseRecord {
  if (record.state !== "CLAIMED" || nowMs < record.lease!.untilMs) return record;
  return { ...record, state: "OPEN", lease: null, lapseCount: record.lapseCount + 1 };
}

/** OPEN -> CLAIMED, or a new token for who holds it already. */
export function claimMove(
  stored: CaseRecord,
  request: { by: string; leaseMs: number },
  nowMs: number,
): Move<"claimed", { outcome: "taken"; by: string; untilMs: number } | { outcome: "wrong_state"; state: CaseState }> {
  const record = lapseAt(stored, nowMs);
  if (record.state === "CLAIMED" && record.lease!.by !== request.by) {
    return refuse({ outcome: "taken", by: record.lease!.by, untilMs: record.lease!.untilMs });
  }
  if (record.state !== "OPEN" && record.state !== "CLAIMED") return refuse({ outcome: "wrong_state", state: record.state });
  const version = record.version + 1;
  const lease = { by: request.by, token: `${record.caseId}@${version}`, untilMs: nowMs + request.leaseMs };
  return { accepted: true, outcome: "claimed", next: { ...record, version, state: "CLAIMED", lease } };
}

export interface Holder {
  readonly by: string;
  readonly token: string;
  readonly version: number;
}

/** Only the holder of the current lease who has seen the current version may go on. The token is asked first: who lost the lease should hear that. */
function refuseUnlessHolder(record: CaseRecord, holder: Holder, nowMs: number): HolderRefusal | null {
  const { lease } = record;
  if (record.state !== "CLAIMED" || lease === null) return { outcome: "wrong_state", state: record.state };
  if (lease.token !== holder.token || lease.by !== holder.by) return { outcome: "taken", by: lease.by, untilMs: lease.untilMs };
  if (nowMs >= lease.untilMs) return { outcome: "lapsed", untilMs: lease.untilMs };
  return record.version === holder.version ? null : { outcome: "stale", version: record.version };
}

/** CLAIMED stays CLAIMED, longer. The token stays; the version moves. */
export function renewMove(record: CaseRecord, request: Holder & { leaseMs: number }, nowMs: number): Move<"renewed", HolderRefusal> {
  const refusal = refuseUnlessHolder(record, request, nowMs);
  if (refusal !== null) return refuse(refusal);
  const lease = { ...record.lease!, untilMs: nowMs + request.leaseMs };
  return { accepted: true, outcome: "renewed", next: { ...record, version: record.version + 1, lease } };
}

/** CLAIMED -> OPEN. */
export function releaseMove(record: CaseRecord, request: Holder, nowMs: number): Move<"released", HolderRefusal> {
  const refusal = refuseUnlessHolder(record, request, nowMs);
  if (refusal !== null) return refuse(refusal);
  return { accepted: true, outcome: "released", next: { ...record, version: record.version + 1, state: "OPEN", lease: null } };
}

/** Where a verdict leads when it stands. */
function stateOfVerdict(verdict: Verdict): CaseState {
  if (verdict === "unauthorised") return "CONFIRMED";
  return verdict === "authorised" ? "AUTHORISED" : "CLOSED";
}

/** CLAIMED -> the verdict's state, or -> SECOND where `needsSecond`. */
export function decideMove(
  record: CaseRecord,
  request: Holder & { verdict: Verdict; reason: string; needsSecond: boolean },
  nowMs: number,
): Move<"decided" | "proposed", HolderRefusal> {
  const refusal = refuseUnlessHolder(record, request, nowMs);
  if (refusal !== null) return refuse(refusal);
  const { verdict, reason, by } = request;
  const freed = { ...record, version: record.version + 1, lease: null };
  if (request.needsSecond) {
    const proposal = { verdict, reason, by, atMs: nowMs, evidenceDigest: record.evidenceDigest };
    return { accepted: true, outcome: "proposed", next: { ...freed, state: "SECOND", proposal } };
  }
  return { accepted: true, outcome: "decided", next: dispose(freed, { verdict, reason, by, confirmedBy: null }, nowMs) };
}

export interface SecondRequest {
  readonly by: string;
  readonly version: number;
  readonly answer: "confirm" | "reject";
  readonly reason: string;
}

/** SECOND -> the proposed verdict's state, by another person only; or back to OPEN. */
export function secondMove(record: CaseRecord, request: SecondRequest, nowMs: number): Move<"confirmed" | "rejected", SecondRefusal> {
  const { proposal } = record;
  if (record.state !== "SECOND" || proposal === null) return refuse({ outcome: "wrong_state", state: record.state });
  if (request.answer === "confirm" && proposal.by === request.by) return refuse({ outcome: "own_proposal", by: proposal.by });
  if (record.version !== request.version) return refuse({ outcome: "stale", version: record.version });
  const next = { ...record, version: record.version + 1, proposal: null };
  if (request.answer === "confirm") {
    const { verdict, reason, by } = proposal;
    return { accepted: true, outcome: "confirmed", next: dispose(next, { verdict, reason, by, confirmedBy: request.by }, nowMs) };
  }
  const dissent = { ...proposal, rejectedBy: request.by, rejectedAtMs: nowMs, rejectedReason: request.reason };
  return { accepted: true, outcome: "rejected", next: { ...next, state: "OPEN", dissents: [...record.dissents, dissent] } };
}

function dispose(
  record: CaseRecord,
  given: { verdict: Verdict; reason: string; by: string; confirmedBy: string | null },
  nowMs: number,
): CaseRecord {
  const disposition = { ...given, caseId: record.caseId, at: formatInstant(nowMs), evidenceDigest: record.evidenceDigest };
  const closedBy = given.confirmedBy ?? given.by;
  return { ...record, state: stateOfVerdict(given.verdict), verdict: given.verdict, disposition, closedBy };
}

/**
 * What a reader of the case must be told about it beside its state; follows from the record alone.
 * candidate_withdrawn  the detector took a candidate back while the case was held, proposed or decided
 * evidence_changed     the evidence is not the one the proposer or decider saw
 * within_permit        every standing candidate is inside the permits by now, but people have the case
 */
export type CaseFlag = "candidate_withdrawn" | "evidence_changed" | "within_permit";

export function flagsOf(record: CaseRecord): CaseFlag[] {
  const flags: CaseFlag[] = [];
  const standing = record.candidates.filter((candidate) => candidate.withdrawn === null);
  const closedBySystem = record.state === "CLOSED" && record.disposition === null;
  if (standing.length < record.candidates.length && !closedBySystem) flags.push("candidate_withdrawn");
  const seen = record.proposal ?? record.disposition;
  if (seen !== null && seen.evidenceDigest !== record.evidenceDigest) flags.push("evidence_changed");
  const within = standing.length > 0 && standing.every((candidate) => candidate.permit.verdict === "within");
  if (within && isLive(record.state)) flags.push("within_permit");
  return flags;
}
