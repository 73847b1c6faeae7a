import { type Calibration, DAY_MS, parseInstant, type PeerGrouping, streamKinds } from "@hashwatt/contracts";
import {
  calibrateScores,
  type CalibratedScores,
  type DetectorRun,
  findableChance,
  findableDays,
  findableLoads,
  findableSizes,
  matchCandidates,
  type SeenHistory,
  type SeenNoise,
  triedLoads,
} from "@hashwatt/evaluation";
import { defaultMinScore, detectorVersionOf, digestOfMeters, leastStepKw, type MeterRegistry } from "@hashwatt/pipeline";
import type { CalibrateResult, CalibrateTask, CopyPlan } from "./calibrate-task.ts";

export interface CalibrateSettings {
  readonly registry: MeterRegistry;
  readonly paths: CalibrateTask["paths"];
  readonly judging: { readonly grouping: PeerGrouping; readonly graceMs: number; readonly lateDays: number };
  readonly falseBudget: number;
  readonly changesPer100MeterYears: number;
  readonly seed: number;
  readonly seeds: number;
  /** Judges in parallel; results in the order of the tasks. */
  readonly run: (tasks: readonly CalibrateTask[]) => Promise<CalibrateResult[]>;
}

/** A calibration, and what the product then does on copies that it has not seen. */
export interface CalibratedHistory {
  readonly calibration: Calibration;
  readonly expected: Pick<CalibratedScores, "natural" | "fromChanges" | "isBudgetShown">;
  /** Copies with events, judged with the calibration and without; and the history as it is. */
  readonly runs: Readonly<Record<"calibrated" | "default", { readonly mixed: readonly DetectorRun[]; readonly bare: DetectorRun }>>;
  readonly streamYears: Readonly<Record<(typeof streamKinds)[number], number>>;
  readonly days: number;
}

/** Three mines and four innocent changes for ten meters: every copy costs the same however many it holds. */
const usualPlan = { minesPerMeter: 0.3, changesPerMeter: 0.4 };
/** Only loads that begin at once and run around the clock, from what nobody finds to what everybody does: they tell which sizes are found. */
const soundingPlan = { minesPerMeter: 0.3, changesPerMeter: 0, plainPct: [2, 200] } as const;
/** Beside the copies to learn scores from: half as many soundings, and a quarter as many to tell what comes of it. */
const soundingShare = 0.5;
const heldOutShare = 0.25;

/**
 * Puts simulated mines and innocent changes into copies of a history, learns from them what the scores are worth and which loads are found, and judges
 * further copies, and loads of just the smallest size, with what was learnt. The same history and settings give the same.
 */
export async function calibrateHistory(settings: CalibrateSettings): Promise<CalibratedHistory> {
  const { seed, seeds, run } = settings;
  const heldOut = Math.ceil(heldOutShare * seeds);
  let next = seed;
  const plans = (count: number, plan: Omit<CopyPlan, "seed">) => Array.from({ length: count }, (): CopyPlan => ({ ...plan, seed: next++ }));
  const toLearn = [undefined, ...plans(seeds, usualPlan), ...plans(Math.ceil(soundingShare * seeds), soundingPlan)];
  const [bare, ...seen] = await run(toLearn.map((copy) => taskOf(settings, copy, { do: "see" })));
  const { calibration, scored, streamYears } = learn(settings, bare, seen.slice(0, seeds), seen.slice(seeds));

  const unseen = [undefined, ...plans(heldOut, usualPlan)];
  const exactKw = calibration.findable.meters.flatMap(({ meterId, smallestKw }) =>
    smallestKw === null ? [] : [[meterId, smallestKw] as const],
  );
  const exact = exactKw.length > 0 ? plans(heldOut, { minesPerMeter: 0.3, changesPerMeter: 0, exactKw }) : [];
  const raise = (by: Calibration | undefined) => (copy: CopyPlan | undefined) => taskOf(settings, copy, { do: "raise", calibration: by });
  const results = await run([...unseen.map(raise(calibration)), ...unseen.map(raise(undefined)), ...exact.map(raise(calibration))]);
  const runsOf = (from: number) => {
    const [natural, ...mixed] = results.slice(from, from + 1 + heldOut).map((result) => result.run);
    return { mixed, bare: natural };
  };
  const check = checkFindable(results.slice(2 * (1 + heldOut)).map((result) => result.run));
  const { from, to } = bare.seen.labels;
  return {
    calibration: { ...calibration, findable: { ...calibration.findable, check } },
    expected: scored,
    runs: { calibrated: runsOf(0), default: runsOf(1 + heldOut) },
    streamYears,
    days: (parseInstant(to) - parseInstant(from)) / DAY_MS,
  };
}

