import type { Assessment } from "./assessment.ts";
import type { KnownStep } from "./detection-state.ts";
import { type ContextNumbers, type JudgedGroup, liveStep, measureContext } from "./group-context.ts";

/** Days a fall must have stayed to end a step: holiday weeks pass in that time. */
const endAgeDays = 7;
/** The same where neighbours or the expectation fall too. Longer would be better, but from 14 days on the fit sees the fall and learns it. */
const commonEndAgeDays = 12;
/**
 * Fall over step. Of the ends that falls of half the size and four days seemed to be, half were none on the development fleets: holidays, and nights
 * of a load that runs all day. What truly ended fell by .65 to 1.3 of its size, in its own hours.
 */
const endSizes = { least: 0.65, most: 1.4 };
/** What falls together is expected of each other, and looks smaller: .6 where nine of 24 meters fell alike. */
const leastCommonEndSize = 0.5;
/** Cosine between the hours of the fall and of the load: .58 between a flat day and a night of 8 hours, .91 between it and a pause of 4. */
const leastLikeness = 0.8;
/** Two judgings of one fall locate it within so many hours of each other. */
const sameEndHours = 72;

/**
 * A clear fall of about the size and hours of a live raised step, a week old, ends that step. One that neighbours or the expectation share is
 * held longer: weather falls too, and the load may run on below it.
 */
export function noteEnds(group: JudgedGroup, assessed: readonly Assessment[]): void {
  // a fade fits a step too, once most of it is gone
  for (const found of assessed.toSorted((a, b) => b.weights.gapDays - a.weights.gapDays)) {
    const live = liveStep(group.state, found.groupStream);
    const isYoung = found.weights.gapDays === 1 && found.age < endAgeDays;
    if (live === undefined || isYoung || !isFallOf(found, live, group)) continue;
    const context = measureContext(group, found);
    if (!isCommon(context, group.parameters)) {
      if (sizeOver(found, live) >= endSizes.least) endStep(group, live, found, context);
    } else if (found.age >= commonEndAgeDays) endStep(group, live, found, context);
  }
}

/** The step up that a raised step down ends, be it that an earlier day has noted that end; undefined where none was raised. */
export function endByStepDown(group: JudgedGroup, found: Assessment): KnownStep | undefined {
  if (found.direction > 0) return undefined;
  const live = liveStep(group.state, found.groupStream);
  if (live !== undefined && isFallOf(found, live, group) && sizeOver(found, live) >= endSizes.least) {
    endStep(group, live, found, measureContext(group, found));
    return live;
  }
  return group.state.steps.findLast(
    ({ groupStream, stepKw, endHour }) =>
      groupStream === found.groupStream && stepKw > 0 && Math.abs(endHour - found.onset.utcHour) <= sameEndHours,
  );
}

function isFallOf(found: Assessment, live: KnownStep, group: JudgedGroup): boolean {
  // what was still there when it was raised had not ended before
  if (Math.sign(live.stepKw) === found.direction || found.onset.civilDay < live.judgedDay - 2) return false;
  if (Math.abs(found.increment.sigma) < group.parameters.minSigma.flat) return false;
  const size = sizeOver(found, live);
  if (size < leastCommonEndSize || size > endSizes.most) return false;
  const { running } = found.increment.template;
  const product = running.reduce((sum, runs, hour) => sum + runs * live.profileKw[hour], 0);
  return Math.abs(product) >= leastLikeness * Math.hypot(...running) * Math.hypot(...live.profileKw);
}

function sizeOver(found: Assessment, live: KnownStep): number {
  return Math.abs(found.stepKw / live.stepKw);
}

function isCommon(
  { neighbourShare, expectedMoveSigma }: ContextNumbers,
  { maxNeighbourShare, maxExpectedMoveSigma }: JudgedGroup["parameters"],
): boolean {
  return neighbourShare > maxNeighbourShare || expectedMoveSigma > maxExpectedMoveSigma;
}

function endStep(
  { civilDay }: JudgedGroup,
  live: KnownStep,
  found: Assessment,
  { neighbourShare, expectedMoveSigma }: ContextNumbers,
): void {
  Object.assign(live, {
    endHour: found.onset.utcHour,
    endJudgedDay: civilDay,
    endGapDays: found.weights.gapDays,
    endNeighbourShare: neighbourShare,
    endExpectedSigma: expectedMoveSigma,
  });
}
