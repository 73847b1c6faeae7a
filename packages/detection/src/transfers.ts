import type { Assessment } from "./assessment.ts";
import { freshAge, freshSteps } from "./fresh-steps.ts";
import type { JudgedGroup } from "./group-context.ts";
import { type JudgedBlock, scanSigma, scanStep, takenStep } from "./judged-block.ts";
import { coefficientOf, isRelative, nearbyWeights, scanKindOf } from "./peer-steps.ts";

/** A switching record near the onset makes a transfer twenty times as likely. */
const recordedLogOdds = Math.log(20);

/** Of the opposite step that speaks most for load moved from there, among the area's other meters and those a switching record names. */
export function transferLogLikelihood(group: JudgedGroup, found: Assessment, slot: number): number {
  const named = recordedCounterparts(group, found.onset.utcHour, slot);
  let unrecorded = -Infinity;
  let recorded = -Infinity;
  let asked = 0;
  for (const judged of group.blocks) {
    for (let stream = 0; stream < judged.block.meterCount; stream++) {
      const other = judged.block.slots[stream];
      const isNamed = named.has(other);
      if (other === slot || isRelative(found, other)) continue;
      if (!isNamed && group.view.areas[other] !== group.view.areas[slot]) continue;
      asked += 1;
      const logLikelihood = cancelling(group, found, judged, stream, isNamed);
      if (isNamed) recorded = Math.max(recorded, logLikelihood);
      else unrecorded = Math.max(unrecorded, logLikelihood);
    }
  }
  if (asked === 0) return Number.NaN;
  // the best of many chance steps is no surprise; one that a record names was not chosen
  return recorded >= unrecorded ? recorded : unrecorded - Math.log(asked);
}

/** A step in kW and its deviation. */
interface StepKw {
  readonly kw: number;
  readonly noiseKw: number;
}

/**
 * Log-likelihood of "this meter lost what the other gained" over "it stepped by chance". Moved load cancels to within the noise of both and a tenth
 * of its size; chance steps have heavy tails (Student's t with 2 degrees of freedom), so an opposite step of z 3 tells nothing among fifty
 * neighbours, and one of z 10 does. -Infinity where the other does not step the other way.
 */
export function transferOverChance(own: StepKw, other: StepKw, isRecorded: boolean): number {
  if (other.kw * own.kw >= 0) return -Infinity;
  const left = Math.hypot(own.noiseKw, other.noiseKw, 0.1 * own.kw);
  const moved = -0.5 * ((own.kw + other.kw) / left) ** 2 - Math.log(left * Math.sqrt(2 * Math.PI));
  const chance = -1.5 * Math.log(2 + (other.kw / other.noiseKw) ** 2) - Math.log(other.noiseKw);
  return moved - chance + (isRecorded ? recordedLogOdds : 0);
}

/** The best of another meter's steps within a day of the onset. */
export function cancelling(group: JudgedGroup, found: Assessment, judged: JudgedBlock, stream: number, isRecorded: boolean): number {
  const mean = judged.fit.scale.meanKw[stream];
  if (Number.isNaN(mean)) return -Infinity;
  const { civilDay } = group;
  const kind = scanKindOf(found);
  const own = scanStep(found.judged, kind, found.stream, civilDay, found.weights) * found.meanKw;
  const ownNoiseKw = scanSigma(found.judged, kind, found.stream) * found.weights.inflation * found.meanKw;
  let best = -Infinity;
  for (const { here, there } of keptOfMoved(found, judged, stream)) {
    for (const weights of nearbyWeights(group, found)) {
      const noiseKw = scanSigma(judged, kind, stream) * weights.inflation * mean;
      const shadow = leftOf(
        shadowOfParent(found, judged, stream, (parent) => scanStep(judged, kind, parent, civilDay, weights)),
        () => takenStep(judged, kind, stream, civilDay, weights),
      );
      const other = (scanStep(judged, kind, stream, civilDay, weights) - shadow) * mean;
      best = Math.max(best, transferOverChance({ kw: own / here, noiseKw: ownNoiseKw }, { kw: other / there, noiseKw }, isRecorded));
    }
  }
  return Math.max(best, cancellingFresh(group, found, judged, stream, isRecorded));
}

