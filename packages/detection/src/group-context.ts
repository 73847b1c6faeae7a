import type { Assessment } from "./assessment.ts";
import type { IsHoliday } from "./day-types.ts";
import type { DetectionState, KnownStep } from "./detection-state.ts";
import { expectedMove, unknownMove } from "./expected-move.ts";
import { freshAge, freshSteps } from "./fresh-steps.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import { searchDays } from "./onset.ts";
import { type JudgedBlock, scanSigma, scanStep } from "./judged-block.ts";
import type { DetectionParameters } from "./parameters.ts";
import { type ScanTable, strongestNear } from "./scan.ts";
import { isRelative, plainestStep, scanKindOf } from "./peer-steps.ts";
import type { StepWeights } from "./step-weights.ts";
import { cancelling, recordedCounterparts, transferLogLikelihood } from "./transfers.ts";

/** What the rest of the group says about a step: the innocent explanations that need other meters or records. NaN = not tested. */
export interface ContextNumbers {
  /** Neighbours that could be asked. */
  readonly neighbourCount: number;
  /** Share of the neighbours that step the same way at the same time. NaN = fewer than five neighbours. */
  readonly neighbourShare: number;
  /** Step of the expected load at the onset over its usual one, signed by direction. */
  readonly expectedMoveSigma: number;
  /** The same over the step. */
  readonly expectedMoveRatio: number;
  /** Log-likelihood of load moved from a neighbour over a chance step there; -Infinity where nobody stepped the other way, NaN where there is nobody. */
  readonly transferLogLikelihood: number;
  /** Part of the step that is the shadow of plainer steps of its peers at the same time. NaN = no peer stepped more plainly. */
  readonly shadowRatio: number;
  /** Fall of the parent's loss over the step: near 1 the meter itself reads wrong. NaN = no loss stream. */
  readonly lossFallRatio: number;
  /** Part of the step that the parent's own load shows. NaN = no parent, or one too restless to show it. */
  readonly parentRiseRatio: number;
  /** Of a balance: log-likelihood that a neighbouring balance fell by the same load over chance. -Infinity = none fell; NaN = no other balance. */
  readonly wrongParentLogLikelihood: number;
  /** A switching record of the days around the onset names a neighbour. */
  readonly isSwitchingRecorded: boolean;
  /** Raised steps of the stream that ended within `habitDays` before this one. */
  readonly endedSteps: number;
  /** The inspection near the onset, if any. */
  readonly campaign: GroupEvent | undefined;
}

export interface JudgedGroup {
  readonly view: GroupView;
  readonly parameters: DetectionParameters;
  readonly blocks: readonly JudgedBlock[];
  readonly table: ScanTable;
  readonly weightsOfAge: readonly StepWeights[];
  readonly civilDay: number;
  readonly state: DetectionState;
  readonly isHoliday: IsHoliday;
}

/** z from which a neighbour counts as stepping too. */
const neighbourSigma = 2.5;
/** z from which a peer's step is plain enough to cast a shadow, and a fresh one to be remembered. */
const plainSigma = 5;

export function measureContext(group: JudgedGroup, found: Assessment): ContextNumbers {
  const slot = found.judged.block.slots[found.stream];
  return {
    ...neighbourNumbers(group, found, slot),
    ...(found.isLoss ? unknownMove : expectedMove(group, found)),
    transferLogLikelihood: found.isLoss ? -Infinity : transferLogLikelihood(group, found, slot),
    shadowRatio: shadowOfPeers(group, found),
    lossFallRatio: lossFall(group, found),
    parentRiseRatio: parentRise(group, found),
    wrongParentLogLikelihood: wrongParent(group, found, slot),
    isSwitchingRecorded: recordedCounterparts(group, found.onset.utcHour, slot).size > 0,
    endedSteps: group.state.steps.filter(
      (step) =>
        step.groupStream === found.groupStream &&
        step.endHour < Infinity &&
        step.endHour > step.onsetHour &&
        step.onsetDay >= found.onset.civilDay - group.parameters.habitDays,
    ).length,
    campaign: campaignNear(group, found, slot),
  };
}

