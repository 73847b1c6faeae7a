import type { Assessment } from "./assessment.ts";
import type { DetectionState, KnownStep } from "./detection-state.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import { type JudgedBlock, scanStep } from "./judged-block.ts";
import type { DetectionParameters } from "./parameters.ts";
import { ageInflation, type ScanTable, strongestNear } from "./scan.ts";
import type { StepWeights } from "./step-weights.ts";

/** What the rest of the group says about a step: the innocent explanations that need other meters or records. NaN = not tested. */
export interface ContextNumbers {
  /** Share of the neighbours that step the same way at the same time. */
  readonly neighbourShare: number;
  /** |sum| over the step of the best opposite step nearby (NaN where nobody stepped the other way), and whose it is. */
  readonly transferSumRatio: number;
  readonly transferSlot: number;
  readonly transferRecorded: boolean;
  /** Fall of the parent's loss over the step: near 1 the meter itself reads wrong. NaN = no loss stream. */
  readonly lossFallRatio: number;
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
}

/** z from which a neighbour counts as stepping too. */
const neighbourSigma = 2.5;
/** z that an opposite step must have to explain one as a transfer: unrecorded, recorded. */
const oppositeSigma = 3;
const recordedOppositeSigma = 2;
/** z from which an opposite step is no accident, so that the noise of both sizes is allowed for. */
const plainOppositeSigma = 3;

export function measureContext(group: JudgedGroup, found: Assessment): ContextNumbers {
  const slot = found.judged.block.slots[found.stream];
  const transfer = found.isLoss ? undefined : findTransfer(group, found, slot);
  return {
    neighbourShare: neighbourShare(group, found, slot),
    transferSumRatio: transfer?.sumRatio ?? Number.NaN,
    transferSlot: transfer?.slot ?? -1,
    transferRecorded: transfer?.recorded ?? false,
    lossFallRatio: lossFall(group, found),
    endedSteps: group.state.steps.filter(
      (step) =>
        step.groupStream === found.groupStream &&
        step.endHour < Infinity &&
        step.onsetDay >= found.onset.civilDay - group.parameters.habitDays,
    ).length,
    campaign: campaignNear(group, found, slot),
  };
}

/** Neighbours: meters of the area that are no relatives; of the whole group where the area has fewer than five. */
function neighbourShare(group: JudgedGroup, found: Assessment, slot: number): number {
  const onset = { day: found.onset.civilDay, within: group.parameters.neighbourDays, direction: found.direction };
  const own = count(group, found, onset, (other) => group.view.areas[other] === group.view.areas[slot]);
  const counted = own.neighbours >= 5 ? own : count(group, found, onset, () => true);
  return counted.neighbours >= 5 ? Math.max(0, counted.stepping - 1) / counted.neighbours : Number.NaN;
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
    const sigma = strongestNear(group.table, other, group.civilDay, onset);
    if (Number.isNaN(sigma)) continue;
    neighbours += 1;
    if (sigma >= neighbourSigma) stepping += 1;
  }
  return { neighbours, stepping };
}

function isRelative(found: Assessment, slot: number): boolean {
  const { block } = found.judged;
  const stream = block.streamOfSlot.get(slot);
  return stream !== undefined && block.relatives[found.stream][stream] === 1;
}

interface Transfer {
  readonly slot: number;
  readonly sumRatio: number;
  readonly recorded: boolean;
}

/** The opposite step that comes closest to cancelling this one, among the area's other meters and those a switching record names. */
function findTransfer(group: JudgedGroup, found: Assessment, slot: number): Transfer | undefined {
  const named = recordedCounterparts(group, found, slot);
  let best: Transfer | undefined;
  for (const judged of group.blocks) {
    for (let stream = 0; stream < judged.block.meterCount; stream++) {
      const other = judged.block.slots[stream];
      const recorded = named.has(other);
      if (other === slot || isRelative(found, other)) continue;
      if (!recorded && group.view.areas[other] !== group.view.areas[slot]) continue;
      const sumRatio = cancelling(group, found, judged, stream, recorded ? recordedOppositeSigma : oppositeSigma);
      if (sumRatio < (best?.sumRatio ?? Infinity)) best = { slot: other, sumRatio, recorded };
    }
  }
  return best;
}

/**
 * |own + other| / |own| in kW, for the other's flat step within a day of the onset; Infinity where it does not
 * step the other way. A plain opposite step is allowed one deviation of the sum: a transfer between restless meters (z of 5 on both) misses 15 %
 * more often than not.
 */
function cancelling(group: JudgedGroup, found: Assessment, judged: JudgedBlock, stream: number, minSigma: number): number {
  const mean = judged.fit.scale.meanKw[stream];
  if (Number.isNaN(mean)) return Infinity;
  const { weightsOfAge, civilDay } = group;
  const own = scanStep(found.judged, 0, found.stream, civilDay, weightsOfAge[found.age]) * found.meanKw;
  const ownNoise = found.judged.noise.flatSigma[found.stream] * found.meanKw;
  let best = Infinity;
  for (const age of [found.age - 1, found.age, found.age + 1]) {
    if (age < 3) continue;
    const noise = judged.noise.flatSigma[stream] * ageInflation(weightsOfAge, age) * mean;
    const other = scanStep(judged, 0, stream, civilDay, weightsOfAge[age]) * mean;
    const sigma = (-other / noise) * found.direction;
    if (sigma < minSigma) continue;
    const slack = sigma >= plainOppositeSigma ? Math.min(0.15 * Math.abs(own), Math.hypot(ownNoise, noise)) : 0;
    best = Math.min(best, Math.max(0, Math.abs(own + other) - slack) / Math.abs(own));
  }
  return best;
}

/** Meters that a switching record of the days around the onset names together with this one. */
function recordedCounterparts(group: JudgedGroup, found: Assessment, slot: number): Set<number> {
  const near = group.view.events.filter(
    (event) =>
      event.kind === "switching" &&
      Math.abs(event.fromHour - found.onset.utcHour) <= 48 &&
      (event.slot === slot || event.counterpart === slot),
  );
  return new Set(near.map((event) => (event.slot === slot ? event.counterpart : event.slot)).filter((other) => other >= 0));
}

function lossFall(group: JudgedGroup, found: Assessment): number {
  const { block, fit } = found.judged;
  const loss = found.isLoss ? -1 : block.lossOf[found.stream];
  if (loss < 0 || Number.isNaN(fit.scale.meanKw[loss])) return Number.NaN;
  const weights = group.weightsOfAge[found.age];
  const step = scanStep(found.judged, 0, loss, group.civilDay, weights) * fit.scale.meanKw[loss];
  return -step / found.stepKw;
}

/** An inspection of the meter or its area that began up to `stepDownDays` before the onset, or a day after it. */
function campaignNear(group: JudgedGroup, found: Assessment, slot: number): GroupEvent | undefined {
  const area = group.view.areas[slot];
  return group.view.events.find(
    (event) =>
      event.kind === "inspection" &&
      (event.slot === slot || (event.slot < 0 && (event.area < 0 || event.area === area))) &&
      found.onset.utcHour >= event.fromHour - 24 &&
      found.onset.utcHour <=
        Math.max(event.fromHour + group.parameters.stepDownDays * 24, Math.min(event.toHour, event.fromHour + 31 * 24)),
  );
}

/** The raised step of a stream that is still live, if any. */
export function liveStep(state: DetectionState, groupStream: number): KnownStep | undefined {
  return state.steps.findLast((step) => step.groupStream === groupStream && step.endHour === Infinity);
}
