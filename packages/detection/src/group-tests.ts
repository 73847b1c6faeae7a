import type { Assessment } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import type { ContextNumbers } from "./group-context.ts";
import type { DetectionParameters } from "./parameters.ts";
import { atLeast, atMost, doesNotApply, ofStep } from "./verdicts.ts";

/** Innocent explanations that other meters can tell: weather and other common causes, moved load, meters and balances that are wrong. */
export function groupTests(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult[] {
  return [
    atMost("not_habitual", "Is it not one of many loads that come and go here?", {
      value: context.endedSteps,
      threshold: parameters.maxEndedSteps,
      unit: "ended steps",
    }),
    ...commonCauseTests(found, context, parameters),
    transferTest(found, context, parameters),
    ...balanceTests(found, context, parameters),
  ];
}

function commonCauseTests(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult[] {
  const held = found.age < parameters.weatherHoldDays;
  const asked = held ? undefined : `${doesNotApply}asked until ${parameters.weatherHoldDays} days old`;
  const isBuildup = found.weights.gapDays > 1;
  return [
    atLeast("comparable", "Are there neighbours enough to tell a build-up from growth and the season?", {
      value: isBuildup ? context.neighbourCount : Number.NaN,
      threshold: parameters.minBuildupNeighbours,
      unit: "neighbours",
      note: isBuildup ? undefined : `${doesNotApply}asked of build-ups`,
    }),
    atMost("neighbours", "Do the neighbours stay where they were (weather, holiday)?", {
      value: context.neighbourShare,
      threshold: parameters.maxNeighbourShare,
      unit: "of neighbours",
      note: Number.isNaN(context.neighbourShare) ? "fewer than five neighbours" : undefined,
    }),
    atMost("expected_stays", "Does what is expected here stay where it was (weather, a common cause)?", {
      value: held && found.direction > 0 && context.expectedMoveRatio >= 1 ? context.expectedMoveSigma : Number.NaN,
      threshold: parameters.maxExpectedMoveSigma,
      unit: "sigma",
      note: expectedNote(found, context) ?? asked,
    }),
    atMost("not_shadow", "Is it not the shadow of a peer's own step in what is expected here?", {
      ...ofStep(context.shadowRatio, parameters.maxShadowRatio),
      note: Number.isNaN(context.shadowRatio) ? `${doesNotApply}no peer stepped more plainly` : undefined,
    }),
  ];
}

/** What is left of a common move where others responded less is no larger than the move itself. */
function expectedNote({ direction }: Assessment, { expectedMoveRatio }: ContextNumbers): string | undefined {
  if (direction < 0) return `${doesNotApply}several sites that switch off near a campaign have it as their common cause`;
  return expectedMoveRatio < 1 ? `${doesNotApply}it moved by less than the step` : undefined;
}

function transferTest(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult {
  const { transferLogLikelihood, isSwitchingRecorded } = context;
  const value = found.isLoss || Number.isNaN(transferLogLikelihood) ? Number.NaN : Math.max(-9, transferLogLikelihood);
  return atMost("not_transferred", "Did no neighbour lose the same load at the same time?", {
    value,
    // that a campaign is near is weak evidence, so a step down must be further from any neighbour's step up
    threshold: found.direction < 0 ? parameters.maxTransferDownLogLikelihood : parameters.maxTransferLogLikelihood,
    unit: "log likelihood",
    note: transferNote(found.isLoss, Number.isNaN(value), isSwitchingRecorded),
  });
}

function transferNote(isLoss: boolean, isUntested: boolean, isSwitchingRecorded: boolean): string | undefined {
  if (isLoss) return `${doesNotApply}a balance does not change when load moves`;
  if (isUntested) return "no other meter that load could come from";
  return isSwitchingRecorded ? "a switching record names a neighbour" : undefined;
}

function balanceTests(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult[] {
  const { lossFallRatio, parentRiseRatio, wrongParentLogLikelihood } = context;
  return [
    atMost("meter_reads_right", "Does the parent see the load too (its loss does not fall by it)?", {
      ...ofStep(lossFallRatio, parameters.maxLossFallRatio),
      note: parentNote(lossFallRatio, found.isLoss, "no parent with all children metered"),
    }),
    atLeast("parent_rises", "Does the parent's own load rise by it (the meter is where the register says)?", {
      ...ofStep(parentRiseRatio, parameters.minParentRiseRatio),
      note: parentNote(parentRiseRatio, found.isLoss, "no parent, or one too restless to show it"),
    }),
    atMost("right_parent", "Did no other balance fall by it (a meter mapped to the wrong parent)?", {
      value: Number.isNaN(wrongParentLogLikelihood) ? Number.NaN : Math.max(-9, wrongParentLogLikelihood),
      threshold: parameters.maxTransferLogLikelihood,
      unit: "log likelihood",
      note: Number.isNaN(wrongParentLogLikelihood) ? wrongParentNote(found.isLoss) : undefined,
    }),
  ];
}

function parentNote(ratio: number, isLoss: boolean, lack: string): string | undefined {
  if (isLoss) return `${doesNotApply}asked of meters`;
  return Number.isNaN(ratio) ? lack : undefined;
}

function wrongParentNote(isLoss: boolean): string {
  return isLoss ? "no other balance in the area" : `${doesNotApply}asked of balances`;
}