/** Fewest neighbours whose share says something. */
const fewNeighbours = 5;

/** Neighbours: meters of the area that are no relatives; of the whole group where the area has fewer than five. */
function neighbourNumbers(group: JudgedGroup, found: Assessment, slot: number): Pick<ContextNumbers, "neighbourCount" | "neighbourShare"> {
  const onset = { day: found.onset.civilDay, within: group.parameters.neighbourDays, direction: found.direction };
  const own = count(group, found, onset, (other) => group.view.areas[other] === group.view.areas[slot]);
  const { neighbours, stepping } = own.neighbours >= fewNeighbours ? own : count(group, found, onset, () => true);
  return { neighbourCount: neighbours, neighbourShare: neighbours >= fewNeighbours ? Math.max(0, stepping - 1) / neighbours : Number.NaN };
}

function count(
  group: JudgedGroup,
  found: Assessment,
  onset: { day: number; within: number; direction: 1 | -1 },
  isNeighbour: (slot: number) => boolean,
): { neighbours: number; stepping: number } {
  let neighbours = 0;
  let stepping = 0;
  for (let other = 0; other < group.view.meterCount; other++) {
    if (!isNeighbour(other) || isRelative(found, other)) continue;
    const sigma = found.weights.gapDays > 1 ? buildupSigma(group, found, other) : stepSigma(group, found, other, onset);
    if (Number.isNaN(sigma)) continue;
    neighbours += 1;
    if (sigma >= neighbourSigma) stepping += 1;
  }
  return { neighbours, stepping };
}

/** Largest z of another meter's steps near an onset, now or as they were when fresh; NaN = not judged. */
function stepSigma(group: JudgedGroup, found: Assessment, slot: number, onset: { day: number; within: number; direction: 1 | -1 }): number {
  const now = strongestNear(group.table, slot, group.civilDay, onset);
  const judged = found.age > freshAge ? group.blocks.find(({ block }) => block.streamOfSlot.has(slot)) : undefined;
  if (judged === undefined) return now;
  const noise = scanSigma(judged, 0, judged.block.streamOfSlot.get(slot)!);
  return freshSteps(group.state, slot, onset.day, onset.within).reduce((most, step) => {
    const sigma = (step * onset.direction) / noise;
    return sigma < plainSigma || sigma <= most ? most : sigma;
  }, now);
}

/** z of the same build-up at another meter, in the direction of this one; NaN = not judged. */
function buildupSigma(group: JudgedGroup, found: Assessment, slot: number): number {
  const judged = group.blocks.find(({ block }) => block.streamOfSlot.has(slot));
  if (judged === undefined) return Number.NaN;
  const stream = judged.block.streamOfSlot.get(slot)!;
  if (Number.isNaN(judged.fit.scale.meanKw[stream])) return Number.NaN;
  const step = scanStep(judged, 0, stream, group.civilDay, found.weights);
  return (step * found.direction) / (scanSigma(judged, 0, stream) * found.weights.inflation);
}

/**
 * A step x of a peer shows in this stream as -b x, b the peer's coefficient in its expectation. Sum of those shadows over the peers that step
 * more plainly (larger z) within a day of the onset, as a part of the step.
 */
function shadowOfPeers(group: JudgedGroup, found: Assessment): number {
  const { judged, stream } = found;
  const { regressors, coefficients, width } = judged.fit.expectation;
  const own = scanStep(judged, scanKindOf(found), stream, group.civilDay, found.weights);
  const plainer = Math.max(plainSigma, Math.abs(found.increment.sigma));
  let shadow = Number.NaN;
  for (let k = stream * width; k < (stream + 1) * width; k++) {
    const peer = regressors[k];
    if (peer < 0 || peer >= judged.block.meterCount) continue;
    const { step, sigma } = plainestStep(group, found, judged, peer);
    if (sigma < plainer) continue;
    const part = (-coefficients[k] * step) / own;
    shadow = Number.isNaN(shadow) ? part : shadow + part;
  }
  return shadow;
}

