import {
  type Candidate,
  type EvidenceTest,
  formatDay,
  formatInstant,
  HOUR_MS,
  type LoadOrigin,
  type Meter,
  type ScorePart,
} from "@hashwatt/contracts";
import type { Finding, TestResult } from "@hashwatt/detection";
import { estimatesOf } from "./candidate-estimates.ts";
import { summarise } from "./candidate-summary.ts";
import { rounded } from "./rounded.ts";

export interface CandidateParts {
  readonly finding: Finding;
  readonly candidateId: string;
  /** Of the candidate that a step down ends. */
  readonly endsCandidateId?: string | undefined;
  /** Of the group, by slot. */
  readonly meters: readonly Meter[];
  /** UTC hour at which it was first raised. */
  readonly raisedAtHour: number;
  readonly detectorVersion: string;
}

/** A finding with the names, times and sentences under which it leaves the pipeline. */
export function createCandidate(parts: CandidateParts): Candidate {
  const { finding, candidateId, endsCandidateId, meters, raisedAtHour, detectorVersion } = parts;
  const { daily, hourly, below } = finding;
  const meter = meters[finding.slot];
  const untold = {
    candidateId,
    meterId: meter.meterId,
    areaId: meter.areaId,
    region: meter.region,
    lane: finding.lane,
    signature: finding.signature,
    direction: finding.direction === 1 ? ("up" as const) : ("down" as const),
    onset: formatInstant(finding.onsetHour * HOUR_MS),
    raisedAt: formatInstant(raisedAtHour * HOUR_MS),
    stepKw: rounded(finding.stepKw),
    stepKwLow: rounded(finding.stepKwLow),
    stepKwHigh: rounded(finding.stepKwHigh),
    score: rounded(finding.score),
    summary: "",
    detectorVersion,
    evidence: {
      siteMeanKw: rounded(finding.siteMeanKw),
      ageDays: rounded(finding.ageDays),
      incrementKw: Array.from(finding.incrementKw, rounded),
      tests: finding.tests.map(evidenceTest),
      scoreParts: finding.scoreParts.map(scorePart),
      estimates: estimatesOf(finding),
      ...(finding.origin === undefined ? {} : { origin: originOf(finding.origin, endsCandidateId) }),
      ...(below === undefined
        ? {}
        : { below: below.map(({ slot, stepKw }) => ({ meterId: meters[slot].meterId, stepKw: rounded(stepKw) })) }),
      daily: { firstDay: formatDay(daily.firstDay), actualKw: column(daily.actualKw), expectedKw: column(daily.expectedKw) },
      hourly: {
        from: formatInstant(hourly.fromHour * HOUR_MS),
        actualKw: column(hourly.actualKw),
        expectedKw: column(hourly.expectedKw),
      },
    },
  };
  return { ...untold, summary: summarise(untold, meter) };
}

function originOf({ basis, utcHour }: NonNullable<Finding["origin"]>, candidateId: string | undefined): LoadOrigin {
  return { basis, since: formatInstant(utcHour * HOUR_MS), ...(candidateId === undefined ? {} : { candidateId }) };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

function column(values: Float64Array): (number | null)[] {
  return Array.from(values, orNull);
}

export function scorePart({ name, value, logOdds }: ScorePart): ScorePart {
  return { name, value: rounded(value), logOdds: rounded(logOdds) };
}

/** Six fields and what is there of the rest, with NaN as null. */
export function evidenceTest(test: TestResult): EvidenceTest {
  return {
    name: test.name,
    question: test.question,
    value: orNull(test.value),
    threshold: orNull(test.threshold),
    passesWhen: test.passesWhen,
    unit: test.unit,
    verdict: test.verdict,
    ...(test.note === undefined ? {} : { note: test.note }),
    ...(test.eventHours === undefined ? {} : { events: test.eventHours.map((hour) => formatInstant(hour * HOUR_MS)) }),
  };
}
