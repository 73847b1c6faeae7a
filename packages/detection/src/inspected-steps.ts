import { type Assessment, assessStep } from "./assessment.ts";
import { evidenceOf } from "./evidence.ts";
import type { TestResult } from "./finding.ts";
import { type JudgedGroup, measureContext } from "./group-context.ts";
import { bestIncrement } from "./increment.ts";
import { knownStepOf } from "./finding-builder.ts";
import type { FittedStream } from "./inspected-series.ts";
import { passes, testLedger } from "./ledger.ts";
import { askExperiments } from "./natural-experiments.ts";
import type { DetectionParameters } from "./parameters.ts";
import { minScoreOf, type ScorePart, scoreOf, scoreWith } from "./score.ts";
import type { StepWeights } from "./step-weights.ts";
import type { Template } from "./templates.ts";

/** The strongest step of one template family and direction on a judged day: the one with the most margin over the z asked of it. */
export interface StepStatistic {
  readonly signature: Template["signature"];
  readonly direction: 1 | -1;
  /** z in the direction, and the z asked of this age and shape. */
  readonly sigma: number;
  readonly neededSigma: number;
  readonly ageDays: number;
}

/** A step with the numbers it was, or would be, judged by. kW are signed. */
export interface InspectedStep {
  readonly direction: 1 | -1;
  readonly signature: Template["signature"];
  /** 1 in the template's running hours, 24 values by local hour. */
  readonly running: Float64Array;
  readonly ageDays: number;
  /** Days over which the load came up: 1 for a step, more for a build-up. */
  readonly gapDays: number;
  readonly onsetDay: number;
  readonly onsetHour: number;
  readonly stepKw: number;
  readonly stepKwLow: number;
  readonly stepKwHigh: number;
  /** Height of the fitted template while running. */
  readonly templateKw: number;
  /** By local hour, 24 values, and the deviation of the 4-hour mean that each hour is judged in. */
  readonly incrementKw: Float64Array;
  readonly noiseKw: Float64Array;
  readonly sigma: number;
  readonly neededSigma: number;
  /** As a raised step would be scored, whether or not it passed. */
  readonly score: number;
  /** Smallest score at which a step of its kind is raised. */
  readonly neededScore: number;
  /** Which term of the evidence moved the score by how much. */
  readonly scoreParts: readonly ScorePart[];
  readonly tests: readonly TestResult[];
  /** Every test that could be made was passed. */
  readonly isPassed: boolean;
  /** It was raised on this day. */
  readonly isRaised: boolean;
  /** Why a passed step was not raised: civil day on which the same step had been raised before; meter that was named instead. NaN, -1 = none. */
  readonly raisedBeforeDay: number;
  readonly namedSlot: number;
}

const signatures = ["flat", "peak_pause", "night_only"] as const;
const directions = [1, -1] as const;

/** Statistics of the day and its likeliest step: a raised one, else of the steps up the best score among those that stir, else the most margin. */
export function inspectSteps(
  group: JudgedGroup,
  fitted: FittedStream,
  raised: readonly Assessment[],
): { statistics: StepStatistic[]; step: InspectedStep | undefined } {
  const ages = listAges(group, fitted);
  const strongest = signatures.flatMap((signature) =>
    directions.flatMap((direction) => {
      const age = strongestAge(group, fitted, ages, { signature, direction });
      return age === undefined ? [] : [{ signature, found: assess(group, fitted, age, { signature, direction }) }];
    }),
  );
  const statistics = strongest.map(({ signature, found }) => ({
    signature,
    direction: found.direction,
    sigma: found.increment.sigma * found.direction,
    neededSigma: found.neededSigma,
    ageDays: found.age,
  }));
  const own = raised.find(({ judged, stream }) => judged === fitted.judged && stream === fitted.stream);
  const up = strongest.flatMap(({ found }) => (found.direction > 0 ? [found] : []));
  const likeliest = own ?? likeliestStep(group, up);
  return { statistics, step: likeliest && describe(group, likeliest, raised) };
}

/** An age that the residuals reach back for, its profile, and what the judging asks of it beside the template's own z. */
interface Age {
  readonly weights: StepWeights;
  readonly profile: Float64Array;
  readonly extraSigma: number;
}

function listAges(group: JudgedGroup, fitted: FittedStream): Age[] {
  const { parameters, weightsOfAge, civilDay } = group;
  const { judged } = fitted;
  const firstUsableDay = judged.fit.residuals.firstDay + parameters.beforeDays;
  return parameters.agesDays
    .filter((age) => civilDay - age >= firstUsableDay)
    .map((age) => {
      const weights = weightsOfAge[age];
      const { increment, neededSigma } = assess(group, fitted, weights, { signature: "flat", direction: 1 });
      return { weights, profile: increment.profile, extraSigma: neededSigma - increment.minSigma };
    });
}

interface Family {
  readonly signature: Template["signature"];
  readonly direction: 1 | -1;
}

