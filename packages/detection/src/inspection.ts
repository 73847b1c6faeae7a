import type { Assessment } from "./assessment.ts";
import type { Evidence } from "./evidence.ts";
import { freshAge } from "./fresh-steps.ts";
import type { JudgedGroup } from "./group-context.ts";
import { type InspectedStep, type StepStatistic, inspectSteps } from "./inspected-steps.ts";
import { type InspectedSeries, inspectSeries } from "./inspected-series.ts";
import { historyPage } from "./scan.ts";

/** What one day's judging saw of one stream: for people who ask why. A copy; nothing in it changes afterwards. */
export interface StreamInspection {
  /** The meter; of a balance, the parent. */
  readonly slot: number;
  /** `balance` = parent - sum(children). */
  readonly kind: "meter" | "balance";
  /** The civil day that was judged: nothing after it was known. */
  readonly judgedDay: number;
  /** Mean of the fit window, kW; NaN = not judged yet: too few days. */
  readonly meanKw: number;
  readonly series: InspectedSeries;
  /** The strongest step of every template and direction on this day. */
  readonly statistics: readonly StepStatistic[];
  /** The step that the judging thinks likeliest, or the one it raised; undefined where no step could be measured. */
  readonly step: InspectedStep | undefined;
}

/** Takes what the days' judging saw of some meters, in order of judging; a day that is judged again comes again. */
export interface Inspector {
  readonly slots: ReadonlySet<number>;
  readonly take: (inspection: StreamInspection) => void;
  /** Every step that passed the gates, of any meter, raised or not: what the score is learnt from. */
  readonly takeEvidence?: (evidence: JudgedEvidence) => void;
  /** The noise of every stream after each refit. */
  readonly takeNoise?: (noise: JudgedNoise) => void;
  /** The step that every stream's history remembers of each day, once the group has been fitted. */
  readonly takeFreshStep?: (step: FreshStep) => void;
}

/** Flat 10-day step of a stream on a judged day, whether or not anything happened. */
export interface FreshStep {
  readonly slot: number;
  readonly isLoss: boolean;
  readonly judgedDay: number;
  readonly onsetDay: number;
  /** Share of the mean: of the meter, or of a balance's parent; NaN = not judged. */
  readonly step: number;
}

/** How large a step a stream shows when nothing has happened, as fitted for a week. */
export interface JudgedNoise {
  readonly slot: number;
  readonly isLoss: boolean;
  /** First civil day of the week. */
  readonly week: number;
  readonly meanKw: number;
  /** Deviation of the flat 10-day step, kW: z is in units of it. */
  readonly noiseKw: number;
}

/** A step that passed the gates, with the numbers that its score is made of. */
export interface JudgedEvidence {
  readonly slot: number;
  readonly isLoss: boolean;
  readonly direction: 1 | -1;
  readonly judgedDay: number;
  readonly onsetDay: number;
  readonly onsetHour: number;
  /** Days since the onset, and days that the build-up took; 1 = a step. With stream and judged day they name a row. */
  readonly ageDays: number;
  readonly gapDays: number;
  readonly evidence: Evidence;
  /** Of the model, before any correction. */
  readonly logOdds: number;
}

/** Tells the noise of fits that are new today. */
function tellNoise({ blocks, civilDay }: JudgedGroup, takeNoise: (noise: JudgedNoise) => void): void {
  for (const { block, fit, noise } of blocks) {
    if (fit.week !== civilDay) continue;
    for (let stream = 0; stream < block.streamCount; stream++) {
      const meanKw = fit.scale.meanKw[stream];
      if (!(meanKw > 0)) continue;
      const isLoss = stream >= block.meterCount;
      takeNoise({ slot: block.slots[stream], isLoss, week: fit.week, meanKw, noiseKw: noise.flatSigma[stream] * meanKw });
    }
  }
}

function tellFreshSteps({ blocks, civilDay, table }: JudgedGroup, takeFreshStep: (step: FreshStep) => void): void {
  const page = historyPage(table);
  for (const { block } of blocks) {
    for (let stream = 0; stream < block.streamCount; stream++) {
      const isLoss = stream >= block.meterCount;
      const step = page[block.groupStreams[stream]];
      takeFreshStep({ slot: block.slots[stream], isLoss, judgedDay: civilDay, onsetDay: civilDay - freshAge, step });
    }
  }
}

/**
 * Lays the judged day open for the inspector's meters and their balances. To be called when the day's steps have been judged and before the
 * state remembers them. Changes nothing.
 */
export function inspectDay(group: JudgedGroup, raised: readonly Assessment[], inspector: Inspector): void {
  if (inspector.takeNoise) tellNoise(group, inspector.takeNoise);
  if (inspector.takeFreshStep) tellFreshSteps(group, inspector.takeFreshStep);
  for (const slot of inspector.slots) {
    const judged = group.blocks.find(({ block }) => block.streamOfSlot.has(slot));
    if (judged === undefined) {
      const series = inspectSeries(group, slot, undefined);
      inspector.take({ slot, kind: "meter", judgedDay: group.civilDay, meanKw: Number.NaN, series, statistics: [], step: undefined });
      continue;
    }
    const { block, fit } = judged;
    for (let stream = 0; stream < block.streamCount; stream++) {
      if (block.slots[stream] !== slot) continue;
      const meanKw = fit.scale.meanKw[stream];
      inspector.take({
        slot,
        kind: stream < block.meterCount ? "meter" : "balance",
        judgedDay: group.civilDay,
        meanKw,
        series: inspectSeries(group, slot, { judged, stream }),
        ...(Number.isNaN(meanKw) ? { statistics: [], step: undefined } : inspectSteps(group, { judged, stream }, raised)),
      });
    }
  }
}
