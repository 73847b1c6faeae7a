import { type Assessment, assessStep } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import { type JudgedGroup, measureContext } from "./group-context.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { passes, testLedger } from "./ledger.ts";
import type { DetectionParameters } from "./parameters.ts";
import { ageInflation } from "./scan.ts";
import { scoreOf } from "./score.ts";
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
  readonly tests: readonly TestResult[];
  /** Every test that could be made was passed. */
  readonly isPassed: boolean;
  /** It was raised on this day. */
  readonly isRaised: boolean;
  /** Why a passed step was not raised: civil day on which the same step had been raised before; meter that was named instead. NaN, -1 = none. */
  readonly raisedBeforeDay: number;
  readonly namedSlot: number;
}

export interface FittedStream {
  readonly judged: JudgedBlock;
  readonly stream: number;
}

const signatures = ["flat", "peak_pause", "night_only"] as const;
const directions = [1, -1] as const;

/** Statistics of the day and its likeliest step: a raised one, else of the steps up the best score among those that stir, else the most margin. */
export function inspectSteps(
  group: JudgedGroup,
  fitted: FittedStream,
  raised: readonly Assessment[],
): { statistics: StepStatistic[]; step: InspectedStep | undefined } {
  const families = signatures.flatMap((signature) =>
    directions.map((direction) => ({ signature, direction, steps: assessAges(group, fitted, signature, direction) })),
  );
  const strongest = families.flatMap(({ signature, direction, steps }) => {
    const found = mostMargin(steps);
    return found ? [{ signature, direction, found }] : [];
  });
  const statistics = strongest.map(({ signature, direction, found }) => ({
    signature,
    direction,
    sigma: found.increment.sigma * direction,
    neededSigma: found.neededSigma,
    ageDays: found.age,
  }));
  const own = raised.find(({ judged, stream }) => judged === fitted.judged && stream === fitted.stream);
  const likeliest =
    own ??
    likeliestStep(
      group,
      strongest.flatMap(({ found, direction }) => (direction > 0 ? [found] : [])),
    );
  return { statistics, step: likeliest && describe(group, likeliest, raised) };
}

/** The steps of one template family at every age that the residuals reach back for. */
function assessAges(
  group: JudgedGroup,
  { judged, stream }: FittedStream,
  signature: Template["signature"],
  direction: 1 | -1,
): Assessment[] {
  const { parameters, weightsOfAge, civilDay, state } = group;
  const firstUsableDay = judged.fit.residuals.firstDay + parameters.beforeDays;
  const only = onlyTemplate(parameters, signature);
  return parameters.agesDays
    .filter((age) => civilDay - age >= firstUsableDay)
    .flatMap((age) => {
      const setting = { direction, parameters: only, ageInflation: ageInflation(weightsOfAge, age), groupDays: state.days.length };
      return assessStep(judged, stream, civilDay, weightsOfAge[age], { ...setting, keepsWeak: true }) ?? [];
    });
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
    .map((step) => ({ step, score: scoreOf(step, measureContext(group, step)) }));
  const best = scored.reduce<(typeof scored)[number] | undefined>((a, b) => (a === undefined || b.score > a.score ? b : a), undefined);
  return best?.step ?? mostMargin(steps);
}

function describe(group: JudgedGroup, found: Assessment, raised: readonly Assessment[]): InspectedStep {
  const { parameters, view, state } = group;
  const { judged, stream, increment, meanKw } = found;
  const context = measureContext(group, found);
  const tests = testLedger(found, context, parameters.minStepKw[view.levels[judged.block.slots[stream]]], parameters);
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
    score: scoreOf(found, context),
    tests,
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
