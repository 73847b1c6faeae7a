import { type Calibration, DAY_MS, formatDay, HOUR_MS, type PeerGrouping } from "@hashwatt/contracts";
import {
  type DetectorRun,
  editReadings,
  type FleetLabels,
  type IntoOptions,
  type LoadColumns,
  nullLabels,
  planInto,
  type SeenHistory,
  type SeenNoise,
  type SeenStep,
  type StreamKind,
} from "@hashwatt/evaluation";
import type { MeterInspector, MeterNoise } from "@hashwatt/pipeline";
import type { FleetTables } from "../files/read-fleet-tables.ts";
import { createEvidenceCollector, nothingRaised } from "../run/collect-evidence.ts";
import { fleetBatches } from "../run/fleet-batches.ts";
import { judgeBatches, type JudgeBatchesOptions, toScored } from "../run/judge-batches.ts";
import { type FleetPaths, withFleetFiles } from "../run/run-files.ts";
import { readNatural } from "../run/simulate-into.ts";

/** What a copy of the history holds; the same copy for the same numbers. */
export interface CopyPlan {
  readonly seed: number;
  readonly minesPerMeter: number;
  readonly changesPerMeter: number;
  /** Only loads that begin at once and run around the clock, of these sizes, percent of the mean. */
  readonly plainPct?: readonly [low: number, high: number];
  /** [meter, kW]: only such loads, of just these sizes. */
  readonly exactKw?: readonly (readonly [meterId: string, kw: number])[];
}

/** One judging of the history, or of a copy of it (`copy` undefined = as it is). */
export interface CalibrateTask {
  readonly paths: FleetPaths;
  readonly judging: {
    readonly grouping: PeerGrouping | undefined;
    readonly graceMs: number;
    readonly lateDays: number;
  };
  readonly copy: CopyPlan | undefined;
  /** `see`: every step that passes the gates, nothing raised. `raise`: as the product would, with a calibration or without. */
  readonly as: { readonly do: "see" } | { readonly do: "raise"; readonly calibration: Calibration | undefined };
}

export interface CalibrateResult {
  readonly seen: SeenHistory;
  readonly noise: readonly SeenNoise[];
  readonly run: DetectorRun;
}

/** Files of a history have many names, and the same history gives the same bytes. */
const historyName = "history";

export async function runCalibrateTask(task: CalibrateTask): Promise<CalibrateResult> {
  const { paths, judging, copy } = task;
  const natural = await readNatural(historyName, paths, false, () => {});
  checkLength(natural.load);
  const plan = planInto(natural, copy ? planOf(copy, natural.load.meters.length) : { seed: 0, mines: 0, confounders: 0 });
  const labels = copy ? plan.labels : nullLabels(plan.labels);
  const { meters, permits, events, weather } = copy ? plan : { ...natural, meters: natural.load.meters };
  const tables: FleetTables = { meters: [...meters], permits: [...permits], events: [...events], weather: [...weather] };
  return withFleetFiles(
    paths,
    "fleet",
    () => {}, // are told by the command, once
    (open) => {
      const batches = copy ? editReadings(plan.edits, fleetBatches(open)) : fleetBatches(open);
      return judge({ tables, batches, place: paths.meters.join(" "), ...judging }, labels, task.as);
    },
    true,
  );
}

function planOf({ minesPerMeter, changesPerMeter, exactKw, ...plan }: CopyPlan, meterCount: number): IntoOptions {
  const [mines, confounders] = [minesPerMeter, changesPerMeter].map((share) => Math.round(share * meterCount));
  return { ...plan, mines, confounders, exactKw: exactKw && new Map(exactKw) };
}

/** Five weeks go by before the first judgement, as many before its noise is known, and three that a load has to be found in. */
const leastDays = 90;

function checkLength({ days, fromMs }: LoadColumns): void {
  if (days >= leastDays) return;
  const [from, to] = [fromMs, fromMs + (days - 1) * DAY_MS].map((ms) => formatDay(ms / DAY_MS));
  throw new Error(
    `the history is too short: ${days} days, ${from} to ${to}; calibrate needs ${leastDays}, and a year to know the seasons. ` +
      "Judge with the defaults until then.",
  );
}

async function judge(options: JudgeBatchesOptions, labels: FleetLabels, as: CalibrateTask["as"]): Promise<CalibrateResult> {
  const { tables } = options;
  const levelOf = new Map(tables.meters.map(({ meterId, level }) => [meterId, level]));
  const collector = createCollector((meterId, isLoss) => (isLoss ? "balance" : levelOf.get(meterId)!));
  const settings = as.do === "see" ? { parameters: nothingRaised, inspect: collector.inspect } : { calibration: as.calibration };
  const findings = await judgeBatches({ ...options, ...settings });
  return {
    seen: { labels, permits: tables.permits, steps: collector.steps() },
    noise: collector.noise(),
    run: { labels, meterIds: tables.meters.map(({ meterId }) => meterId), candidates: toScored(findings) },
  };
}

/** Collects what judging hands out; of a week that is fitted again the last stands. */
function createCollector(streamOf: (meterId: string, isLoss: boolean) => StreamKind) {
  const { take: takeEvidence, evidence } = createEvidenceCollector();
  const noise = new Map<string, SeenNoise>();
  const inspect: MeterInspector = {
    meterIds: new Set(),
    take: () => {},
    takeEvidence,
    takeNoise({ meterId, isLoss, week, meanKw, noiseKw }: MeterNoise) {
      const stream = streamOf(meterId, isLoss);
      noise.set(`${meterId}/${stream}/${week}`, { meterId, stream, week, meanKw, noiseKw });
    },
  };
  const steps = () =>
    evidence().map(({ meterId, isLoss, judgedDay, onsetDay, onsetHour, evidence: { kind }, logOdds }): SeenStep => {
      return { meterId, stream: streamOf(meterId, isLoss), kind, judgedDay, onsetDay, onsetMs: onsetHour * HOUR_MS, logOdds };
    });
  return { inspect, steps, noise: () => [...noise.values()] };
}
