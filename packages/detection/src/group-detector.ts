import { type Assessment, assessStep } from "./assessment.ts";
import { createBlocks } from "./block.ts";
import type { FitContext } from "./block-fit.ts";
import { createHolidays } from "./day-types.ts";
import { appendHistory, type DetectionState } from "./detection-state.ts";
import { endByStepDown, noteEnds } from "./ends.ts";
import type { Finding } from "./finding.ts";
import { type FollowUp, followSteps } from "./follow-up.ts";
import { buildFinding, knownStepOf, type Raised } from "./finding-builder.ts";
import { createFitCache } from "./fit-cache.ts";
import { freshAge } from "./fresh-steps.ts";
import { isCampaignWithin, type JudgedGroup, liveStep, measureContext } from "./group-context.ts";
import type { GroupView } from "./group-view.ts";
import { inspectDay, type Inspector } from "./inspection.ts";
import { advanceBlock, allStepWeights, type JudgedBlock } from "./judged-block.ts";
import { originOf } from "./load-origin.ts";
import { passes, passesAlone, testLedger } from "./ledger.ts";
import { askExperiments } from "./natural-experiments.ts";
import type { DetectionParameters } from "./parameters.ts";
import { clearScanTable, createScanTable, historyPage, type Stir, scanBlock } from "./scan.ts";
import { plainestStep } from "./peer-steps.ts";
import type { StepWeights } from "./step-weights.ts";
import { stepsBelow } from "./steps-below.ts";
import { evidenceOf } from "./evidence.ts";
import { minScoreOf, modelLogOdds, scoreWith } from "./score.ts";

/** Judges the days of one peer group, in order. Holds only what can be recomputed from the pages and the state. */
export interface GroupDetector {
  /**
   * The hour page of a UTC day is new or has changed: numbers derived from it are stale. `changedHours` = which of its hours, as bits; hours that
   * are merely hidden or shown again, because a day before them is judged again, are none.
   */
  pageChanged(utcDay: number, changedHours?: number): void;
  /** Judges one civil day, the next after the last judged one, and returns what it raises. Deterministic in pages and state, which it extends. */
  judge(state: DetectionState, civilDay: number): Finding[];
  /** What the day that was just judged tells of steps raised on days before it. Changes nothing. */
  follow(state: DetectionState, civilDay: number): FollowUp[];
}

/** The onset is looked for within 5 days of the age's day, so an age between two asked for is reached in one or two turns. */
const alignTurns = 3;

/** `inspector` is shown what the judging sees of its meters; it decides nothing. Throws RangeError where `agesDays` lacks the age at which steps are remembered. */
export function createGroupDetector(view: GroupView, parameters: DetectionParameters, inspector?: Inspector): GroupDetector {
  const context: FitContext = {
    view,
    parameters,
    isHoliday: createHolidays(view),
    calendars: new Map(),
  };
  const blocks = createBlocks(view, parameters);
  const streamCount = Math.max(view.meterCount, ...blocks.map((block) => Math.max(...block.groupStreams) + 1));
  const { ofAge: weightsOfAge, asked } = allStepWeights(parameters);
  const table = createScanTable(streamCount, asked);
  const fits = createFitCache(context, blocks, weightsOfAge[freshAge]);
  const groupOn = (state: DetectionState, civilDay: number, judgedBlocks: readonly JudgedBlock[]): JudgedGroup => ({
    view,
    parameters,
    blocks: judgedBlocks,
    table,
    weightsOfAge,
    civilDay,
    state,
    isHoliday: context.isHoliday,
  });
  return {
    pageChanged(utcDay, changedHours = 0xffffff) {
      if (changedHours === 0) return;
      const first = utcDay * 24 + 31 - Math.clz32(changedHours & -changedHours);
      fits.hoursChanged({ first, last: utcDay * 24 + 31 - Math.clz32(changedHours) });
    },
    judge(state, civilDay) {
      const week = Math.floor(civilDay / 7) * 7;
      clearScanTable(table);
      const stirs: Stir[] = [];
      const judgedBlocks = fits.judgedBlocks(week, state);
      for (const judged of judgedBlocks) {
        advanceBlock(context, judged, civilDay);
        stirs.push(...scanBlock(judged, civilDay, table, parameters.stirSigma));
      }
      const group = groupOn(state, civilDay, judgedBlocks);
      const raised = raiseSteps(group, stirs, inspector);
      if (inspector)
        inspectDay(
          group,
          raised.map(({ found }) => found),
          inspector,
        );
      appendHistory(state, civilDay, historyPage(table));
      for (const one of raised) rememberStep(group, one);
      return raised.map((one) => buildFinding(view, one));
    },
    follow(state, civilDay) {
      if (state.steps.length === 0) return [];
      return followSteps(groupOn(state, civilDay, fits.judgedBlocks(Math.floor(civilDay / 7) * 7, state)));
    },
  };
}

