import { DAY_MS, type Permit, parseInstant, type streamKinds } from "@hashwatt/contracts";
import { labelOf } from "./label-evidence.ts";
import type { FleetLabels, MineLabel } from "./labels.ts";
import { changeAt, onsetGapMs, tolerances } from "./match.ts";
import { groupEvents } from "./train-score.ts";

export type StreamKind = (typeof streamKinds)[number];

/** A step that passed the gates on one judged day, raised or not. */
export interface SeenStep {
  readonly meterId: string;
  readonly stream: StreamKind;
  readonly kind: "step" | "buildup";
  readonly judgedDay: number;
  readonly onsetDay: number;
  readonly onsetMs: number;
  /** Of the score's model. */
  readonly logOdds: number;
}

/** A history as it was judged without raising anything: what was put into it, and the steps that were seen, in order of judging. */
export interface SeenHistory {
  readonly labels: FleetLabels;
  readonly permits: readonly Permit[];
  readonly steps: readonly SeenStep[];
}

/** What a step was: a mine that was put in, an innocent change that was, or something of the history's own. */
export interface ExplainedStep extends SeenStep {
  readonly was: "mine" | "change" | "natural";
  readonly mine: MineLabel | undefined;
  /** Number of its event within the history: days that see about the same onset on one stream. */
  readonly event: number;
}

/**
 * Says what each step was. Left out is what teaches nothing: a mine's meter at another time of the mine, load that a permit covers, and steps before
 * the history's warm-up is over.
 */
export function explainSteps({ labels, permits, steps }: SeenHistory): ExplainedStep[] {
  const firstMs = parseInstant(labels.from) + labels.warmupDays * DAY_MS;
  const known = steps.flatMap((step) => {
    const label = step.judgedDay * DAY_MS < firstMs ? undefined : labelOf(labels, step);
    if (label === undefined || (label === 0 && isPermitted(permits, step))) return [];
    const mine = label === 1 ? mineAt(labels, step) : undefined;
    return [{ ...step, mine, was: mine ? ("mine" as const) : changeAt(labels, step) ? ("change" as const) : ("natural" as const) }];
  });
  const events = groupEvents(known.map(({ meterId, stream, onsetDay }) => ({ stream: `${meterId}/${stream}`, onsetDay })));
  return known.map((step, row) => ({ ...step, event: events[row] }));
}

function mineAt({ mines }: FleetLabels, { meterId, onsetMs }: SeenStep): MineLabel | undefined {
  const gapMs = (mine: MineLabel) => (mine.meterIds.includes(meterId) ? onsetGapMs(mine, meterId, onsetMs) : Infinity);
  const nearest = mines.toSorted((a, b) => gapMs(a) - gapMs(b)).at(0);
  return nearest && gapMs(nearest) <= tolerances.onset * DAY_MS ? nearest : undefined;
}

/** A permit of the meter covers the onset, give or take the slack of the scoring. */
function isPermitted(permits: readonly Permit[], { meterId, onsetMs }: SeenStep): boolean {
  const slackMs = tolerances.onset * DAY_MS;
  return permits.some(
    (permit) =>
      permit.meterId === meterId &&
      onsetMs >= parseInstant(permit.validFrom) - slackMs &&
      (permit.validTo === null || onsetMs <= parseInstant(permit.validTo) + slackMs),
  );
}
