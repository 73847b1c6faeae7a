/** Public names only. */
export type { Reject } from "./admit-readings.ts";
export type { Counters } from "./counters.ts";
export type { InspectedSeries, InspectedStep, ScorePart, StepStatistic, TestResult } from "@hashwatt/detection";
export { evidenceTerms } from "@hashwatt/detection";
export type { MeterEvidence, MeterFreshStep, MeterInspection, MeterInspector, MeterNoise } from "./meter-inspection.ts";
export { CalibrationError, digestOfMeters } from "./calibrated-scores.ts";
export { defaultMinScore, detectorVersionOf, leastStepKw } from "./pipeline-settings.ts";
export { createMeterRegistry, type MeterRegistry } from "./meter-registry.ts";
export { createPipeline, type Pipeline, type PipelineOptions } from "./pipeline.ts";
export { SnapshotError } from "./snapshot-bytes.ts";
export { createReadingBatch, Quantity, type QuantityCode, type ReadingBatch } from "./reading-batch.ts";
export * from "./decode/index.ts";
