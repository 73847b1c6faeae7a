import { type Candidate, DAY_MS, parseInstant } from "@hashwatt/contracts";
import type { ConfounderLabel, FleetLabels, MineLabel } from "./labels.ts";

/** What the scoring needs of a candidate; a line of candidates.jsonl has it. */
export type ScoredCandidate = Pick<Candidate, "meterId" | "onset" | "raisedAt" | "stepKw" | "stepKwLow" | "stepKwHigh" | "score">;

/**
 * What became of a candidate:
 *   match      the first valid candidate of a mine
 *   repeat     a further one of the same mine
 *   misdated   on a mine's meter and time, but its onset is too far off and nothing else found the mine before
 *   lookalike  a real, unexplained flat step: neither right nor wrong
 *   unscored   in time that nothing is known about
 *   false      everything else, with the confounder that explains it, or "natural"
 */
export type Verdict =
  | { readonly as: "match" | "repeat" | "misdated"; readonly mine: MineLabel }
  | { readonly as: "lookalike" | "unscored" }
  | { readonly as: "false"; readonly cause: string; readonly confounderId?: string };

/** Candidates with their verdicts, in the given order. */
export interface Matching {
  readonly labels: FleetLabels;
  readonly candidates: readonly ScoredCandidate[];
  readonly verdicts: readonly Verdict[];
}

/** Tolerances of the scoring, days. */
export const tolerances = { beforeOnset: 1, afterEnd: 7, onset: 10, confounderSlack: 5, openConfounder: 30 } as const;

/** Where and when a step was seen to begin. */
export interface PlacedOnset {
  readonly meterId: string;
  readonly onsetMs: number;
}

interface Placed {
  readonly candidate: ScoredCandidate;
  readonly onsetMs: number;
  readonly raisedMs: number;
}

const distance = (atMs: number, fromMs: number, toMs: number) => (atMs < fromMs ? fromMs - atMs : atMs > toMs ? atMs - toMs : 0);

/** How far an onset estimate is from what is right for this mine on this meter: its onset, its build-up, its restart, the child's own onset. */
export function onsetGapMs(mine: MineLabel, meterId: string, onsetMs: number): number {
  const own = mine.onsetByMeter?.[meterId];
  const trueMs = parseInstant(own ?? mine.onset);
  const endMs = own === undefined && mine.buildupEnd !== undefined ? parseInstant(mine.buildupEnd) : trueMs;
  const gap = distance(onsetMs, trueMs, endMs);
  return mine.pause ? Math.min(gap, Math.abs(onsetMs - parseInstant(mine.pause.to))) : gap;
}

/** The candidate was raised on a meter of the mine while the mine was there to be found. */
function isPresent(mine: MineLabel, placed: Placed, fleetEndMs: number): boolean {
  const endMs = mine.end === null ? fleetEndMs : parseInstant(mine.end);
  return (
    mine.meterIds.includes(placed.candidate.meterId) &&
    placed.raisedMs >= parseInstant(mine.onset) - tolerances.beforeOnset * DAY_MS &&
    placed.raisedMs <= endMs + tolerances.afterEnd * DAY_MS
  );
}

function isLookalike(labels: FleetLabels, placed: Placed, fleetEndMs: number): boolean {
  return labels.lookalikes.some((look) => {
    const startMs = parseInstant(look.onset);
    const endMs = look.end === null ? fleetEndMs : parseInstant(look.end);
    const inTime = placed.raisedMs >= startMs - tolerances.beforeOnset * DAY_MS && placed.raisedMs <= endMs + tolerances.afterEnd * DAY_MS;
    return look.meterId === placed.candidate.meterId && inTime && Math.abs(placed.onsetMs - startMs) <= tolerances.onset * DAY_MS;
  });
}

function isUnscored(labels: FleetLabels, placed: Placed): boolean {
  return labels.unscored.some((span) => {
    const fromMs = parseInstant(span.from);
    const toMs = parseInstant(span.to);
    const raisedInside = placed.raisedMs >= fromMs && placed.raisedMs <= toMs + tolerances.afterEnd * DAY_MS;
    return span.meterId === placed.candidate.meterId && (raisedInside || (placed.onsetMs >= fromMs && placed.onsetMs <= toMs));
  });
}