/** Weights of the age at which a template family has most margin. Sizing a profile costs a twentieth of assessing it. */
function strongestAge(
  { parameters }: JudgedGroup,
  { judged, stream }: FittedStream,
  ages: readonly Age[],
  { signature, direction }: Family,
): StepWeights | undefined {
  let best: { weights: StepWeights; margin: number } | undefined;
  const { minSigma } = onlyTemplate(parameters, signature);
  for (const { weights, profile, extraSigma } of ages) {
    const found = bestIncrement(judged, stream, profile, weights.inflation, { direction, minSigma });
    const clear = found.sigma * direction - found.minSigma - extraSigma;
    if (best === undefined || clear > best.margin) best = { weights, margin: clear };
  }
  return best?.weights;
}

/** The judging's own tests of the family's best template at an age. */
function assess(group: JudgedGroup, { judged, stream }: FittedStream, weights: StepWeights, { signature, direction }: Family): Assessment {
  return assessStep(judged, stream, group.civilDay, weights, {
    keepsWeak: true,
    direction,
    parameters: onlyTemplate(group.parameters, signature),
    groupDays: group.state.days.length,
  })!;
}

/** Parameters under which no other template family can be the best. */
function onlyTemplate(parameters: DetectionParameters, signature: Template["signature"]): DetectionParameters {
  const { minSigma } = parameters;
  const of = (other: Template["signature"], asked: number) => (other === signature ? asked : Infinity);
  return {
    ...parameters,
    minSigma: {
      flat: of("flat", minSigma.flat),
      loss: of("flat", minSigma.loss),
      peak_pause: of("peak_pause", minSigma.peak_pause),
      night_only: of("night_only", minSigma.night_only),
    },
  };
}

function mostMargin(steps: readonly Assessment[]): Assessment | undefined {
  return steps.reduce<Assessment | undefined>((best, step) => (best === undefined || margin(step) > margin(best) ? step : best), undefined);
}

function margin({ increment, direction, neededSigma }: Assessment): number {
  return increment.sigma * direction - neededSigma;
}

function likeliestStep(group: JudgedGroup, steps: readonly Assessment[]): Assessment | undefined {
  const scored = steps
    .filter(({ increment, direction }) => increment.sigma * direction >= group.parameters.stirSigma)
    .map((step) => ({
      step,
      score: scoreOf(evidenceOf(step, measureContext(group, step), group.state.days.length), group.parameters),
    }));
  const best = scored.reduce<(typeof scored)[number] | undefined>((a, b) => (a === undefined || b.score > a.score ? b : a), undefined);
  return best?.step ?? mostMargin(steps);
}

function describe(group: JudgedGroup, found: Assessment, raised: readonly Assessment[]): InspectedStep {
  const { parameters, state } = group;
  const { judged, stream, increment, meanKw } = found;
  const context = measureContext(group, found);
  const evidence = evidenceOf(found, context, state.days.length);
  const tests = testLedger(group, found, context);
  const experiments = askExperiments(group, judged, stream, knownStepOf(found));
  const known = state.steps.find(
    (step) =>
      step.groupStream === found.groupStream &&
      Math.sign(step.stepKw) === found.direction &&
      Math.abs(step.onsetDay - found.onset.civilDay) <= 3,
  );
  const named = raised.find(
    (other) => other !== found && isRelative(found, other) && Math.abs(other.onset.civilDay - found.onset.civilDay) <= 3,
  );
  return {
    direction: found.direction,
    signature: increment.template.signature,
    running: increment.template.running.slice(),
    ageDays: found.age,
    gapDays: found.weights.gapDays,
    onsetDay: found.onset.civilDay,
    onsetHour: found.onset.utcHour,
    stepKw: found.stepKw,
    stepKwLow: found.stepKw - found.halfWidthKw,
    stepKwHigh: found.stepKw + found.halfWidthKw,
    templateKw: increment.size * meanKw,
    incrementKw: increment.profile.map((share) => share * meanKw),
    noiseKw: Float64Array.from(
      { length: 24 },
      (_, hour) => judged.noise.blockSigma[stream * 6 + Math.floor(hour / 4)] * increment.inflation * meanKw,
    ),
    sigma: increment.sigma * found.direction,
    neededSigma: found.neededSigma,
    ...scoreWith(evidence, parameters, experiments.scoreParts),
    neededScore: minScoreOf(evidence, parameters),
    tests: [...tests, ...experiments.tests],
    isPassed: margin(found) >= 0 && passes(tests),
    isRaised: raised.includes(found),
    raisedBeforeDay: known?.judgedDay ?? Number.NaN,
    namedSlot: named ? named.judged.block.slots[named.stream] : -1,
  };
}

/** Above or below it, or the same meter. */
function isRelative({ judged, stream }: Assessment, other: Assessment): boolean {
  if (other.judged !== judged) return false;
  const { block } = judged;
  const meter = block.streamOfSlot.get(block.slots[other.stream]);
  return meter !== undefined && block.relatives[stream][meter] === 1;
}