/** The same with the steps as they were when no fit had seen them. */
function cancellingFresh(group: JudgedGroup, found: Assessment, judged: JudgedBlock, stream: number, isRecorded: boolean): number {
  if (found.age <= freshAge || found.weights.gapDays > 1 || scanKindOf(found) !== 0) return -Infinity;
  const { state } = group;
  const [own] = freshSteps(state, found.groupStream, found.onset.civilDay, 0);
  if (own === undefined) return -Infinity;
  const here = { kw: own * found.meanKw, noiseKw: scanSigma(found.judged, 0, found.stream) * found.meanKw };
  const mean = judged.fit.scale.meanKw[stream];
  const noiseKw = scanSigma(judged, 0, stream) * mean;
  const { groupStreams } = judged.block;
  const shadow = shadowOfParent(
    found,
    judged,
    stream,
    (parent) => freshSteps(state, groupStreams[parent], found.onset.civilDay, 0)[0] ?? 0,
  );
  return freshSteps(state, groupStreams[stream], found.onset.civilDay, 1).reduce(
    (best, step) => Math.max(best, transferOverChance(here, { kw: (step - shadow) * mean, noiseKw }, isRecorded)),
    -Infinity,
  );
}

/** Part of another balance's step that is no fall at all: load behind the parent of this one shows there as -b x, b its coefficient on the parent. */
function shadowOfParent(
  { judged: own, stream, isLoss }: Assessment,
  judged: JudgedBlock,
  other: number,
  stepOf: (parent: number) => number,
): number {
  if (!isLoss || own !== judged) return 0;
  const parent = judged.block.parents[stream];
  return -coefficientOf(judged, other, parent) * stepOf(parent);
}

/** What is left of a shadow where the parent was seen to be displaced, and part of what it casts on others taken out already. */
function leftOf(shadow: number, takenOf: () => number): number {
  if (shadow === 0) return 0;
  const left = shadow - takenOf();
  return left * shadow <= 0 ? 0 : Math.abs(left) < Math.abs(shadow) ? left : shadow;
}

/** Below a tenth, or above twice, the coefficients are too uncertain to be believed. */
const keptLimits = [0.1, 2] as const;

/**
 * What the residuals keep of load moved between two meters, at this one and at the other: all of it while neither is expected from the other.
 * Once a fit has seen both step, each is, and X here with -X there shows as X (1 + b) and -X (1 + b'), b and b' the coefficients in kW on kW:
 * without this, transfers of 500 kW between 24 substations were raised at the age of 3 weeks, at half their size. Both readings are tried,
 * since the coefficients are uncertain.
 */
function keptOfMoved(found: Assessment, judged: JudgedBlock, stream: number): { here: number; there: number }[] {
  const all = { here: 1, there: 1 };
  if (judged !== found.judged || found.isLoss) return [all];
  const scale = judged.fit.scale.meanKw[found.stream] / judged.fit.scale.meanKw[stream];
  const here = 1 + coefficientOf(judged, found.stream, stream) * scale;
  const there = 1 + coefficientOf(judged, stream, found.stream) / scale;
  const isBelievable = Math.min(here, there) > keptLimits[0] && Math.max(here, there) < keptLimits[1];
  return isBelievable ? [all, { here, there }] : [all];
}

/** Meters that a switching record of the days around an onset names together with this one. */
export function recordedCounterparts(group: JudgedGroup, onsetHour: number, slot: number): Set<number> {
  const near = group.view.events.filter(
    (event) =>
      event.kind === "switching" && Math.abs(event.fromHour - onsetHour) <= 48 && (event.slot === slot || event.counterpart === slot),
  );
  return new Set(near.map((event) => (event.slot === slot ? event.counterpart : event.slot)).filter((other) => other >= 0));
}
