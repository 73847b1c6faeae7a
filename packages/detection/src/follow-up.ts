import type { KnownStep } from "./detection-state.ts";
import type { TestResult } from "./finding.ts";
import { concerns, type JudgedGroup } from "./group-context.ts";
import { recordedCounterparts, transferOverChance } from "./transfers.ts";
import type { GroupEvent } from "./group-view.ts";
import { type JudgedBlock, scanSigma, scanStep } from "./judged-block.ts";
import { atLeast, atMost } from "./verdicts.ts";
import { areExperimentsDue, askExperiments } from "./natural-experiments.ts";
import type { ScorePart } from "./score.ts";

/** What a later day tells of a step up that was raised before. */
export interface FollowUp {
  /** Name the finding: its meter, onset and direction. */
  readonly slot: number;
  readonly onsetDay: number;
  readonly direction: 1 | -1;
  /** The civil day whose judging told it. */
  readonly judgedDay: number;
  /** Tests that could not be asked when it was raised, or that more events have answered since. */
  readonly tests: readonly TestResult[];
  readonly scoreParts: readonly ScorePart[];
  /** UTC hour from which the load was gone, and hours that it ran between the day that raised it and then. */
  readonly ended?: { readonly hour: number; readonly runningHours: number };
  /** The meter that a switching record names and that fell by as much: the load was moved here, it is not new. */
  readonly movedFrom?: { readonly slot: number; readonly kw: number };
}

/** The follow-ups of one day: of each step raised in the last `followDays`, where there is news. To be called when the day has been judged. */
export function followSteps(group: JudgedGroup): FollowUp[] {
  const { state, civilDay, parameters } = group;
  return state.steps
    .filter(({ judgedDay, stepKw }) => stepKw > 0 && judgedDay < civilDay && judgedDay >= civilDay - parameters.followDays)
    .flatMap((step) => {
      const judged = group.blocks.find(({ block }) => block.groupStreams.includes(step.groupStream));
      return judged === undefined ? [] : (followStep(group, judged, step) ?? []);
    });
}

function followStep(group: JudgedGroup, judged: JudgedBlock, step: KnownStep): FollowUp | undefined {
  const { civilDay } = group;
  const stream = judged.block.groupStreams.indexOf(step.groupStream);
  const slot = judged.block.slots[stream];
  const isRefit = civilDay === judged.fit.week;
  // records may come with a later registry, so what they say is asked at every refit
  const experiments = isRefit || areExperimentsDue(group, slot) ? askExperiments(group, judged, stream, step) : undefined;
  const told = experiments?.tests.filter(({ eventHours }) => eventHours !== undefined && eventHours.length > 0) ?? [];
  const movedFrom = isRefit ? movedHere(group, judged, stream, step) : undefined;
  const isEnd = step.endJudgedDay === civilDay;
  if (told.length === 0 && movedFrom === undefined && !isEnd) return undefined;
  const end = isEnd ? describeEnd(group, slot, step) : { tests: [], scoreParts: [] };
  return {
    slot,
    onsetDay: step.onsetDay,
    direction: 1,
    judgedDay: civilDay,
    tests: [...told, ...end.tests],
    scoreParts: [...(experiments?.scoreParts ?? []), ...end.scoreParts],
    ...(isEnd ? { ended: { hour: step.endHour, runningHours: runningHours(group, slot, step) } } : {}),
    ...(movedFrom === undefined ? {} : { movedFrom }),
  };
}

/** Days that a load must have stayed to be no matter of a season, a repair or a thaw. */
const lastingDays = 60;
/** ln of the shares that end with their neighbours, and that fade, among mines that end and among weather that passes. Judgement: no field figures exist. */
const commonEndLogOdds = Math.log(0.08 / 0.8);
const fadedLogOdds = Math.log(0.2 / 0.6);

