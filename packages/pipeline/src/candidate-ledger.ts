import { type Candidate, type CandidateMessage, detectorMajorVersion, formatDay, formatInstant, HOUR_MS } from "@hashwatt/contracts";
import type { Finding, FollowUp } from "@hashwatt/detection";
import { createCandidate } from "./candidate.ts";
import { type CandidateNote, noteOf, withNotes } from "./candidate-notes.ts";
import { hash64 } from "./hash64.ts";
import type { JudgedDays } from "./judge-days.ts";
import type { PeerGroup } from "./peer-group.ts";

/** A candidate that was raised and can still be revised. Plain data: saved as JSON. */
export interface LedgerEntry {
  /** As the day that raised it saw it. */
  readonly candidate: Candidate;
  readonly slot: number;
  readonly judgedDay: number;
  /** UTC hour at which it was first raised; kept by its revisions. */
  readonly raisedAtHour: number;
  /** What later days told of it, in order. */
  readonly notes: readonly CandidateNote[];
  /** Digest of what was said of it last: of everything in the candidate but raisedAt, or of a withdrawal; "" = nothing yet. */
  readonly said: string;
}

const withdrawal = "withdrawn";

/** 16 hex digits from (meter, onset day, direction, detector major version): saying it twice changes nothing. */
function candidateIdOf(meterId: string, { onsetDay, direction }: Pick<Finding, "onsetDay" | "direction">): string {
  return hash64(`${meterId}|${onsetDay}|${direction}|${detectorMajorVersion}`);
}

/**
 * Compares what judging says now with what was said before: new = raise, other content = revise, gone or explained = withdraw with the reason.
 * Withdrawals first, because a moved onset is another candidate on the same site. A candidate is followed for `followDays`; what can no
 * longer change leaves the ledger.
 */
export function updateLedger(
  group: PeerGroup,
  judged: JudgedDays,
  detectorVersion: string,
  say: (message: CandidateMessage) => void,
): void {
  const atHour = group.calendar.endHour(judged.closedDay) + group.settings.graceHours;
  const withdraw = ({ candidate: { candidateId, meterId } }: LedgerEntry, reason: string) =>
    say({ type: "withdraw", candidateId, meterId, at: formatInstant(atHour * HOUR_MS), reason });
  const before = group.ledger;
  const entries = annotate(group, judged, [
    ...before.filter(({ judgedDay }) => judgedDay < judged.firstDay).map((entry) => withoutNotesFrom(entry, judged.firstDay)),
    ...judged.findings.map((finding) => entryOf(group, finding, { atHour, detectorVersion })),
  ]);
  const ids = new Set(entries.map(({ candidate: { candidateId } }) => candidateId));
  for (const entry of before) {
    if (!ids.has(entry.candidate.candidateId) && entry.said !== withdrawal) withdraw(entry, withdrawReason(judged));
  }
  for (const entry of entries) {
    const reason = explanationOf(entry);
    if (reason !== undefined && entry.said !== "" && entry.said !== withdrawal) withdraw(entry, reason);
  }
  group.ledger = entries
    .map((entry) => (before.includes(entry) ? entry : sayIt(group, entry, say)))
    .filter((entry) => canChange(group, entry, judged.closedDay));
}

/** What was noted on the day or later is judged again. */
function withoutNotesFrom(entry: LedgerEntry, civilDay: number): LedgerEntry {
  const notes = entry.notes.filter(({ judgedDay }) => judgedDay < civilDay);
  return notes.length === entry.notes.length ? entry : { ...entry, notes };
}

/** Why a candidate is no longer one; undefined where it stands. */
function explanationOf({ notes }: LedgerEntry): string | undefined {
  return notes.find(({ withdrawn }) => withdrawn !== undefined)?.withdrawn;
}

/** Raises or revises what stands and was not said so before. */
function sayIt({ layout }: PeerGroup, entry: LedgerEntry, say: (message: CandidateMessage) => void): LedgerEntry {
  if (explanationOf(entry) !== undefined) return { ...entry, said: withdrawal };
  const candidate = withNotes(entry.candidate, entry.notes, layout.meters[entry.slot]);
  const digest = digestOf(candidate);
  if (entry.said === "" || entry.said === withdrawal) say({ type: "raise", candidate });
  else if (entry.said !== digest) say({ type: "revise", candidate });
  return { ...entry, said: digest };
}

/** A finding as an entry; what was raised before keeps the time at which it was. */
function entryOf(group: PeerGroup, finding: Finding, now: { atHour: number; detectorVersion: string }): LedgerEntry {
  const { meters } = group.layout;
  const { meterId } = meters[finding.slot];
  const candidateId = candidateIdOf(meterId, finding);
  const old = group.ledger.find(({ candidate }) => candidate.candidateId === candidateId);
  const raisedAtHour = old?.raisedAtHour ?? now.atHour;
  const { origin } = finding;
  const endsCandidateId = origin?.basis === "raised" ? candidateIdOf(meterId, { onsetDay: origin.civilDay, direction: 1 }) : undefined;
  const candidate = createCandidate({ finding, candidateId, endsCandidateId, meters, raisedAtHour, detectorVersion: now.detectorVersion });
  return { candidate, slot: finding.slot, judgedDay: finding.judgedDay, raisedAtHour, notes: [], said: old?.said ?? "" };
}

/** Adds to each entry what the judged days' follow-ups tell of it. */
function annotate({ layout }: PeerGroup, judged: JudgedDays, entries: readonly LedgerEntry[]): LedgerEntry[] {
  const ofId = Map.groupBy(judged.followUps, (followUp: FollowUp) => candidateIdOf(layout.meters[followUp.slot].meterId, followUp));
  return entries.map((entry) => {
    const followUps = ofId.get(entry.candidate.candidateId) ?? [];
    return followUps.reduce((noted, followUp) => {
      const meter = layout.meters[entry.slot];
      const note = noteOf(withNotes(noted.candidate, noted.notes, meter), followUp, layout.meters);
      return note === undefined ? noted : { ...noted, notes: [...noted.notes, note] };
    }, entry);
  });
}

/** Late readings reach `lateDays` back and re-open the days from there on; later days can still tell something of what neither ended nor was explained. */
function canChange({ settings }: PeerGroup, { judgedDay, notes }: LedgerEntry, closedDay: number): boolean {
  const oldestOpen = closedDay - settings.lateDays - 3;
  const settled = notes.find(({ ended, withdrawn }) => ended !== undefined || withdrawn !== undefined);
  return settled === undefined ? judgedDay >= oldestOpen - settings.followDays : Math.max(judgedDay, settled.judgedDay) >= oldestOpen;
}

function digestOf(candidate: Candidate): string {
  return hash64(JSON.stringify({ ...candidate, raisedAt: "" }));
}

function withdrawReason(judged: JudgedDays): string {
  const from = formatDay(Math.floor(judged.changedFromHour / 24));
  const to = formatDay(Math.floor((judged.changedToHour - 1) / 24));
  const when = from === to ? from : `${from} to ${to}`;
  return `Late or revised readings for ${when} (UTC) arrived; with them the step is no longer seen.`;
}
