import { type Assessment, assessStep } from "./assessment.ts";
import { createBlocks } from "./block.ts";
import type { FitContext } from "./block-fit.ts";
import { readsHours } from "./block-window.ts";
import { createHolidays } from "./day-types.ts";
import { appendHistory, type DetectionState, stepsKnownBefore } from "./detection-state.ts";
import type { Finding } from "./finding.ts";
import { buildFinding, knownStepOf, type Raised } from "./finding-builder.ts";
import { type JudgedGroup, liveStep, measureContext } from "./group-context.ts";
import type { GroupView } from "./group-view.ts";
import { inspectDay, type Inspector } from "./inspection.ts";
import { advanceBlock, allStepWeights, createJudgedBlock, type JudgedBlock } from "./judged-block.ts";
import { passes, testLedger } from "./ledger.ts";
import type { DetectionParameters } from "./parameters.ts";
import { ageInflation, createScanTable, historyPage, type Stir, scanBlock } from "./scan.ts";
import { scoreOf } from "./score.ts";

/** Judges the days of one peer group, in order. Holds only what can be recomputed from the pages and the state. */
export interface GroupDetector {
  /**
   * The hour page of a UTC day is new or has changed: numbers derived from it are stale. `changedHours` = which of its hours, as bits; hours that
   * are merely hidden or shown again, because a day before them is judged again, are none.
   */
  pageChanged(utcDay: number, changedHours?: number): void;
  /** Judges one civil day, the next after the last judged one, and returns what it raises. Deterministic in pages and state, which it extends. */
  judge(state: DetectionState, civilDay: number): Finding[];
}

/** Fits kept per block: this week's and the one before, since late readings re-open days across a refit. */
const fitsKept = 3;

/** `inspector` is shown what the judging sees of its meters; it decides nothing. */
export function createGroupDetector(view: GroupView, parameters: DetectionParameters, inspector?: Inspector): GroupDetector {
  const context: FitContext = {
    view,
    parameters,
    isHoliday: createHolidays(view),
    scratch: { raw: new Float64Array(0), filled: new Float64Array(0) },
    calendars: new Map(),
  };
  const blocks = createBlocks(view, parameters).map((block) => ({
    block,
    streams: new Set(block.groupStreams),
    cache: [] as JudgedBlock[],
  }));
  const streamCount = Math.max(view.meterCount, ...blocks.map(({ block }) => Math.max(...block.groupStreams) + 1));
  const weightsOfAge = allStepWeights(parameters);

  const judgedBlock = (entry: (typeof blocks)[number], week: number, state: DetectionState): JudgedBlock => {
    const knownSteps = stepsKnownBefore(state, week).filter((step) => entry.streams.has(step.groupStream));
    const key = `${week}:${knownSteps.map((step) => `${step.groupStream}/${step.judgedDay}/${step.onsetHour}/${step.endHour}/${step.profileKw.join(" ")}`).join()}`;
    const index = entry.cache.findIndex((judged) => judged.key === key);
    const judged =
      index >= 0
        ? entry.cache.splice(index, 1)[0]
        : createJudgedBlock(context, entry.block, { week, key, knownSteps }, state, weightsOfAge[10]);
    entry.cache.unshift(judged);
    entry.cache.length = Math.min(entry.cache.length, fitsKept);
    return judged;
  };

  return {
    pageChanged(utcDay, changedHours = 0xffffff) {
      if (changedHours === 0) return;
      const first = utcDay * 24 + 31 - Math.clz32(changedHours & -changedHours);
      const last = utcDay * 24 + 31 - Math.clz32(changedHours);
      for (const entry of blocks) {
        entry.cache = entry.cache.filter((judged) => !isOutdated(judged, first));
        for (const judged of entry.cache) markStale(judged, { first, last });
      }
    },
    judge(state, civilDay) {
      const week = Math.floor(civilDay / 7) * 7;
      const table = createScanTable(streamCount, parameters.agesDays);
      const stirs: Stir[] = [];
      const judgedBlocks = canBeFitted(view, parameters, week) ? blocks.map((entry) => judgedBlock(entry, week, state)) : [];
      for (const judged of judgedBlocks) {
        advanceBlock(context, judged, civilDay);
        stirs.push(...scanBlock(judged, civilDay, weightsOfAge, table, parameters));
      }
      const group: JudgedGroup = { view, parameters, blocks: judgedBlocks, table, weightsOfAge, civilDay, state };
      const raised = raiseSteps(group, stirs);
      if (inspector)
        inspectDay(
          group,
          raised.map(({ found }) => found),
          inspector,
        );
      appendHistory(state, civilDay, historyPage(table, streamCount));
      for (const { found } of raised) state.steps.push(knownStepOf(found));
      return raised.map((one) => buildFinding(view, one));
    },
  };
}

