import type { Assessment } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import type { ContextNumbers } from "./group-context.ts";
import type { DetectionParameters } from "./parameters.ts";

/** Every test of a step with its number, threshold and verdict: what makes it a mine, and which innocent explanation was asked. */
export function testLedger(found: Assessment, context: ContextNumbers, minStepKw: number, parameters: DetectionParameters): TestResult[] {
  return [...sizeTests(found, minStepKw, parameters), ...shapeTests(found, parameters), ...groupTests(found, context, parameters)];
}

/** Passed where every test that could be made was passed. */
export function passes(tests: readonly TestResult[]): boolean {
  return tests.every((test) => test.verdict !== "failed");
}

type Definition = Omit<TestResult, "verdict" | "value">;

function verdict(definition: Definition, value: number): TestResult {
  if (Number.isNaN(value)) return { ...definition, value, verdict: "not_tested", note: definition.note ?? "no data" };
  const passed = definition.passesWhen === "at_least" ? value >= definition.threshold : value <= definition.threshold;
  return { ...definition, value, verdict: passed ? "passed" : "failed" };
}

function sizeTests(found: Assessment, minStepKw: number, parameters: DetectionParameters): TestResult[] {
  const upRatio = found.isLoss ? parameters.minLossStepRatio : parameters.minStepRatio;
  const minRatio = found.direction < 0 ? parameters.minStepDownRatio : upRatio;
  return [
    verdict(
      {
        name: "step_over_noise",
        question: "Is the step larger than the steps this meter shows when nothing happens?",
        threshold: found.neededSigma,
        passesWhen: "at_least",
        unit: "sigma",
      },
      Math.abs(found.increment.sigma),
    ),
    verdict(
      {
        name: "step_share",
        question: "Is the step a relevant share of the site?",
        threshold: minRatio,
        passesWhen: "at_least",
        unit: "of mean",
      },
      Math.abs(found.increment.size),
    ),
    verdict(
      { name: "step_kw", question: "Is the step large enough for a visit?", threshold: minStepKw, passesWhen: "at_least", unit: "kW" },
      Math.abs(found.stepKw),
    ),
  ];
}

function shapeTests(found: Assessment, parameters: DetectionParameters): TestResult[] {
  const { numbers } = found;
  const at = (name: string, question: string, threshold: number, passesWhen: Definition["passesWhen"], unit: string, value: number) =>
    verdict({ name, question, threshold, passesWhen, unit }, value);
  return [
    at("present", "Are there data on the days since?", parameters.minPresentRatio, "at_least", "of days", numbers.presentRatio),
    at(
      "present_before",
      "Are there data on the fortnight before?",
      parameters.minPresentRatio,
      "at_least",
      "of days",
      numbers.presentBeforeRatio,
    ),
    at("persistence", "Is the load still there?", parameters.minStillThereRatio, "at_least", "of step", numbers.stillThereRatio),
    at("settled", "Has it stopped growing?", parameters.maxStillThereRatio, "at_most", "of step", numbers.stillThereRatio),
    at(
      "age",
      "Is it old enough for its shape?",
      found.isLoss ? parameters.minAgeDays.flat : parameters.minAgeDays[found.increment.template.signature],
      "at_least",
      "days",
      found.age,
    ),
    at(
      "new_level",
      "Is it a new level, not the return from a dip?",
      parameters.minNewHighRatio,
      "at_least",
      "of step",
      numbers.newHighRatio,
    ),
    at("shape", "Is it the same at every running hour?", parameters.maxShapeSigma, "at_most", "sigma", numbers.shapeSigma),
    at(
      "energy",
      "Does the day as a whole gain what the running hours gain?",
      parameters.minEnergyRatio,
      "at_least",
      "of step",
      numbers.energyRatio,
    ),
    at(
      "not_multiplicative",
      "Was load added, rather than every hour multiplied (ratio, unit, growth)?",
      parameters.minAdditiveLogLikelihood,
      "at_least",
      "log likelihood",
      numbers.additiveLogLikelihood,
    ),
    at(
      "weekend",
      "Is it the same on weekends (no shifts)?",
      parameters.maxWeekendDifferenceRatio,
      "at_most",
      "of step",
      numbers.weekendDifferenceRatio,
    ),
    at(
      "steadiness",
      "Is the load after it as steady as before?",
      parameters.maxRestlessnessRatio,
      "at_most",
      "ratio",
      numbers.restlessnessRatio,
    ),
  ];
}

function groupTests(found: Assessment, context: ContextNumbers, parameters: DetectionParameters): TestResult[] {
  const held = found.age < parameters.weatherHoldDays;
  const transferLimit = context.transferRecorded ? parameters.recordedTransferSumRatio : parameters.transferSumRatio;
  return [
    verdict(
      {
        name: "not_habitual",
        question: "Is it not one of many loads that come and go here?",
        threshold: parameters.maxEndedSteps,
        passesWhen: "at_most",
        unit: "ended steps",
      },
      context.endedSteps,
    ),
    verdict(
      {
        name: "neighbours",
        question: "Do the neighbours stay where they were (weather, holiday)?",
        threshold: held ? parameters.maxNeighbourShare : 1,
        passesWhen: "at_most",
        unit: "of neighbours",
        ...(held ? {} : { note: `asked until ${parameters.weatherHoldDays} days old` }),
      },
      context.neighbourShare,
    ),
    verdict(
      {
        name: "not_transferred",
        question: "Did no neighbour lose the same load at the same time?",
        threshold: transferLimit,
        passesWhen: "at_least",
        unit: "of step",
        ...(found.isLoss ? { note: "a balance does not change when load moves" } : {}),
      },
      Number.isNaN(context.transferSumRatio) && !found.isLoss ? 1 : Math.min(1, context.transferSumRatio),
    ),
    verdict(
      {
        name: "meter_reads_right",
        question: "Does the parent see the load too (its loss does not fall by it)?",
        threshold: 0.5,
        passesWhen: "at_most",
        unit: "of step",
        ...(Number.isNaN(context.lossFallRatio) ? { note: "no parent with all children metered" } : {}),
      },
      context.lossFallRatio,
    ),
  ];
}
