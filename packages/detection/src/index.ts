/** Public names only. */
export {
  createDetectionState,
  type DetectionState,
  historyLimitDays,
  loadDetectionState,
  noEnd,
  rewindDetectionState,
  saveDetectionState,
} from "./detection-state.ts";
export { evidenceTerms } from "./evidence.ts";
export type { Finding, TestResult } from "./finding.ts";
export type { FollowUp } from "./follow-up.ts";
export { createGroupDetector, type GroupDetector } from "./group-detector.ts";
export type { GroupEvent, GroupView, LocalCalendar } from "./group-view.ts";
export type { InspectedSeries } from "./inspected-series.ts";
export type { InspectedStep, StepStatistic } from "./inspected-steps.ts";
export type { FreshStep, Inspector, JudgedEvidence, JudgedNoise, StreamInspection } from "./inspection.ts";
export { type DetectionParameters, defaultParameters } from "./parameters.ts";
export type { ScoreCalibration, ScoreCorrection, ScorePart } from "./score.ts";
export { type StreamKind, streamKinds } from "./stream-kinds.ts";
export { doesNotApply } from "./verdicts.ts";
