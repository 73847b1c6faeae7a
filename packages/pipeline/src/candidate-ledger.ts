import { type Candidate, type CandidateMessage, detectorMajorVersion, formatDay, formatInstant, HOUR_MS } from "@hashwatt/contracts";
import type { Finding } from "@hashwatt/detection";
import { createCandidate } from "./candidate.ts";
import { hash64 } from "./hash64.ts";
import type { JudgedDays } from "./judge-days.ts";
import type { PeerGroup } from "./peer-group.ts";

/** A candidate that was said and can still be revised: what is needed to see whether it has changed. */
export interface LedgerEntry {
  readonly candidateId: string;
  readonly slot: number;
  readonly judgedDay: number;
  /** UTC hour at which it was first raised; kept by its revisions. */
  readonly raisedAtHour: number;
  /** Of everything in the candidate but raisedAt: a build whose candidates tell more revises, once, those that it judges again. */
  readonly digest: string;
}

/** 16 hex digits from (meter, onset day, direction, detector major version): saying it twice changes nothing. */
function candidateIdOf(meterId: string, finding: Finding): string {
  return hash64(`${meterId}|${finding.onsetDay}|${finding.direction}|${detectorMajorVersion}`);
}

/**
 * Compares what judging says now with what was said before: new = raise, other content = revise, gone = withdraw with the reason.
 * Withdrawals first, because a moved onset is another candidate on the same site. Days that can no longer change leave the ledger.
 */
export function updateLedger(
  group: PeerGroup,
  judged: JudgedDays,
  detectorVersion: string,
  say: (message: CandidateMessage) => void,
): void {
  const { layout, calendar, settings } = group;
  const atHour = calendar.endHour(judged.closedDay) + settings.graceHours;
  const before = group.ledger.filter((entry) => entry.judgedDay >= judged.firstDay);
  const kept = group.ledger.filter(
    (entry) => entry.judgedDay < judged.firstDay && entry.judgedDay >= judged.closedDay - settings.lateDays - 3,
  );
  const ids = judged.findings.map((finding) => candidateIdOf(layout.meters[finding.slot].meterId, finding));
  for (const { candidateId, slot } of before) {
    if (ids.includes(candidateId)) continue;
    const meterId = layout.meters[slot].meterId;
    say({ type: "withdraw", candidateId, meterId, at: formatInstant(atHour * HOUR_MS), reason: withdrawReason(judged) });
  }
  for (const [row, finding] of judged.findings.entries()) {
    const candidateId = ids[row];
    const old = before.find((entry) => entry.candidateId === candidateId);
    const raisedAtHour = old?.raisedAtHour ?? atHour;
    const candidate = createCandidate({ finding, candidateId, meter: layout.meters[finding.slot], raisedAtHour, detectorVersion });
    const digest = digestOf(candidate);
    if (old === undefined) say({ type: "raise", candidate });
    else if (old.digest !== digest) say({ type: "revise", candidate });
    kept.push({ candidateId, slot: finding.slot, judgedDay: finding.judgedDay, raisedAtHour, digest });
  }
  group.ledger = kept;
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