/** Days between an onset estimate and a confounder that may explain it, or Infinity; a sharp one explains better than a drift. */
function confounderDistance(confounder: ConfounderLabel, placed: PlacedOnset): number {
  if (!confounder.meterIds.includes(placed.meterId)) return Number.POSITIVE_INFINITY;
  const fromMs = parseInstant(confounder.from);
  const slackMs = tolerances.confounderSlack * DAY_MS;
  const toMs = confounder.to === null ? Number.POSITIVE_INFINITY : parseInstant(confounder.to);
  const openEndMs = confounder.drift === true ? Number.POSITIVE_INFINITY : fromMs + tolerances.openConfounder * DAY_MS;
  const lastMs = confounder.to === null ? openEndMs : toMs + slackMs;
  if (placed.onsetMs < fromMs - slackMs || placed.onsetMs > lastMs) return Number.POSITIVE_INFINITY;
  return Math.min(Math.abs(placed.onsetMs - fromMs), Math.abs(placed.onsetMs - toMs));
}

/** The innocent change that explains a step with this onset best; undefined = none does. */
export function changeAt(labels: Pick<FleetLabels, "confounders">, placed: PlacedOnset): ConfounderLabel | undefined {
  let best: ConfounderLabel | undefined;
  let bestRank: readonly [drift: number, distance: number] = [2, 0];
  for (const confounder of labels.confounders) {
    const away = confounderDistance(confounder, placed);
    if (away === Number.POSITIVE_INFINITY) continue;
    const drift = confounder.drift === true ? 1 : 0;
    if (drift < bestRank[0] || (drift === bestRank[0] && away < bestRank[1])) {
      best = confounder;
      bestRank = [drift, away];
    }
  }
  return best;
}

function causeOf(labels: FleetLabels, { candidate, onsetMs }: Placed): Verdict {
  const change = changeAt(labels, { meterId: candidate.meterId, onsetMs });
  return change ? { as: "false", cause: change.kind, confounderId: change.confounderId } : { as: "false", cause: "natural" };
}

function judge(labels: FleetLabels, placed: Placed, found: Set<MineLabel>, fleetEndMs: number): Verdict {
  const present = labels.mines.filter((mine) => isPresent(mine, placed, fleetEndMs));
  const gapOf = (mine: MineLabel) => onsetGapMs(mine, placed.candidate.meterId, placed.onsetMs);
  const fitting = present
    .filter((mine) => gapOf(mine) <= tolerances.onset * DAY_MS)
    .toSorted((a, b) => gapOf(a) - gapOf(b) || parseInstant(a.onset) - parseInstant(b.onset));
  const free = fitting.find((mine) => !found.has(mine));
  if (free) {
    found.add(free);
    return { as: "match", mine: free };
  }
  if (fitting.length > 0) return { as: "repeat", mine: fitting[0] };
  if (isLookalike(labels, placed, fleetEndMs)) return { as: "lookalike" };
  if (isUnscored(labels, placed)) return { as: "unscored" };
  if (present.length > 0) return { as: found.has(present[0]) ? "repeat" : "misdated", mine: present[0] };
  return causeOf(labels, placed);
}

/**
 * Matches candidates to mines, the earliest raised first (then the higher score, then the given order); each mine takes one.
 * Throws RangeError on an instant that is none.
 */
export function matchCandidates(labels: FleetLabels, candidates: readonly ScoredCandidate[]): Matching {
  const placed = candidates.map((candidate) => {
    const onsetMs = parseInstant(candidate.onset);
    const raisedMs = parseInstant(candidate.raisedAt);
    if (Number.isNaN(onsetMs) || Number.isNaN(raisedMs)) {
      throw new RangeError(
        `candidate on ${candidate.meterId}: onset "${candidate.onset}" or raisedAt "${candidate.raisedAt}" is no instant`,
      );
    }
    return { candidate, onsetMs, raisedMs };
  });
  const order = placed
    .map((_, index) => index)
    .toSorted((a, b) => placed[a].raisedMs - placed[b].raisedMs || candidates[b].score - candidates[a].score || a - b);
  const found = new Set<MineLabel>();
  const verdicts: Verdict[] = candidates.map(() => ({ as: "false", cause: "natural" }));
  for (const index of order) verdicts[index] = judge(labels, placed[index], found, parseInstant(labels.to));
  return { labels, candidates, verdicts };
}
