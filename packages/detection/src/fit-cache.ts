import type { Block } from "./block.ts";
import type { FitContext } from "./block-fit.ts";
import { readsHours } from "./block-window.ts";
import { type DetectionState, stepsKnownBefore } from "./detection-state.ts";
import type { GroupView } from "./group-view.ts";
import { createJudgedBlock, dropJudgedBlock, type JudgedBlock } from "./judged-block.ts";
import type { DetectionParameters } from "./parameters.ts";
import type { StepWeights } from "./step-weights.ts";

/** UTC hours, both included. */
interface HourSpan {
  readonly first: number;
  readonly last: number;
}

/** The fits of a group's blocks that are worth keeping, and what in them is stale. */
export interface FitCache {
  /** Hours of one UTC day are new or have changed. */
  hoursChanged(hours: HourSpan): void;
  /** Every block as fitted for the week with the steps known when it began; none while there are too few days to fit. */
  judgedBlocks(week: number, state: DetectionState): JudgedBlock[];
}

/** Fits kept per block: this week's and the one before, since late readings re-open days across a refit. */
const fitsKept = 3;

export function createFitCache(context: FitContext, blocks: readonly Block[], noiseWeights: StepWeights): FitCache {
  const { view, parameters } = context;
  const entries = blocks.map((block) => ({ block, streams: new Set(block.groupStreams), cache: [] as JudgedBlock[] }));
  let known = { week: Number.NaN, canBeFitted: false };

  const judgedBlock = (entry: (typeof entries)[number], week: number, state: DetectionState): JudgedBlock => {
    const knownSteps = stepsKnownBefore(state, week).filter((step) => entry.streams.has(step.groupStream));
    const key = `${week}:${knownSteps.map((step) => `${step.groupStream}/${step.judgedDay}/${step.onsetHour}/${step.endHour}/${step.profileKw.join(" ")}`).join()}`;
    const index = entry.cache.findIndex((judged) => judged.key === key);
    const judged =
      index >= 0
        ? entry.cache.splice(index, 1)[0]
        : createJudgedBlock(context, entry.block, { week, key, knownSteps }, state, noiseWeights);
    entry.cache.unshift(judged);
    for (const old of entry.cache.splice(fitsKept)) dropJudgedBlock(old);
    return judged;
  };

  return {
    hoursChanged(hours) {
      // days of the fit's window: they change only where a group begins anew
      if (hours.first < (known.week - parameters.fitLagDays + 1) * 24) known.week = Number.NaN;
      for (const entry of entries) {
        entry.cache = entry.cache.filter((judged) => !isOutdated(judged, hours.first));
        for (const judged of entry.cache) markStale(judged, hours);
      }
    },
    judgedBlocks(week, state) {
      if (known.week !== week) known = { week, canBeFitted: canBeFitted(view, parameters, week) };
      return known.canBeFitted ? entries.map((entry) => judgedBlock(entry, week, state)) : [];
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
function markStale(judged: JudgedBlock, hours: HourSpan): void {
  const { calendar, residuals } = judged.fit;
  const utcDay = Math.floor(hours.first / 24);
  for (let day = utcDay - 1; day <= utcDay + 1; day++) {
    const i = day - residuals.firstDay;
    if (i >= 0 && i < judged.stale.length && readsHours(calendar, day, hours)) judged.stale[i] = 1;
  }
}
