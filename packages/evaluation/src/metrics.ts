import { DAY_MS, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import type { MineLabel } from "./labels.ts";
import { type Matching, onsetGapMs, type ScoredCandidate, tolerances } from "./match.ts";

/** A number that may be undefined (nothing to divide by); never 0 instead. */
export type Measure = number | null;

const ratio = (part: number, whole: number): Measure => (whole > 0 ? part / whole : null);

/** Quantile with straight interpolation between order statistics; null for an empty list. */
export function quantile(values: readonly number[], probability: number): Measure {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * probability;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}

/** The pairs (mine, its candidate). */
function matches(matching: Matching): [MineLabel, ScoredCandidate][] {
  return matching.verdicts.flatMap((verdict, index) =>
    verdict.as === "match" ? [[verdict.mine, matching.candidates[index]] as [MineLabel, ScoredCandidate]] : [],
  );
}

const countAs = (matching: Matching, as: string) => matching.verdicts.filter((verdict) => verdict.as === as).length;

/** Share of the mines that were found. */
export function recall(matching: Matching): Measure {
  return ratio(countAs(matching, "match"), matching.labels.mines.length);
}

/** found / (found + false + misdated); repeats do not count. */
export function precision(matching: Matching): Measure {
  const found = countAs(matching, "match");
  return ratio(found, found + countAs(matching, "false") + countAs(matching, "misdated"));
}

export interface Spread {
  readonly median: Measure;
  readonly p90: Measure;
}
const spreadOf = (values: readonly number[]): Spread => ({ median: quantile(values, 0.5), p90: quantile(values, 0.9) });

/** Days from the onset (of the child, where it has its own) to the alarm. */
export function delayDays(matching: Matching): Spread {
  return spreadOf(
    matches(matching).map(
      ([mine, candidate]) =>
        (parseInstant(candidate.raisedAt) - parseInstant(mine.onsetByMeter?.[candidate.meterId] ?? mine.onset)) / DAY_MS,
    ),
  );
}

/** Hours between estimated and true onset; 0 inside a build-up. */
export function onsetErrorHours(matching: Matching): Spread {
  return spreadOf(
    matches(matching).map(([mine, candidate]) => onsetGapMs(mine, candidate.meterId, parseInstant(candidate.onset)) / HOUR_MS),
  );
}

/** Sizes that are right on the candidate's meter, kW. */
function rightSizes(mine: MineLabel, meterId: string): number[] {
  const own = mine.kwByMeter?.[meterId];
  return own === undefined ? [mine.kw, ...(mine.kwAlso ?? [])] : [own];
}

/** Size error relative to the nearest right size. */
export function sizeError(matching: Matching): Spread {
  return spreadOf(
    matches(matching).map(([mine, candidate]) => {
      const errors = rightSizes(mine, candidate.meterId).map((kw) => Math.abs(Math.abs(candidate.stepKw) - Math.abs(kw)) / Math.abs(kw));
      return Math.min(...errors);
    }),
  );
}

/** Share of the matches whose interval holds a right size. */
export function intervalCoverage(matching: Matching): Measure {
  const pairs = matches(matching);
  const covered = pairs.filter(([mine, candidate]) => {
    const [low, high] = candidate.stepKw < 0 ? [-candidate.stepKwHigh, -candidate.stepKwLow] : [candidate.stepKwLow, candidate.stepKwHigh];
    return rightSizes(mine, candidate.meterId).some((kw) => Math.abs(kw) >= low && Math.abs(kw) <= high);
  });
  return ratio(covered.length, pairs.length);
}

function unionMs(spans: readonly (readonly [fromMs: number, toMs: number])[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [fromMs, toMs] of spans.toSorted((a, b) => a[0] - b[0])) {
    total += Math.max(0, toMs - Math.max(fromMs, reached));
    reached = Math.max(reached, toMs);
  }
  return total;
}

/** Years in which a candidate would be false: after the warm-up, without unscored time and the time a mine is on the meter. */
export function scoredMeterYears(matching: Matching, meterIds: Iterable<string>): number {
  const { labels } = matching;
  let scoredMs = 0;
  for (const meterId of meterIds) {
    const span = labels.meters?.[meterId] ?? labels;
    const fromMs = parseInstant(span.from) + labels.warmupDays * DAY_MS;
    const toMs = parseInstant(span.to);
    if (toMs <= fromMs) continue;
    const mines = labels.mines
      .filter((mine) => mine.meterIds.includes(meterId))
      .map(
        (mine) =>
          [mine.onset, (mine.end === null ? parseInstant(labels.to) : parseInstant(mine.end)) + tolerances.afterEnd * DAY_MS] as const,
      );
    const unscored = labels.unscored
      .filter((entry) => entry.meterId === meterId)
      .map((entry) => [entry.from, parseInstant(entry.to)] as const);
    const off = [...mines, ...unscored].map(([from, endMs]) => [Math.max(fromMs, parseInstant(from)), Math.min(toMs, endMs)] as const);
    scoredMs += toMs - fromMs - unionMs(off);
  }
  return scoredMs / (365.25 * DAY_MS);
}

export interface FalseRate {
  readonly count: number;
  readonly per100MeterYears: Measure;
  readonly byCause: Readonly<Record<string, number>>;
}

/** False candidates, by cause, and per 100 scored meter-years. */
export function falseRate(matching: Matching, meterIds: Iterable<string>): FalseRate {
  const byCause: Record<string, number> = {};
  for (const verdict of matching.verdicts) if (verdict.as === "false") byCause[verdict.cause] = (byCause[verdict.cause] ?? 0) + 1;
  const count = countAs(matching, "false");
  return { count, per100MeterYears: ratio(100 * count, scoredMeterYears(matching, meterIds)), byCause };
}

/** Recall that as many false candidates, spread evenly over meters and time, would reach by luck; `meterYears` as scored. */
export function recallByChance(matching: Matching, meterYears: number): Measure {
  const perMs = ratio(countAs(matching, "false"), meterYears * 365.25 * DAY_MS);
  const { mines } = matching.labels;
  if (perMs === null) return null;
  const lucky = mines.map((mine) => {
    const buildupMs = mine.buildupEnd === undefined ? 0 : Math.max(0, parseInstant(mine.buildupEnd) - parseInstant(mine.onset));
    return 1 - Math.exp(-perMs * mine.meterIds.length * (2 * tolerances.onset * DAY_MS + buildupMs));
  });
  return ratio(
    lucky.reduce((sum, chance) => sum + chance, 0),
    mines.length,
  );
}
