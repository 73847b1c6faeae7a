import { type Calibration, DAY_MS, type FindableLoad, parseInstant, type PeerGrouping, streamKinds } from "@hashwatt/contracts";
import {
  calibrateScores,
  type CalibratedScores,
  type DetectorRun,
  findableChance,
  findableDays,
  findableLoads,
  findableSizes,
  foundInTime,
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
/**
 * Only loads that begin at once and run around the clock, from what nobody finds to what everybody does: they tell which sizes are found, judged as the
 * product judges. Where nothing is raised the large ones stay in their neighbours' expectations, and 36 of 36 loads of a size thought found
 * 4 times in 5 were.
 */
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
  const [bare, ...copies] = await run([undefined, ...plans(seeds, usualPlan)].map((copy) => taskOf(settings, copy, { do: "see" })));
  const learnt = learnScores(settings, bare, copies);

  const raise = (by: Calibration | undefined) => (copy: CopyPlan | undefined) => taskOf(settings, copy, { do: "raise", calibration: by });
  const unseen = [undefined, ...plans(heldOut, usualPlan)];
  const soundings = plans(Math.ceil(soundingShare * seeds), soundingPlan).map(raise(learnt.calibration));
  const results = await run([...unseen.map(raise(learnt.calibration)), ...unseen.map(raise(undefined)), ...soundings]);
  const runs = results.map((result) => result.run);
  const calibration = tellFindable(settings, learnt.calibration, runs.slice(2 * unseen.length), bare.noise);

  const exactKw = calibration.findable.meters.flatMap(({ meterId, smallestKw }) =>
    smallestKw === null ? [] : [[meterId, smallestKw] as const],
  );
  const exact = exactKw.length > 0 ? plans(heldOut, { minesPerMeter: 0.3, changesPerMeter: 0, exactKw }) : [];
  const check = countFound((await run(exact.map(raise(calibration)))).map((result) => result.run));
  const runsOf = (from: number) => ({ bare: runs[from], mixed: runs.slice(from + 1, from + unseen.length) });
  const { from, to } = bare.seen.labels;
  return {
    ...learnt,
    calibration: { ...calibration, findable: { ...calibration.findable, check } },
    runs: { calibrated: runsOf(0), default: runsOf(unseen.length) },
    days: (parseInstant(to) - parseInstant(from)) / DAY_MS,
  };
}

function taskOf({ paths, judging }: CalibrateSettings, copy: CopyPlan | undefined, as: CalibrateTask["as"]): CalibrateTask {
  return { paths, judging, copy, as };
}

function learnScores(settings: CalibrateSettings, bare: CalibrateResult, copies: readonly CalibrateResult[]) {
  const { registry, judging, falseBudget, changesPer100MeterYears, seed, seeds } = settings;
  const streamYears = judgedYears(bare);
  const meterYears = streamKinds.reduce((sum, kind) => sum + (kind === "balance" ? 0 : streamYears[kind]), 0);
  const budget = { falsePer100MeterYears: falseBudget, changesPer100MeterYears };
  const seen = copies.map((copy) => copy.seen);
  const { scores, ...expected } = calibrateScores({ bare: bare.seen, copies: seen, streamYears, meterYears }, budget, defaultMinScore);
  const { from, to } = bare.seen.labels;
  const calibration: Calibration = {
    format: "hashwatt-calibration/1",
    detectorVersion: detectorVersionOf(judging),
    peerGrouping: registry.grouping,
    history: { from, to, meterYears: Number(meterYears.toPrecision(4)), metersDigest: digestOfMeters(registry) },
    settings: { falseBudget, changesPer100MeterYears, seed, seeds },
    scores,
    findable: { chance: findableChance, withinDays: findableDays, check: { mines: 0, found: 0 }, meters: allUnknown(registry) },
  };
  return { calibration, expected, streamYears };
}

/** Until it is known what is found. */
function allUnknown({ meters }: MeterRegistry): FindableLoad[] {
  return meters.map(({ meterId, level }) => ({ meterId, level, meanKw: null, noiseKw: null, smallestKw: null }));
}

function tellFindable(
  { registry }: CalibrateSettings,
  calibration: Calibration,
  soundings: readonly DetectorRun[],
  noise: readonly SeenNoise[],
): Calibration {
  const sizes = findableSizes(triedLoads(soundings, registry.meters, noise));
  const meters = findableLoads(registry.meters, noise, sizes, ({ level }, meanKw) => leastStepKw(level, meanKw));
  return { ...calibration, findable: { ...calibration.findable, meters } };
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
function countFound(runs: readonly DetectorRun[]): Calibration["findable"]["check"] {
  const sum = (pick: (run: DetectorRun) => number) => runs.reduce((total, run) => total + pick(run), 0);
  return { mines: sum(({ labels }) => labels.mines.length), found: sum((run) => foundInTime(run).size) };
}
