import { parseInstant, type Candidate, type Permit } from "@hashwatt/contracts";

/**
 * What the meter's permits say about a candidate.
 *   none        no permit was ever given for the meter (or none yet at the onset)
 *   within      the step fits into what the permits left
 *   exceeded    it does not; `excessKw` is the part nobody authorised
 *   ended       there was a permit, but it had ended before the onset
 *   not_judged  a step down asks for no permission
 */
export interface PermitJudgement {
  readonly verdict: "none" | "within" | "exceeded" | "ended" | "not_judged";
  /** Permits that were asked. */
  readonly permitIds: readonly string[];
  /** kW the permits valid at the onset left for this step. */
  readonly allowanceKw: number;
  readonly excessKw: number;
  /** One sentence for the reader. */
  readonly note: string;
}

/** A step admitted at the same meter before; steps up use the permits up, steps down give back. */
export interface AdmittedStep {
  readonly direction: Candidate["direction"];
  readonly onset: string;
  readonly stepKw: number;
}

/**
 * An onset is estimated, mostly to some hours, sometimes to a day or two. A licensed mine switched on in the first hour of
 * its permit must not be accused because the estimate fell into the night before.
 */
const ONSET_TOLERANCE_MS = 2 * 24 * 3_600_000;

type JudgedCandidate = Pick<Candidate, "meterId" | "lane" | "direction" | "onset" | "stepKw" | "stepKwLow">;

/**
 * Judges one candidate against the permits of its meter. Pure.
 *
 * @param permits of any meters; those of others are ignored.
 * @param earlier standing steps admitted at the meter before this one, in order of admission (this one left out).
 */
export function judgePermits(
  candidate: JudgedCandidate,
  permits: readonly Permit[],
  earlier: readonly AdmittedStep[] = [],
): PermitJudgement {
  if (candidate.direction === "down" || candidate.lane === "step_down") {
    return { verdict: "not_judged", permitIds: [], allowanceKw: 0, excessKw: 0, note: "A step down needs no permit." };
  }
  const own = permits.filter((permit) => permit.meterId === candidate.meterId);
  const onsetMs = parseInstant(candidate.onset);
  const valid = own.filter((permit) => isValidAt(permit, onsetMs));
  if (valid.length === 0) return withoutValidPermit(own, onsetMs);
  const remaining = remainingKw(own, earlier);
  const allowanceKw = valid.reduce((sum, permit) => sum + remaining.get(permit.permitId)!, 0);
  const permitIds = valid.map((permit) => permit.permitId);
  const held = permitIds.join(", ");
  // The low end of the step's 90 % interval is compared, not its estimate: a mine that runs at exactly its 800 kW is measured
  // above 800 half of the time, and would be accused half of the time. What is surely above the permit is above it.
  if (candidate.stepKwLow <= allowanceKw) {
    const note = `The step of ${formatKw(candidate.stepKw)} is inside the ${formatKw(allowanceKw)} left by ${held}.`;
    return { verdict: "within", permitIds, allowanceKw, excessKw: 0, note };
  }
  const excessKw = Math.max(candidate.stepKw, candidate.stepKwLow) - allowanceKw;
  const note = `The step of ${formatKw(candidate.stepKw)} exceeds the ${formatKw(allowanceKw)} left by ${held} by ${formatKw(excessKw)}.`;
  return { verdict: "exceeded", permitIds, allowanceKw, excessKw, note };
}

function withoutValidPermit(own: readonly Permit[], onsetMs: number): PermitJudgement {
  const ended = own.filter((permit) => permit.validTo !== null && parseInstant(permit.validTo) <= onsetMs);
  const nothing = { permitIds: ended.map((permit) => permit.permitId), allowanceKw: 0, excessKw: 0 };
  const last = ended.toSorted((a, b) => parseInstant(b.validTo!) - parseInstant(a.validTo!))[0];
  if (last === undefined) return { ...nothing, verdict: "none", note: "No permit covers this meter at the onset." };
  return { ...nothing, verdict: "ended", note: `Permit ended: ${last.permitId} (${formatKw(last.maxKw)}) on ${last.validTo}.` };
}

function isValidAt(permit: Permit, ms: number): boolean {
  return parseInstant(permit.validFrom) - ONSET_TOLERANCE_MS <= ms && (permit.validTo === null || ms < parseInstant(permit.validTo));
}

/**
 * What earlier steps left of each permit, kW. An earlier step takes from the permits valid at its onset, the one that ends
 * first first; it counts with its estimate, not its low end, or the measurement error of ten steps would add up to an eleventh.
 * A step down gives back what was taken last: a licensed mine that obeys a curtailment and comes back does not use its permit twice.
 */
function remainingKw(own: readonly Permit[], earlier: readonly AdmittedStep[]): Map<string, number> {
  const remaining = new Map(own.map((permit) => [permit.permitId, permit.maxKw]));
  const taken: Taken[] = [];
  const byEnd = own.toSorted((a, b) => endMs(a) - endMs(b));
  for (const step of earlier) {
    if (step.direction === "down") {
      giveBack(Math.abs(step.stepKw), taken, remaining);
      continue;
    }
    let leftKw = step.stepKw;
    for (const permit of byEnd.filter((candidate) => isValidAt(candidate, parseInstant(step.onset)))) {
      const kw = Math.min(remaining.get(permit.permitId)!, leftKw);
      taken.push({ permitId: permit.permitId, kw });
      remaining.set(permit.permitId, remaining.get(permit.permitId)! - kw);
      leftKw -= kw;
    }
  }
  return remaining;
}

interface Taken {
  readonly permitId: string;
  kw: number;
}

/** Returns `kw` to the permits, what was taken last first. */
function giveBack(kw: number, taken: Taken[], remaining: Map<string, number>): void {
  let leftKw = kw;
  for (let last = taken.at(-1); last !== undefined && leftKw > 0; last = taken.at(-1)) {
    const returnedKw = Math.min(last.kw, leftKw);
    remaining.set(last.permitId, remaining.get(last.permitId)! + returnedKw);
    leftKw -= returnedKw;
    last.kw -= returnedKw;
    if (last.kw <= 0) taken.pop();
  }
}

function endMs(permit: Permit): number {
  return permit.validTo === null ? Number.POSITIVE_INFINITY : parseInstant(permit.validTo);
}

function formatKw(kw: number): string {
  return kw >= 1000 ? `${(kw / 1000).toFixed(2)} MW` : `${kw.toFixed(1)} kW`;
}

/** Permits of a meter by id; made anew when the list it was given is another one. */
export function createPermitLookup(source: readonly Permit[] | (() => readonly Permit[])): (meterId: string) => readonly Permit[] {
  let indexed: readonly Permit[] | null = null;
  let byMeter = new Map<string, Permit[]>();
  return (meterId) => {
    const permits = typeof source === "function" ? source() : source;
    if (permits !== indexed) {
      byMeter = Map.groupBy(permits, (permit) => permit.meterId);
      indexed = permits;
    }
    return byMeter.get(meterId) ?? [];
  };
}
