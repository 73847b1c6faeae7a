import {
  type Candidate,
  DAY_MS,
  type Estimate,
  type EvidenceTest,
  formatInstant,
  HOUR_MS,
  type Meter,
  parseInstant,
  type ScorePart,
} from "@hashwatt/contracts";
import type { FollowUp } from "@hashwatt/detection";
import { evidenceTest, scorePart } from "./candidate.ts";
import { summarise } from "./candidate-summary.ts";
import { rounded } from "./rounded.ts";

/** What a later day told of a candidate that was raised before. Plain data: notes are saved with the candidate. */
export interface CandidateNote {
  readonly judgedDay: number;
  readonly tests: readonly EvidenceTest[];
  readonly scoreParts: readonly ScorePart[];
  readonly ended?: { readonly at: string; readonly runningHours: number };
  /** Why the candidate is no longer one. */
  readonly withdrawn?: string;
}

/**
 * The news in a follow-up; undefined where there is none: events that the candidate's tests have counted already were told with the numbers of the
 * day on which they ended, and every refit would give a little different ones.
 */
export function noteOf(candidate: Candidate, followUp: FollowUp, meters: readonly Meter[]): CandidateNote | undefined {
  const { judgedDay, ended, movedFrom } = followUp;
  const told = new Map(candidate.evidence.tests.map((test) => [test.name, test.events?.join()]));
  const tests = followUp.tests.map(evidenceTest).filter(({ name, events }) => events === undefined || told.get(name) !== events.join());
  if (tests.length === 0 && ended === undefined && movedFrom === undefined) return undefined;
  const names = new Set(tests.map(({ name }) => name));
  return {
    judgedDay,
    tests,
    scoreParts: followUp.scoreParts.filter(({ name }) => names.has(name)).map(scorePart),
    ...(ended === undefined ? {} : { ended: { at: formatInstant(ended.hour * HOUR_MS), runningHours: ended.runningHours } }),
    ...(movedFrom === undefined ? {} : { withdrawn: movedReason(meters[movedFrom.slot].meterId, movedFrom.kw) }),
  };
}

function movedReason(meterId: string, kw: number): string {
  return `A switching record names ${meterId} around the onset, and ${meterId} fell by ${Math.round(kw)} kW then: load was moved here, none is new.`;
}

/** A candidate with what was noted since: tests and parts of the score by name, the later ones instead of the earlier. */
export function withNotes(candidate: Candidate, notes: readonly CandidateNote[], meter: Meter): Candidate {
  if (notes.length === 0) return candidate;
  const noted = notes.reduce(withNote, candidate);
  return { ...noted, summary: summarise(noted, meter) };
}

function withNote(candidate: Candidate, note: CandidateNote): Candidate {
  const { evidence } = candidate;
  const { estimates, scoreParts = [] } = evidence;
  const replaced = scoreParts.filter(({ name }) => note.scoreParts.some((part) => part.name === name));
  return {
    ...candidate,
    ...(note.ended === undefined ? {} : { endedAt: note.ended.at }),
    score: movedScore(candidate.score, sumOf(note.scoreParts) - sumOf(replaced)),
    evidence: {
      ...evidence,
      ...(note.ended === undefined ? {} : { ageDays: Math.floor((parseInstant(note.ended.at) - parseInstant(candidate.onset)) / DAY_MS) }),
      tests: replaceByName(evidence.tests, note.tests),
      scoreParts: replaceByName(scoreParts, note.scoreParts),
      ...(estimates?.energyKwh && note.ended !== undefined
        ? { estimates: { ...estimates, energyKwh: withHours(candidate, estimates.energyKwh, note.ended.runningHours) } }
        : {}),
    },
  };
}

function replaceByName<T extends { readonly name: string }>(before: readonly T[], later: readonly T[]): T[] {
  const kept = before.map((one) => later.find(({ name }) => name === one.name) ?? one);
  return [...kept, ...later.filter(({ name }) => !before.some((one) => one.name === name))];
}

function sumOf(parts: readonly ScorePart[]): number {
  return parts.reduce((sum, { logOdds }) => sum + logOdds, 0);
}

/** Scores are told to five digits, so that one of 1 stands for log-odds of some 11. */
function movedScore(score: number, logOdds: number): number {
  if (logOdds === 0) return score;
  const bounded = Math.max(1e-5, Math.min(1 - 1e-5, score));
  return rounded(1 / (1 + ((1 - bounded) / bounded) * Math.exp(-logOdds)));
}

/** Energy after so many more hours at the size of the step. */
function withHours({ stepKw, stepKwLow, stepKwHigh }: Candidate, { value, low, high }: Estimate, hours: number): Estimate {
  return {
    value: rounded(value + hours * stepKw),
    low: rounded(low + hours * Math.max(0, stepKwLow)),
    high: rounded(high + hours * stepKwHigh),
  };
}
