/** Public names only. */
export type { ArrivalOptions, FleetBatch } from "./arrival.ts";
export { baselineNames, runBaselines } from "./baselines.ts";
export { createFleet, type FleetOptions } from "./create-fleet.ts";
export { evaluationFleet } from "./evaluation-fleets.ts";
export type { Fleet } from "./fleet.ts";
export { type EventfulFleet, type IntoOptions, type NaturalFleet, planInto } from "./into-fleet.ts";
export { createKazakhstanScenario } from "./kazakhstan-scenario.ts";
export type { ConfounderLabel, FleetLabels, HiddenSite, MineLabel } from "./labels.ts";
export { createLoadColumns, type LoadColumns } from "./load-columns.ts";
export { batchesOf, mirrorFleet } from "./mirror-fleet.ts";
export { type Matching, matchCandidates, type ScoredCandidate, type Verdict } from "./match.ts";
export {
  delayDays,
  type FalseRate,
  falseRate,
  intervalCoverage,
  onsetErrorHours,
  precision,
  recall,
  scoredMeterYears,
  sizeError,
  type Spread,
} from "./metrics.ts";
export { type MineKind, mineKinds } from "./mines.ts";
export { type CalibrationBin, type DetectorRun, nullLabels, type OutcomeSummary, summariseRuns } from "./outcome-summary.ts";
export { type ConfounderKind, confounderKinds } from "./place-confounders.ts";
export { editReadings } from "./reading-edits.ts";
export { type Alarm, type HiddenSiteMatching, matchHiddenSites, type ScenarioOutcome, scenarioOutcome } from "./scenario-outcome.ts";
export { type ScoreTerm, type TrainedModel, type TrainedModels, type TrainingRow, trainScore } from "./train-score.ts";
export { labelOf } from "./label-evidence.ts";
export { type CalibratedScores, calibrateScores, type CalibrationHistories, type FalseBudget } from "./calibrate-scores.ts";
export {
  findableChance,
  findableDays,
  findableLoads,
  findableSizes,
  foundInTime,
  type SeenNoise,
  triedLoads,
} from "./findable-loads.ts";
export type { SeenHistory, SeenStep, StreamKind } from "./seen-steps.ts";
export { noiseFloor, type NoiseFloor, streamNoise, type StreamNoise, type StreamSteps } from "./noise-floor.ts";
