import { DAY_MS, type FindableLoad, type Meter, parseInstant, streamKinds } from "@hashwatt/contracts";
import { fitLogistic, logOddsOfRows } from "./fit-logistic.ts";
import type { MineLabel } from "./labels.ts";
import { matchCandidates } from "./match.ts";
import type { DetectorRun } from "./outcome-summary.ts";
import type { StreamKind } from "./seen-steps.ts";

/** Noise of a meter, or of its balance, as fitted for a week. */
export interface SeenNoise {
  readonly meterId: string;
  readonly stream: StreamKind;
  /** First day of the week, days since 1970. */
  readonly week: number;
  readonly meanKw: number;
  readonly noiseKw: number;
}

/** What "found" means for the smallest load: this share of such loads, so many days after they begin. */
export const findableChance = 0.8;
export const findableDays = 21;

/** A simulated load over the noise of the stream that shows it best, and whether it was raised in time. */
export interface TriedLoad {
  readonly stream: StreamKind;
  readonly sizeOverNoise: number;
  readonly isFound: boolean;
}

/** The stream that shows a load on a meter best: what is tapped between a parent and its children shows in its balance. */
function streamOf({ meterId, level }: Meter, parentIds: ReadonlySet<string>): StreamKind {
  return parentIds.has(meterId) ? "balance" : level;
}

function parentIdsOf(meters: readonly Meter[]): ReadonlySet<string> {
  return new Set(meters.flatMap(({ parentId }) => parentId ?? []));
}

/** Every mine of the runs with its size over the noise that its meter had at the onset. */
export function triedLoads(runs: readonly DetectorRun[], meters: readonly Meter[], noise: readonly SeenNoise[]): TriedLoad[] {
  const parentIds = parentIdsOf(meters);
  const meterOf = new Map(meters.map((meter) => [meter.meterId, meter]));
  const latest = noiseByStream(noise);
  return runs.flatMap((run) => {
    const found = foundInTime(run);
    return run.labels.mines.flatMap((mine): TriedLoad[] => {
      const meter = meterOf.get(mine.meterIds[0]);
      if (meter === undefined) return [];
      const stream = streamOf(meter, parentIds);
      const known = latest.get(`${meter.meterId}/${stream}`)?.findLast(({ week }) => week * DAY_MS <= parseInstant(mine.onset));
      return known === undefined ? [] : [{ stream, sizeOverNoise: mine.kw / known.noiseKw, isFound: found.has(mine) }];
    });
  });
}

/** Mines that were raised within `findableDays` of their onset. */
export function foundInTime({ labels, candidates }: DetectorRun): ReadonlySet<MineLabel> {
  const { verdicts } = matchCandidates(labels, candidates);
  const found = verdicts.flatMap((verdict, i) => {
    if (verdict.as !== "match") return [];
    const delayMs = parseInstant(candidates[i].raisedAt) - parseInstant(verdict.mine.onset);
    return delayMs <= findableDays * DAY_MS ? [verdict.mine] : [];
  });
  return new Set(found);
}

function noiseByStream(noise: readonly SeenNoise[]): ReadonlyMap<string, readonly SeenNoise[]> {
  const rows = Map.groupBy(noise, ({ meterId, stream }) => `${meterId}/${stream}`);
  return new Map([...rows].map(([key, own]) => [key, own.toSorted((a, b) => a.week - b.week)]));
}

/** About the border of what is found, and a scale on which the ridge leaves the slope alone: a pulled one tells sizes that are too large. */
const usualSize = 20;
const logScale = 20;
/** Fewer cannot tell 4 in 5 from 1 in 2. */
const leastTried = 12;
/**
 * Share of loads that are missed whatever their size: gaps, a neighbour's step at the same time (3 of 52 above 20 times the noise on the development
 * fleets). Without it one such miss among large loads makes the rise look slow, and the size too large.
 */
const lapseShare = 0.05;
const lapseTurns = 20;

/**
 * Size over noise at which `findableChance` of the loads are found, by kind of stream: a logistic of the logarithm, each kind of stream pulled to all.
 * Null where no load that large was tried there, or too few were. Never below the smallest that was tried.
 */
