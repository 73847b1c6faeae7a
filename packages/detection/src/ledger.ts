import type { Assessment } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import { calendarTests } from "./calendar-tests.ts";
import type { ContextNumbers, JudgedGroup } from "./group-context.ts";
import { groupTests } from "./group-tests.ts";
import { readingTests } from "./reading-tests.ts";
import { atLeast, atMost, doesNotApply, ofStep } from "./verdicts.ts";
import type { DetectionParameters } from "./parameters.ts";

/** Every test of a step with its number, threshold and verdict: what makes it a mine, and which innocent explanation was asked. */
export function testLedger(group: JudgedGroup, found: Assessment, context: ContextNumbers): TestResult[] {
  const { view, parameters } = group;
  return [
    ...ownTests(group, found),
    ...readingTests(view, found, parameters),
    ...calendarTests(group, found),
    ...groupTests(found, context, parameters),
  ];
}

/** The tests that need nothing but the step. */
function ownTests(group: JudgedGroup, found: Assessment): TestResult[] {
  return [...sizeAndAgeTests(group, found), ...shapeTests(found, group.parameters), ...dayTests(found, group.parameters)];
}

/**
 * Whether the tests of the step alone are passed: most steps that stir end there, before the costly ones. Those of its size and age, which cost nothing,
 * come first.
 */
export function passesAlone(group: JudgedGroup, found: Assessment): boolean {
  return passes(sizeAndAgeTests(group, found)) && passes(ownTests(group, found));
}

/** Passed where every test that could be made was passed. */
export function passes(tests: readonly TestResult[]): boolean {
  return tests.every((test) => test.verdict !== "failed");
}

function sizeAndAgeTests({ view, parameters }: JudgedGroup, found: Assessment): TestResult[] {
  const level = view.levels[found.judged.block.slots[found.stream]];
  const ofShape = parameters.minAgeDays[found.isLoss ? "flat" : found.increment.template.signature];
  const upRatio = found.isLoss ? parameters.minLossStepRatio : parameters.minStepRatio;
  return [
    atLeast("step_over_noise", "Is the step larger than the steps this meter shows when nothing happens?", {
      value: Math.abs(found.increment.sigma),
      threshold: found.neededSigma,
      unit: "sigma",
    }),
    atLeast("step_share", "Is the step a relevant share of the site?", {
      value: Math.abs(found.increment.size),
      threshold: found.direction < 0 ? parameters.minStepDownRatio : upRatio,
      unit: "of mean",
    }),
    atLeast("step_kw", "Is the step large enough for a visit?", {
      value: Math.abs(found.stepKw),
      threshold: parameters.minStepKw[level],
      unit: "kW",
    }),
    atLeast("age", "Is it old enough for its shape, and for a meter of this level?", {
      value: found.age,
      threshold: Math.max(ofShape, parameters.minLevelAgeDays[level]),
      unit: "days",
    }),
  ];
}

function shapeTests(found: Assessment, parameters: DetectionParameters): TestResult[] {
  const { numbers } = found;
  return [
    atLeast("persistence", "Is the load still there?", ofStep(numbers.stillThereRatio, parameters.minStillThereRatio)),
    atMost("settled", "Has it stopped growing?", ofStep(numbers.stillThereRatio, parameters.maxStillThereRatio)),
    atLeast("new_level", "Is it a new level, not the return from a dip?", ofStep(numbers.newLevelRatio, parameters.minNewLevelRatio)),
    atMost("shape", "Is it the same at every running hour?", {
      value: numbers.shapeSigma,
      threshold: parameters.maxShapeSigma,
      unit: "sigma",
    }),
    atLeast(
      "at_night",
      "Is it there in the small hours too (no day shift, cooling, or lack of sun)?",
      ofStep(numbers.nightRatio, parameters.minNightRatio),
    ),
    atLeast(
      "every_block",
      "Do all its running hours have it (no part of a day, no shifts)?",
      ofStep(numbers.weakestBlockRatio, parameters.minWeakestBlockRatio),
    ),
    atLeast(
      "energy",
      "Does the day as a whole gain what the running hours gain (no clock that runs late)?",
      ofStep(numbers.energyRatio, parameters.minEnergyRatio),
    ),
    atLeast("not_multiplicative", "Was load added, rather than every hour multiplied (ratio, unit, growth)?", {
      value: numbers.additiveLogLikelihood,
      threshold: parameters.minAdditiveLogLikelihood,
      unit: "log likelihood",
    }),
    atLeast("not_technical_loss", "Is it not loss in lines and transformers, which grows with the square of the load?", {
      value: numbers.lossLogLikelihood,
      threshold: parameters.minLossLogLikelihood,
      unit: "log likelihood",
      note: found.isLoss ? undefined : `${doesNotApply}asked of balances`,
    }),
  ];
}

/** Whether the days since the onset are alike, and steady enough. */
function dayTests({ numbers }: Assessment, parameters: DetectionParameters): TestResult[] {
  return [
    atLeast("seen_both", "Has it been seen on working days and on a weekend?", {
      value: numbers.rarerDaysCount,
      threshold: parameters.minRarerDays,
      unit: "days",
    }),
    atMost(
      "weekend",
      "Is it the same on weekends (no shifts)?",
      ofStep(numbers.weekendDifferenceRatio, parameters.maxWeekendDifferenceRatio),
    ),
    atLeast("every_day", "Does it run every day (no load that comes and goes)?", {
      value: numbers.runningDaysRatio,
      threshold: parameters.minRunningDaysRatio,
      unit: "of days",
    }),
    atMost("steadiness", "Is the load after it as steady as before?", {
      value: numbers.restlessnessRatio,
      threshold: parameters.maxRestlessnessRatio,
      unit: "ratio",
    }),
  ];
}