/** False while the fit's window holds too few days for any stream: nothing can stir yet, so a fleet's first weeks need cost nothing. */
function canBeFitted(view: GroupView, parameters: DetectionParameters, week: number): boolean {
  const { fitDays, fitLagDays, minFitDays } = parameters;
  let held = 0;
  // One day earlier than the window: its first local day may begin in the UTC day before.
  for (let day = week - fitLagDays - fitDays - 1; day <= week - fitLagDays; day++) held += view.hourPage(day) === undefined ? 0 : 1;
  return held >= 0.8 * minFitDays;
}

/** The noise of a young block comes from days up to its refit: it must be measured again when one of them changes. */
function isOutdated({ noise, fit }: JudgedBlock, firstHour: number): boolean {
  const { utcHours, firstDay } = fit.calendar;
  return noise.reachesRefit && utcHours.some((hours) => hours[(fit.week - firstDay) * 24] > firstHour);
}

/** Hours of a UTC day lie in its local day and those before and after it. */
function markStale(judged: JudgedBlock, hours: { first: number; last: number }): void {
  const { calendar, residuals } = judged.fit;
  const utcDay = Math.floor(hours.first / 24);
  for (let day = utcDay - 1; day <= utcDay + 1; day++) {
    const i = day - residuals.firstDay;
    if (i >= 0 && i < judged.stale.length && readsHours(calendar, day, hours)) judged.stale[i] = 1;
  }
}

/** Assesses what stirs, keeps the best age of each stream, and lets the group decide which of them stand. */
function raiseSteps(group: JudgedGroup, stirs: readonly Stir[]): Raised[] {
  const assessed = stirs.flatMap((stir) => assess(group, stir) ?? []);
  noteEnds(group, assessed);
  const standing = assessed.flatMap((found) => judgeStep(group, found) ?? []);
  const best = new Map<number, Raised>();
  for (const one of standing) {
    const other = best.get(one.found.groupStream);
    if (!other || margin(one.found) > margin(other.found)) best.set(one.found.groupStream, one);
  }
  return nearestToLoad(group, [...best.values()]).toSorted((a, b) => a.found.groupStream - b.found.groupStream);
}

function margin(found: Assessment): number {
  return Math.abs(found.increment.sigma) - found.neededSigma;
}

function assess(group: JudgedGroup, stir: Stir): Assessment | undefined {
  const { parameters, weightsOfAge, state } = group;
  const age = parameters.agesDays[stir.ageIndex];
  return assessStep(stir.judged, stir.stream, group.civilDay, weightsOfAge[age], {
    direction: stir.direction,
    parameters,
    ageInflation: ageInflation(weightsOfAge, age),
    groupDays: state.days.length,
    // a weak fall may still end a live step
    keepsWeak: liveStep(state, stir.judged.block.groupStreams[stir.stream]) !== undefined,
  });
}

/** A clear fall of about the size of a live raised step ends that step; it is no finding of its own. */
function noteEnds(group: JudgedGroup, assessed: readonly Assessment[]): void {
  for (const found of assessed) {
    const live = liveStep(group.state, found.groupStream);
    if (!live || Math.sign(live.stepKw) === found.direction || found.onset.utcHour <= live.onsetHour) continue;
    const size = Math.abs(found.stepKw / live.stepKw);
    if (Math.abs(found.increment.sigma) < group.parameters.minSigma.flat || size < 0.5) continue;
    live.endHour = found.onset.utcHour;
    live.endJudgedDay = group.civilDay;
  }
}

function judgeStep(group: JudgedGroup, found: Assessment): Raised | undefined {
  const { parameters, view, state } = group;
  const slot = found.judged.block.slots[found.stream];
  if (margin(found) < 0) return undefined;
  if (isKnown(found, state)) return undefined;
  const context = measureContext(group, found);
  if (found.direction < 0 && (!context.campaign || found.isLoss || found.increment.template.signature !== "flat")) return undefined;
  const tests = testLedger(found, context, parameters.minStepKw[view.levels[slot]], parameters);
  if (!passes(tests)) return undefined;
  return { found, lane: laneOf(group, found), tests, score: scoreOf(found, context) };
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

/**
 * Of a step seen on a meter and above it, the alarm names the meter nearest to the load: a meter is passed over where one below it shows most
 * of the same step, today or already raised; and a parent's own step gives way to its balance, which says that no child took the load.
 */
function nearestToLoad(group: JudgedGroup, raised: readonly Raised[]): Raised[] {
  return raised.filter(({ found }) => {
    const rivals = raised.filter((other) => other.found !== found && other.found.judged === found.judged && sameStep(found, other.found));
    const { block } = found.judged;
    if (!found.isLoss && rivals.some((other) => other.found.isLoss && block.parents[other.found.stream] === found.stream)) return false;
    if (rivals.some((other) => !other.found.isLoss && isBelow(block.parents, other.found.stream, found))) return false;
    return !group.state.steps.some(
      (step) =>
        step.endHour === Infinity &&
        Math.abs(step.onsetDay - found.onset.civilDay) <= 3 &&
        Math.abs(step.stepKw) >= 0.6 * Math.abs(found.stepKw) &&
        isKnownBelow(found, step.groupStream),
    );
  });
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