export function findableSizes(tried: readonly TriedLoad[]): Record<StreamKind, number | null> {
  if (tried.length < leastTried || !tried.some(({ isFound }) => isFound)) return sizeByStream(() => null);
  const sizes = tried.map(({ sizeOverNoise }) => sizeOverNoise);
  const smallest = Math.min(...sizes);
  const largestOf = (kind: StreamKind) => {
    const own = tried.flatMap(({ stream, sizeOverNoise }) => (stream === kind ? sizeOverNoise : []));
    return Math.max(...(own.length > 0 ? own : sizes));
  };
  if (tried.every(({ isFound }) => isFound)) return sizeByStream(() => smallest);
  const [intercept, slope, ...ofStream] = fitRise(tried);
  if (!(slope > 0)) return sizeByStream(() => null);
  const share = findableChance / (1 - lapseShare);
  const asked = Math.log(share / (1 - share));
  return sizeByStream((row) => {
    const size = usualSize * Math.exp((asked - intercept - ofStream[row]) / (slope * logScale));
    return size > largestOf(streamKinds[row]) ? null : Math.max(size, smallest);
  });
}

/** Intercept, slope and a shift for each kind of stream; each miss counts by its probability of being no lapse, which the fit before tells. */
function fitRise(tried: readonly TriedLoad[]): Float64Array {
  const columns = [
    Float64Array.from(tried, ({ sizeOverNoise }) => logScale * Math.log(sizeOverNoise / usualSize)),
    ...streamKinds.map((stream) => Float64Array.from(tried, (load) => (load.stream === stream ? 1 : 0))),
  ];
  const labels = Uint8Array.from(tried, ({ isFound }) => (isFound ? 1 : 0));
  const signs = [1, ...streamKinds.map(() => 0)] as (0 | 1)[];
  const weights = new Float64Array(tried.length).fill(1);
  let fitted = fitLogistic({ columns, labels, weights }, signs, 1);
  for (let turn = 0; turn < lapseTurns; turn++) {
    const odds = logOddsOfRows(columns, fitted, tried.length);
    for (const [row, label] of labels.entries()) {
      const missed = (1 - lapseShare) / (1 + Math.exp(odds[row]));
      weights[row] = label === 1 ? 1 : missed / (missed + lapseShare);
    }
    fitted = fitLogistic({ columns, labels, weights }, signs, 1);
  }
  return fitted;
}

function sizeByStream(sizeOf: (row: number) => number | null): Record<StreamKind, number | null> {
  return Object.fromEntries(streamKinds.map((stream, row) => [stream, sizeOf(row)])) as Record<StreamKind, number | null>;
}

/** Weeks at the end of the history that tell a meter's noise as it is now: their median is free of one restless week. */
const latestWeeks = 8;

/**
 * For each meter the smallest load that would be found, from its own noise at the end of the history. `leastKw` is the size below which nothing is
 * raised. Meters that were never judged (too little data) have no noise, and nothing is known of them.
 */
export function findableLoads(
  meters: readonly Meter[],
  noise: readonly SeenNoise[],
  sizes: Readonly<Record<StreamKind, number | null>>,
  leastKw: (meter: Meter, meanKw: number) => number,
): FindableLoad[] {
  const parentIds = parentIdsOf(meters);
  const byStream = noiseByStream(noise);
  return meters.map((meter): FindableLoad => {
    const { meterId, level } = meter;
    const stream = streamOf(meter, parentIds);
    const weeks = (byStream.get(`${meter.meterId}/${stream}`) ?? byStream.get(`${meter.meterId}/${meter.level}`) ?? []).slice(-latestWeeks);
    if (weeks.length === 0) return { meterId, level, meanKw: null, noiseKw: null, smallestKw: null };
    const meanKw = medianOf(weeks.map((week) => week.meanKw));
    const noiseKw = medianOf(weeks.map((week) => week.noiseKw));
    const size = sizes[weeks[0].stream];
    const smallestKw = size === null ? null : fourDigits(Math.max(size * noiseKw, leastKw(meter, meanKw)));
    return { meterId, level, meanKw: fourDigits(meanKw), noiseKw: fourDigits(noiseKw), smallestKw };
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
