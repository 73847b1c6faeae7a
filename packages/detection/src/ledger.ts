import type { Assessment } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import type { ContextNumbers } from "./group-context.ts";
import type { DetectionParameters } from "./parameters.ts";

/** Every test of a step with its number, threshold and verdict: what makes it a mine, and which innocent explanation was asked. */
export function testLedger(found: Assessment, context: ContextNumbers, minStepKw: number, parameters: DetectionParameters): TestResult[] {
  return [
    ...sizeTests(found, minStepKw, parameters),
    ...dataTests(found, parameters),
    ...shapeTests(found, parameters),
    ...groupTests(found, context, parameters),
  ];
}

/** Passed where every test that could be made was passed. */
export function passes(tests: readonly TestResult[]): boolean {
  return tests.every((test) => test.verdict !== "failed");
}

interface Measured {
  /** NaN = not tested. */
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  readonly note?: string;
}

function atLeast(name: string, question: string, measured: Measured): TestResult {
  return judged(name, question, "at_least", measured);
}

function atMost(name: string, question: string, measured: Measured): TestResult {
  return judged(name, question, "at_most", measured);
}

function judged(name: string, question: string, passesWhen: TestResult["passesWhen"], measured: Measured): TestResult {
  const test = { name, question, passesWhen, ...measured };
  if (Number.isNaN(measured.value)) return { ...test, verdict: "not_tested", note: measured.note ?? "no data" };
  const passed = passesWhen === "at_least" ? measured.value >= measured.threshold : measured.value <= measured.threshold;
  return { ...test, verdict: passed ? "passed" : "failed" };
}

function ofStep(value: number, threshold: number): Measured {
  return { value, threshold, unit: "of step" };
}

function sizeTests(found: Assessment, minStepKw: number, parameters: DetectionParameters): TestResult[] {
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
    atLeast("step_kw", "Is the step large enough for a visit?", { value: Math.abs(found.stepKw), threshold: minStepKw, unit: "kW" }),
  ];
}

function dataTests({ numbers }: Assessment, parameters: DetectionParameters): TestResult[] {
  const threshold = parameters.minPresentRatio;
  return [
    atLeast("present", "Are there data on the days since?", { value: numbers.presentRatio, threshold, unit: "of days" }),
    atLeast("present_before", "Are there data on the fortnight before?", { value: numbers.presentBeforeRatio, threshold, unit: "of days" }),
  ];
}

function shapeTests(found: Assessment, parameters: DetectionParameters): TestResult[] {
  const { numbers } = found;
  const minAge = parameters.minAgeDays[found.isLoss ? "flat" : found.increment.template.signature];
  return [
    atLeast("persistence", "Is the load still there?", ofStep(numbers.stillThereRatio, parameters.minStillThereRatio)),
    atMost("settled", "Has it stopped growing?", ofStep(numbers.stillThereRatio, parameters.maxStillThereRatio)),
    atLeast("age", "Is it old enough for its shape?", { value: found.age, threshold: minAge, unit: "days" }),
    atLeast("new_level", "Is it a new level, not the return from a dip?", ofStep(numbers.newLevelRatio, parameters.minNewLevelRatio)),
    atMost("shape", "Is it the same at every running hour?", {
      value: numbers.shapeSigma,
      threshold: parameters.maxShapeSigma,
      unit: "sigma",
    }),
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
    atMost(
      "weekend",
      "Is it the same on weekends (no shifts)?",
      ofStep(numbers.weekendDifferenceRatio, parameters.maxWeekendDifferenceRatio),
    ),
    atMost("steadiness", "Is the load after it as steady as before?", {
      value: numbers.restlessnessRatio,
      threshold: parameters.maxRestlessnessRatio,
      unit: "ratio",
    }),
  ];
}

function groupTests(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult[] {
  const held = found.age < parameters.weatherHoldDays;
  // that a campaign is near is weak evidence, so a step down must be further from any neighbour's step up
  const maxTransfer = found.direction < 0 ? parameters.maxTransferDownLogLikelihood : parameters.maxTransferLogLikelihood;
  return [
    atMost("not_habitual", "Is it not one of many loads that come and go here?", {
      value: context.endedSteps,
      threshold: parameters.maxEndedSteps,
      unit: "ended steps",
    }),
    atMost("neighbours", "Do the neighbours stay where they were (weather, holiday)?", {
      value: context.neighbourShare,
      threshold: held ? parameters.maxNeighbourShare : 1,
      unit: "of neighbours",
      ...(held ? {} : { note: `asked until ${parameters.weatherHoldDays} days old` }),
    }),
    atMost("expected_stays", "Does what is expected here stay where it was (weather, a common cause)?", {
      value: held && found.direction > 0 ? context.expectedMoveSigma : Number.NaN,
      threshold: parameters.maxExpectedMoveSigma,
      unit: "sigma",
      ...(held ? {} : { note: `asked until ${parameters.weatherHoldDays} days old` }),
      ...(found.direction < 0 ? { note: "several sites that switch off near a campaign have it as their common cause" } : {}),
    }),
    atMost("not_shadow", "Is it not the shadow of a peer's own step in what is expected here?", {
      ...ofStep(context.shadowRatio, parameters.maxShadowRatio),
      ...(Number.isNaN(context.shadowRatio) ? { note: "no peer stepped more plainly" } : {}),
    }),
    atMost("not_transferred", "Did no neighbour lose the same load at the same time?", {
      value: found.isLoss ? Number.NaN : Math.max(-9, context.transferLogLikelihood),
      threshold: maxTransfer,
      unit: "log likelihood",
      ...(found.isLoss ? { note: "a balance does not change when load moves" } : {}),
    }),
    atMost("meter_reads_right", "Does the parent see the load too (its loss does not fall by it)?", {
      value: context.lossFallRatio,
      threshold: 0.5,
      unit: "of step",
      ...(Number.isNaN(context.lossFallRatio) ? { note: "no parent with all children metered" } : {}),
    }),
  ];
}