function lossFall(group: JudgedGroup, found: Assessment): number {
  const { block, fit } = found.judged;
  const loss = found.isLoss ? -1 : block.lossOf[found.stream];
  if (loss < 0 || Number.isNaN(fit.scale.meanKw[loss])) return Number.NaN;
  const meanKw = fit.scale.meanKw[loss];
  const noiseKw = scanSigma(found.judged, 0, loss) * found.weights.inflation * meanKw;
  if (Math.abs(found.stepKw) < plainOnParent * noiseKw) return Number.NaN;
  return (-scanStep(found.judged, 0, loss, group.civilDay, found.weights) * meanKw) / found.stepKw;
}

/** The event happens at the meter, in its area, or everywhere. */
export function concerns(event: GroupEvent, slot: number, area: number): boolean {
  return event.slot === slot || (event.slot < 0 && (event.area < 0 || event.area === area));
}

/** A step must be so many times the noise of the parent, or of its balance, for that to show it. */
const plainOnParent = 4;

/** What goes through a meter goes through its parent: the parent's step at the same time, in steps of this meter. */
function parentRise({ civilDay }: JudgedGroup, found: Assessment): number {
  const { judged, stream, weights } = found;
  const parent = found.isLoss ? -1 : judged.block.parents[stream];
  const meanKw = parent < 0 ? Number.NaN : judged.fit.scale.meanKw[parent];
  if (Number.isNaN(meanKw)) return Number.NaN;
  const kind = scanKindOf(found);
  const noiseKw = scanSigma(judged, kind, parent) * weights.inflation * meanKw;
  if (Math.abs(found.stepKw) < plainOnParent * noiseKw) return Number.NaN;
  return (scanStep(judged, kind, parent, civilDay, weights) * meanKw) / found.stepKw;
}

/** A meter mapped to the wrong parent is missing in one balance and too much in another: the fall of a balance of the area that cancels best. */
function wrongParent(group: JudgedGroup, found: Assessment, slot: number): number {
  if (!found.isLoss) return Number.NaN;
  let best = Number.NaN;
  for (const judged of group.blocks) {
    const { block } = judged;
    for (let stream = block.meterCount; stream < block.streamCount; stream++) {
      const other = block.slots[stream];
      if (other === slot || group.view.areas[other] !== group.view.areas[slot]) continue;
      const logLikelihood = cancelling(group, found, judged, stream, false);
      if (!(logLikelihood <= best)) best = logLikelihood;
    }
  }
  return best;
}

/** An inspection of the meter or its area that began up to `stepDownDays` before the onset, or a day after it. */
function campaignNear(group: JudgedGroup, found: Assessment, slot: number): GroupEvent | undefined {
  return campaigns(group, slot, { firstHour: found.onset.utcHour, lastHour: found.onset.utcHour })[0];
}

/** Whether an inspection of the meter or its area is near enough to any onset that a step judged on the day may have. */
export function isCampaignWithin(group: JudgedGroup, slot: number): boolean {
  const oldest = group.civilDay - group.parameters.agesDays.at(-1)! - 2 * searchDays;
  return campaigns(group, slot, { firstHour: oldest * 24, lastHour: (group.civilDay + 2) * 24 }).length > 0;
}

function campaigns({ view, parameters }: JudgedGroup, slot: number, onsets: { firstHour: number; lastHour: number }): GroupEvent[] {
  const area = view.areas[slot];
  return view.events.filter(
    (event) =>
      event.kind === "inspection" &&
      concerns(event, slot, area) &&
      onsets.lastHour >= event.fromHour - 24 &&
      onsets.firstHour <= Math.max(event.fromHour + parameters.stepDownDays * 24, Math.min(event.toHour, event.fromHour + 31 * 24)),
  );
}

/** The raised step of a stream that is still live, if any. */
export function liveStep(state: DetectionState, groupStream: number): KnownStep | undefined {
  return state.steps.findLast((step) => step.groupStream === groupStream && step.endHour === Infinity);
}
