import { DAY_MS, parseInstant, streamKinds } from "@hashwatt/contracts";
import type { ConfounderLabel, FleetLabels, MineLabel } from "./labels.ts";
import { onsetGapMs } from "./match.ts";
import { type Measure, quantile } from "./metrics.ts";
import type { StreamKind } from "./seen-steps.ts";

/** Flat 10-day steps of one stream, as its history remembers them. */
export interface StreamSteps {
  /** The meter; of a balance, the parent. */
  readonly meterId: string;
  readonly stream: StreamKind;
  /** Shares of the mean by day of the onset, days since 1970. */
  readonly steps: ReadonlyMap<number, number>;
}

/**
 * Size of the step that a stream shows when nothing happens, % of its mean (of a balance, of the parent's mean). Gaussian steps have 1, 0.98 and
 * 0.86 deviations; heavier tails show in the latter two.
 */
interface NoiseSizes<Size> {
  /** 1.4826 * median |step|. */
  readonly robustPct: Size;
  /** Half the 95 % quantile of |step|. */
  readonly halfOf95Pct: Size;
  /** A third of the 99 % quantile of |step|. */
  readonly thirdOf99Pct: Size;
}

export interface StreamNoise extends NoiseSizes<number> {
  readonly stream: StreamKind;
}

/** Medians over the streams of each kind. */
export type NoiseFloor = Readonly<Record<StreamKind, NoiseSizes<Measure> & { readonly streams: number }>>;

/** Steps this close to an event of the stream's own are the event's, as detection has it for the steps that it raised. */
const eventDays = 12;
/** With fewer a stream tells nothing. */
const leastSteps = 10;

/** The noise of one stream, without the steps beside what the labels know of its meter; undefined = too few steps are left. */
export function streamNoise({ meterId, stream, steps }: StreamSteps, labels: FleetLabels): StreamNoise | undefined {
  const isEvent = eventsOf(meterId, labels);
  const sizesPct = [...steps].flatMap(([onsetDay, step]) => (isEvent(onsetDay * DAY_MS) ? [] : [100 * Math.abs(step)]));
  if (sizesPct.length < leastSteps) return undefined;
  const at = (probability: number) => quantile(sizesPct, probability)!;
  return { stream, robustPct: 1.4826 * at(0.5), halfOf95Pct: at(0.95) / 2, thirdOf99Pct: at(0.99) / 3 };
}

/** Whether an onset is beside an edge of a mine or of another labelled change of the meter, or anywhere in a drift. */
function eventsOf(meterId: string, { mines, confounders }: FleetLabels): (onsetMs: number) => boolean {
  const ownMines = mines.filter(({ meterIds }) => meterIds.includes(meterId));
  const ownChanges = confounders.filter(({ meterIds }) => meterIds.includes(meterId));
  return (onsetMs) =>
    ownMines.some((mine) => isOfMine(mine, meterId, onsetMs)) ||
    ownChanges.some((change) => isInDrift(change, onsetMs) || isBeside(change.from, onsetMs) || isBeside(change.to, onsetMs));
}

function isBeside(edge: string | null | undefined, onsetMs: number): boolean {
  return edge != null && Math.abs(onsetMs - parseInstant(edge)) <= eventDays * DAY_MS;
}

function isOfMine(mine: MineLabel, meterId: string, onsetMs: number): boolean {
  return onsetGapMs(mine, meterId, onsetMs) <= eventDays * DAY_MS || isBeside(mine.end, onsetMs) || isBeside(mine.pause?.from, onsetMs);
}

function isInDrift({ from, to, drift }: ConfounderLabel, onsetMs: number): boolean {
  return drift === true && onsetMs >= parseInstant(from) && (to === null || onsetMs <= parseInstant(to));
}

/** Pools streams of any number of fleets: every stream counts the same. */
export function noiseFloor(noise: readonly StreamNoise[]): NoiseFloor {
  const floors = streamKinds.map((kind) => {
    const own = noise.filter(({ stream }) => stream === kind);
    const median = (size: keyof NoiseSizes<number>) =>
      quantile(
        own.map((one) => one[size]),
        0.5,
      );
    const sizes = { robustPct: median("robustPct"), halfOf95Pct: median("halfOf95Pct"), thirdOf99Pct: median("thirdOf99Pct") };
    return [kind, { streams: own.length, ...sizes }] as const;
  });
  return Object.fromEntries(floors) as NoiseFloor;
}
