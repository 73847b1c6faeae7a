import type { Candidate, CandidateMessage, Lane, Meter } from "@hashwatt/contracts";
import type { CaseState, PermitJudgement, ReviewQueue } from "@hashwatt/review-queue";

/** A candidate that was admitted, as it stands at the end. */
export interface Finding {
  readonly caseId: string;
  /** State of its case. */
  readonly state: CaseState;
  readonly candidate: Candidate;
  /** The lane after the permits were judged. */
  readonly lane: Lane;
  readonly permit: PermitJudgement;
  /** The detector took it back. */
  readonly isWithdrawn: boolean;
  /** Neither withdrawn nor inside the permits: somebody should look at it. */
  readonly isAlarm: boolean;
}

/** Takes messages while the pipeline runs and hands them to the queue. */
export interface FindingCollector {
  /** For Pipeline.onMessage, which cannot wait. */
  take(message: CandidateMessage): void;
  /** Admits what was taken. Called between batches, so that what is held stays small. */
  admit(): Promise<void>;
  /** Everything admitted, in the order of first mention. */
  findings(): Promise<Finding[]>;
}

export function createFindingCollector(queue: ReviewQueue, nowMs: () => number): FindingCollector {
  let held: CandidateMessage[] = [];
  const caseIds = new Set<string>();
  return {
    take: (message) => void held.push(message),
    async admit() {
      if (held.length === 0) return;
      const outcomes = await queue.admitMany(held, nowMs());
      for (const outcome of outcomes) {
        if (outcome.outcome === "invalid") throw new Error(`the queue refuses what the pipeline said: ${outcome.message}`);
        if (outcome.outcome !== "unknown_candidate") caseIds.add(outcome.caseId);
      }
      held = [];
    },
    async findings() {
      const all: Finding[] = [];
      for (const caseId of caseIds) {
        const detail = await queue.get(caseId, nowMs());
        if (detail === null) continue;
        const { candidates, state } = detail.case;
        for (const { candidateId, lane, permit, withdrawn } of candidates) {
          const candidate = detail.candidates.find((whole) => whole.candidateId === candidateId);
          if (candidate === undefined) continue;
          const isWithdrawn = withdrawn !== null;
          all.push({ caseId, state, candidate, lane, permit, isWithdrawn, isAlarm: !isWithdrawn && permit.verdict !== "within" });
        }
      }
      return all;
    },
  };
}

/** One line of candidates.jsonl: the candidate as it was said, and `kind` = its lane after the permits were judged. */
export function toCandidateLine({ candidate, lane, permit, caseId }: Finding): Record<string, unknown> {
  return { ...candidate, kind: lane, caseId, permit };
}

/** What the user is called to: the most load to be expected unauthorised (score x kW) first, by meter and onset among equals. */
export function sortForReader(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      expectedKw(b) - expectedKw(a) ||
      compareText(a.candidate.meterId, b.candidate.meterId) ||
      compareText(a.candidate.onset, b.candidate.onset),
  );
}

function expectedKw({ candidate }: Finding): number {
  return candidate.score * Math.abs(candidate.stepKw);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Name to show for a meter: its name, or its id where it has none. */
export function siteName(meters: ReadonlyMap<string, Meter>, meterId: string): string {
  const name = meters.get(meterId)?.name ?? "";
  return name === "" ? meterId : name;
}