/** What a step down ends is taken out of later readings up to its end: the step down itself is remembered without hours, or it would be taken out twice. */
function rememberStep({ state, civilDay }: JudgedGroup, { found, ends }: Raised): void {
  const known = knownStepOf(found);
  state.steps.push(ends === undefined ? known : { ...known, endHour: known.onsetHour, endJudgedDay: civilDay });
}

/** Assesses what stirs, keeps the best age of each stream, and lets the group decide which of them stand. */
function raiseSteps(group: JudgedGroup, stirs: readonly Stir[], inspector: Inspector | undefined): Raised[] {
  const assessed = assessAtOnset(group, stirs);
  noteEnds(group, assessed);
  const standing = assessed.flatMap((found) => judgeStep(group, found, inspector) ?? []);
  const best = new Map<number, Raised>();
  for (const one of standing) {
    const other = best.get(one.found.groupStream);
    if (!other || isPlainer(one, other)) best.set(one.found.groupStream, one);
  }
  return nearestToLoad(group, [...best.values()])
    .toSorted((a, b) => a.found.groupStream - b.found.groupStream)
    .map((one) => {
      const ends = endByStepDown(group, one.found);
      return { ...one, ends, origin: originOf(group, one.found, ends), below: stepsBelow(group, one.found) };
    });
}

/** A step tells its hour and its size better than a build-up, so it goes before one; of two of a kind the likelier. */
function isPlainer(one: Raised, other: Raised): boolean {
  const [gap, otherGap] = [one.found.weights.gapDays, other.found.weights.gapDays];
  return (gap === 1) === (otherGap === 1) ? one.score > other.score : gap === 1;
}

function margin(found: Assessment): number {
  return Math.abs(found.increment.sigma) - found.neededSigma;
}

/**
 * Assesses each stirring step at the age of its onset as located. Ages asked for are days apart: measured a day off, the hours before the
 * onset's are compared with days that already have the step, and a day's shape bends (a multiplied load then looks added).
 */
function assessAtOnset(group: JudgedGroup, stirs: readonly Stir[]): Assessment[] {
  const { agesDays } = group.parameters;
  const oldest = agesDays.at(-1)!;
  const aligned = new Map<string, Assessment>();
  const assessAt = assessOnce(group);
  for (const stir of stirs) {
    if (!isAskedFor(group, stir)) continue;
    let found = assessAt(stir, stir.weights);
    for (let turn = 0; turn < alignTurns && found && found.weights.gapDays === 1; turn++) {
      const age = Math.max(agesDays[0], group.civilDay - found.onset.civilDay);
      if (age === found.age || age > oldest) break;
      found = assessAt(stir, group.weightsOfAge[age]);
    }
    if (!found || (found.weights.gapDays === 1 && group.civilDay - found.onset.civilDay > oldest)) continue;
    aligned.set(keyOf(found.groupStream, found.direction, found.weights), found);
  }
  return [...aligned.values()];
}

/** A step down is a finding only near a campaign, and the end of a live step; half of all stirs are neither. */
function isAskedFor(group: JudgedGroup, { judged: { block }, stream, direction }: Stir): boolean {
  if (direction > 0 || liveStep(group.state, block.groupStreams[stream]) !== undefined) return true;
  return stream < block.meterCount && isCampaignWithin(group, block.slots[stream]);
}

function keyOf(groupStream: number, direction: number, { age, gapDays }: StepWeights): string {
  return `${groupStream}/${direction}/${age}/${gapDays}`;
}

/** Assesses a step once a day: a plain one stirs at ten ages, which all lead to that of its onset. */
function assessOnce(group: JudgedGroup): (stir: Stir, weights: StepWeights) => Assessment | undefined {
  const known = new Map<string, Assessment | undefined>();
  return (stir, weights) => {
    const key = keyOf(stir.judged.block.groupStreams[stir.stream], stir.direction, weights);
    if (!known.has(key)) known.set(key, assess(group, stir, weights));
    return known.get(key);
  };
}

function assess(group: JudgedGroup, stir: Stir, weights: StepWeights): Assessment | undefined {
  const { parameters, state } = group;
  return assessStep(stir.judged, stir.stream, group.civilDay, weights, {
    direction: stir.direction,
    parameters,
    groupDays: state.days.length,
    // a weak fall may still end a live step
    keepsWeak: liveStep(state, stir.judged.block.groupStreams[stir.stream]) !== undefined,
  });
}

