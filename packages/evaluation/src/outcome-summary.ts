import { emptyLabels, type FleetLabels, type MineLabel } from "./labels.ts";
import { matchCandidates, type Matching, type ScoredCandidate } from "./match.ts";
import {
  delayDays,
  falseRate,
  intervalCoverage,
  type Measure,
  onsetErrorHours,
  precision,
  recall,
  recallByChance,
  scoredMeterYears,
  sizeError,
  type Spread,
} from "./metrics.ts";

/** What one detector said about one fleet; labels without mines and confounders for a fleet that nothing was added to. */
export interface DetectorRun {
  readonly labels: FleetLabels;
  readonly meterIds: readonly string[];
  readonly candidates: readonly ScoredCandidate[];
}

export interface GroupRecall {
  readonly mines: number;
  readonly found: number;
}

/** A detector on several fleets, all pooled: every mine and every meter-year counts the same. */
export interface OutcomeSummary {
  readonly mines: number;
  readonly found: number;
  readonly recall: Measure;
  /** What the same number of false candidates would find by luck: recall means nothing unless it is far above. */
  readonly recallByChance: Measure;
  readonly byKind: Readonly<Record<string, GroupRecall>>;
  readonly bySize: Readonly<Record<string, GroupRecall>>;
  readonly delayDays: Spread;
  readonly onsetErrorHours: Spread;
  readonly sizeError: Spread;
  readonly intervalCoverage: Measure;
  readonly precision: Measure;
  readonly falseCandidates: number;
  readonly meterYears: number;
  readonly falsePer100MeterYears: Measure;
  /** False candidates by the change that explains them, most first. */
  readonly byCause: Readonly<Record<string, number>>;
  readonly misdated: number;
  readonly calibration: readonly CalibrationBin[];
}

/** Candidates of similar score: what was promised, and what came of it. Repeats and look-alikes are neither right nor wrong. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanScore: Measure;
  readonly shareRight: Measure;
}

/** Size classes, percent of the site's mean. */
const sizeClasses = [
  ["<5 %", 0, 5],
  ["5-8 %", 5, 8],
  ["8-12 %", 8, 12],
  ["12-20 %", 12, 20],
  ["20-50 %", 20, 50],
  [">50 %", 50, Number.POSITIVE_INFINITY],
] as const;

function pool(matchings: readonly Matching[]): Matching {
  const mines = matchings.flatMap((matching) => matching.labels.mines);
  return {
    labels: { ...(matchings[0]?.labels ?? emptyLabels), mines },
    candidates: matchings.flatMap((matching) => matching.candidates),
    verdicts: matchings.flatMap((matching) => matching.verdicts),
  };
}

function groupRecall(matching: Matching, belongs: (mine: MineLabel) => boolean): GroupRecall {
  const found = new Set(matching.verdicts.flatMap((verdict) => (verdict.as === "match" ? [verdict.mine] : [])));
  const mines = matching.labels.mines.filter(belongs);
  return { mines: mines.length, found: mines.filter((mine) => found.has(mine)).length };
}

function calibrationOf(matching: Matching): CalibrationBin[] {
  const judged = matching.verdicts.flatMap((verdict, index) =>
    verdict.as === "match" || verdict.as === "false" || verdict.as === "misdated"
      ? [{ score: matching.candidates[index].score, isRight: verdict.as === "match" }]
      : [],
  );
  return [0, 0.2, 0.4, 0.6, 0.8].map((from) => {
    const to = Math.round((from + 0.2) * 10) / 10;
    const bin = judged.filter(({ score }) => score >= from && (score < to || to === 1));
    const share = (sum: number) => (bin.length > 0 ? sum / bin.length : null);
    return {
      from,
      to,
      count: bin.length,
      meanScore: share(bin.reduce((sum, { score }) => sum + score, 0)),
      shareRight: share(bin.filter(({ isRight }) => isRight).length),
    };
  });
}

/** Scores a detector's runs on fleets with known mines (or on fleets without any) and pools them. Throws RangeError on a bad instant. */
export function summariseRuns(runs: readonly DetectorRun[]): OutcomeSummary {
  const matchings = runs.map(({ labels, candidates }) => matchCandidates(labels, candidates));
  const meterYears = matchings.reduce((sum, matching, order) => sum + scoredMeterYears(matching, runs[order].meterIds), 0);
  const pooled = pool(matchings);
  const { count, byCause } = falseRate(pooled, []);
  const kinds = [...new Set(pooled.labels.mines.map((mine) => mine.kind))].toSorted();
  return {
    mines: pooled.labels.mines.length,
    found: pooled.verdicts.filter((verdict) => verdict.as === "match").length,
    recall: recall(pooled),
    recallByChance: recallByChance(pooled, meterYears),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, groupRecall(pooled, (mine) => mine.kind === kind)])),
    bySize: Object.fromEntries(
      sizeClasses.map(([name, low, high]) => [name, groupRecall(pooled, ({ pctOfMean }) => pctOfMean >= low && pctOfMean < high)]),
    ),
    delayDays: delayDays(pooled),
    onsetErrorHours: onsetErrorHours(pooled),
    sizeError: sizeError(pooled),
    intervalCoverage: intervalCoverage(pooled),
    precision: precision(pooled),
    falseCandidates: count,
    meterYears,
    falsePer100MeterYears: meterYears > 0 ? (100 * count) / meterYears : null,
    byCause: Object.fromEntries(Object.entries(byCause).toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))),
    misdated: pooled.verdicts.filter((verdict) => verdict.as === "misdated").length,
    calibration: calibrationOf(pooled),
  };
}

/** The same period and meters with nothing in it. */
export function nullLabels(labels: FleetLabels): FleetLabels {
  return { ...labels, mines: [], confounders: [], hidden: [] };
}