function taskOf({ paths, judging }: CalibrateSettings, copy: CopyPlan | undefined, as: CalibrateTask["as"]): CalibrateTask {
  return { paths, judging, copy, as };
}

function seenOf(results: readonly CalibrateResult[]): SeenHistory[] {
  return results.map(({ seen }) => seen);
}

function learn(
  settings: CalibrateSettings,
  bare: CalibrateResult,
  copies: readonly CalibrateResult[],
  soundings: readonly CalibrateResult[],
) {
  const { registry, judging, falseBudget, changesPer100MeterYears, seed, seeds } = settings;
  const streamYears = judgedYears(bare);
  const meterYears = streamKinds.reduce((sum, kind) => sum + (kind === "balance" ? 0 : streamYears[kind]), 0);
  const budget = { falsePer100MeterYears: falseBudget, changesPer100MeterYears };
  const scored = calibrateScores({ bare: bare.seen, copies: seenOf(copies), streamYears, meterYears }, budget, defaultMinScore);
  const sizes = findableSizes(triedLoads(seenOf(soundings), scored.scores, registry.meters, bare.noise));
  const { from, to } = bare.seen.labels;
  const calibration: Calibration = {
    format: "hashwatt-calibration/1",
    detectorVersion: detectorVersionOf(judging),
    peerGrouping: registry.grouping,
    history: { from, to, meterYears: Number(meterYears.toPrecision(4)), metersDigest: digestOfMeters(registry) },
    settings: { falseBudget, changesPer100MeterYears, seed, seeds },
    scores: scored.scores,
    findable: {
      chance: findableChance,
      withinDays: findableDays,
      check: { mines: 0, found: 0 },
      meters: findableLoads(registry.meters, bare.noise, sizes, ({ level }, meanKw) => leastStepKw(level, meanKw)),
    },
  };
  return { calibration, scored, streamYears };
}

/** Years that each kind of stream was judged after the warm-up: the weeks that have a fit. */
function judgedYears({ noise, seen: { labels } }: CalibrateResult): CalibratedHistory["streamYears"] {
  const firstDay = parseInstant(labels.from) / DAY_MS + labels.warmupDays;
  const yearsOf = (rows: readonly SeenNoise[]) => (7 * rows.filter(({ week }) => week >= firstDay).length) / 365.25;
  return Object.fromEntries(
    streamKinds.map((kind) => [kind, yearsOf(noise.filter(({ stream }) => stream === kind))]),
  ) as CalibratedHistory["streamYears"];
}

/** Mines of the smallest size that were raised in time. */
function checkFindable(runs: readonly DetectorRun[]): Calibration["findable"]["check"] {
  const outcomes = runs.map(({ labels, candidates }) => {
    const { verdicts } = matchCandidates(labels, candidates);
    const found = verdicts.filter((verdict, i) => {
      if (verdict.as !== "match") return false;
      return parseInstant(candidates[i].raisedAt) - parseInstant(verdict.mine.onset) <= findableDays * DAY_MS;
    }).length;
    return { mines: labels.mines.length, found };
  });
  const sum = (pick: (outcome: (typeof outcomes)[number]) => number) => outcomes.reduce((total, outcome) => total + pick(outcome), 0);
  return { mines: sum(({ mines }) => mines), found: sum(({ found }) => found) };
}