/** How a load ended. What ends in an event that stops mines is no weather, whoever ends with it. */
function describeEnd(group: JudgedGroup, slot: number, step: KnownStep): { tests: TestResult[]; scoreParts: ScorePart[] } {
  const { parameters, view } = group;
  const near = view.events.find((event) => isNear(event, step.endHour) && concerns(event, slot, view.areas[slot]));
  const lasted = atLeast("lasted", "Did it stay for two months (mines stay; seasons, repairs and thaws pass)?", {
    value: (step.endHour - step.onsetHour) / 24,
    threshold: lastingDays,
    unit: "days",
    ...(near === undefined ? {} : { note: `it ended in ${eventWords[near.kind]}` }),
  });
  const atOnce = atMost("ended_at_once", "Did it end at once, rather than fade away?", {
    value: step.endGapDays,
    threshold: 1,
    unit: "days",
  });
  const alone = atMost("ended_alone", "Did the neighbours stay where they were when it ended (weather, season)?", {
    value: step.endNeighbourShare,
    threshold: parameters.maxNeighbourShare,
    unit: "of neighbours",
  });
  const unexpected = atMost("ended_unexpectedly", "Did what is expected here stay where it was when it ended (weather, a common cause)?", {
    value: step.endExpectedSigma,
    threshold: parameters.maxExpectedMoveSigma,
    unit: "sigma",
  });
  const isCommon = near === undefined && (alone.verdict === "failed" || unexpected.verdict === "failed");
  return {
    tests: [lasted, atOnce, alone, unexpected],
    scoreParts: [
      ...(isCommon
        ? [{ name: "ended_alone", value: alone.verdict === "failed" ? alone.value : unexpected.value, logOdds: commonEndLogOdds }]
        : []),
      ...(atOnce.verdict === "failed" ? [{ name: "ended_at_once", value: step.endGapDays, logOdds: fadedLogOdds }] : []),
    ],
  };
}

const eventWords = {
  switching: "a switching of the grid",
  outage: "an outage of the grid",
  curtailment: "an order to reduce load",
  internet_outage: "an internet outage",
  inspection: "an inspection",
  holiday: "a holiday",
} as const;

/** Holidays stop no load for good; of a long event its first month counts. */
function isNear({ kind, fromHour, toHour }: GroupEvent, utcHour: number): boolean {
  return kind !== "holiday" && utcHour >= fromHour - 24 && utcHour <= Math.min(toHour, fromHour + 31 * 24) + 24;
}

/** Hours of the load's template from the day after it was raised to its end. */
function runningHours({ view }: JudgedGroup, slot: number, step: KnownStep): number {
  const calendar = view.calendars[view.calendarOf[slot]];
  let hours = 0;
  for (let day = step.judgedDay + 1; day <= step.endJudgedDay; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const utcHour = calendar.utcHour(day, hour);
      if (utcHour >= 0 && utcHour < step.endHour) hours += step.profileKw[hour] / step.stepKw;
    }
  }
  return hours;
}

/** The counterpart of a switching record near the onset that fell by about the step then; undefined where no record or no fall says so. */
function movedHere(group: JudgedGroup, judged: JudgedBlock, stream: number, step: KnownStep): FollowUp["movedFrom"] {
  const age = group.civilDay - step.onsetDay;
  const steps = group.weightsOfAge.slice(Math.max(1, age - 1), age + 2);
  const own = { kw: step.stepKw, noiseKw: scanSigma(judged, 0, stream) * judged.fit.scale.meanKw[stream] };
  for (const other of recordedCounterparts(group, step.onsetHour, judged.block.slots[stream])) {
    const beside = group.blocks.find(({ block }) => block.streamOfSlot.has(other));
    if (beside === undefined) continue;
    const peer = beside.block.streamOfSlot.get(other)!;
    const mean = beside.fit.scale.meanKw[peer];
    for (const weights of Number.isNaN(mean) ? [] : steps) {
      const fall = {
        kw: scanStep(beside, 0, peer, group.civilDay, weights) * mean,
        noiseKw: scanSigma(beside, 0, peer) * weights.inflation * mean,
      };
      const logLikelihood = transferOverChance({ ...own, noiseKw: own.noiseKw * weights.inflation }, fall, true);
      if (logLikelihood > group.parameters.maxTransferLogLikelihood) return { slot: other, kw: -fall.kw };
    }
  }
  return undefined;
}