function judgeStep(group: JudgedGroup, found: Assessment, inspector: Inspector | undefined): Raised | undefined {
  const { parameters, state } = group;
  const slot = found.judged.block.slots[found.stream];
  if (margin(found) < 0) return undefined;
  if (isKnown(found, state) || !passesAlone(group, found)) return undefined;
  const context = measureContext(group, found);
  if (found.direction < 0 && (!context.campaign || found.isLoss || found.increment.template.signature !== "flat")) return undefined;
  const tests = testLedger(group, found, context);
  if (!passes(tests)) return undefined;
  const evidence = evidenceOf(found, context, state.days.length);
  inspector?.takeEvidence?.({
    slot,
    isLoss: found.isLoss,
    direction: found.direction,
    judgedDay: group.civilDay,
    onsetDay: found.onset.civilDay,
    onsetHour: found.onset.utcHour,
    ageDays: found.age,
    gapDays: found.weights.gapDays,
    evidence,
    logOdds: modelLogOdds(evidence, parameters),
  });
  const experiments = askExperiments(group, found.judged, found.stream, knownStepOf(found));
  const { score, scoreParts } = scoreWith(evidence, parameters, experiments.scoreParts);
  if (score < minScoreOf(evidence, parameters)) return undefined;
  return { found, lane: laneOf(group, found), tests: [...tests, ...experiments.tests], score, scoreParts };
}

/** Said already: a step of the stream with this onset, or one raised this week that the residuals still show. */
function isKnown(found: Assessment, state: DetectionState): boolean {
  return state.steps.some(
    (step) =>
      step.groupStream === found.groupStream &&
      Math.sign(step.stepKw) === found.direction &&
      (Math.abs(step.onsetDay - found.onset.civilDay) <= 3 || step.judgedDay >= found.judged.fit.week),
  );
}

function laneOf(group: JudgedGroup, found: Assessment): Finding["lane"] {
  if (found.direction < 0) return "step_down";
  if (found.isLoss) return "bypass";
  const ended = group.state.steps.findLast((step) => step.groupStream === found.groupStream && step.endHour < found.onset.utcHour);
  return ended && Math.abs(found.stepKw / ended.stepKw - 1) <= 0.5 ? "returning" : "mining";
}

/** z from which a meter below shows a step plainly. */
const plainBelow = 8;

/**
 * Of a step seen on a meter and above it, the alarm names the meter nearest to the load: a meter is passed over where one below it shows most
 * of the same step, today or already raised, or so plainly that it will be asked there; and a parent's own step gives way to its balance, which says that no child took the load.
 */
function nearestToLoad(group: JudgedGroup, raised: readonly Raised[]): Raised[] {
  return raised.filter(({ found }) => {
    const rivals = raised.filter((other) => other.found !== found && other.found.judged === found.judged && sameStep(found, other.found));
    const { block } = found.judged;
    if (!found.isLoss && rivals.some((other) => other.found.isLoss && block.parents[other.found.stream] === found.stream)) return false;
    if (rivals.some((other) => !other.found.isLoss && isBelow(block.parents, other.found.stream, found))) return false;
    return (
      !showsBelow(group, found) &&
      !group.state.steps.some(
        (step) =>
          step.endHour === Infinity &&
          Math.abs(step.onsetDay - found.onset.civilDay) <= 3 &&
          Math.abs(step.stepKw) >= 0.6 * Math.abs(found.stepKw) &&
          isKnownBelow(found, step.groupStream),
      )
    );
  });
}

function showsBelow(group: JudgedGroup, found: Assessment): boolean {
  const { judged, isLoss, stepKw } = found;
  if (isLoss) return false;
  for (let stream = 0; stream < judged.block.meterCount; stream++) {
    if (!isBelow(judged.block.parents, stream, found)) continue;
    const { step, sigma } = plainestStep(group, found, judged, stream);
    if (sigma >= plainBelow && (step * judged.fit.scale.meanKw[stream]) / stepKw >= 0.6) return true;
  }
  return false;
}

function sameStep(found: Assessment, other: Assessment): boolean {
  return Math.abs(other.onset.civilDay - found.onset.civilDay) <= 3 && Math.abs(other.stepKw) >= 0.6 * Math.abs(found.stepKw);
}

function isBelow(parents: Int32Array, stream: number, found: Assessment): boolean {
  const top = found.isLoss ? parents[found.stream] : found.stream;
  for (let up = parents[stream]; up >= 0; up = parents[up]!) if (up === top) return true;
  return false;
}

function isKnownBelow(found: Assessment, groupStream: number): boolean {
  const { block } = found.judged;
  const stream = block.groupStreams.indexOf(groupStream);
  if (stream < 0 || stream === found.stream) return false;
  // a raised balance of this very meter counts as nearer than the meter's own step
  if (stream >= block.meterCount && block.parents[stream] === found.stream) return true;
  return isBelow(block.parents, stream, found);
}
