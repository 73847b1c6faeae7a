/** For the benchmarks and fault tests; the service itself is main.ts. */
export { registerCodecs } from "./compression-codecs.ts";
export { type DetectorConfig, readConfig } from "./config.ts";
export { type Detector, type DetectorOptions, startDetector } from "./detector.ts";
export { createPartitionState, type PartitionState } from "./partition-state.ts";
export { type CheckpointDeps, type CheckpointResult, writeCheckpoint } from "./snapshot/checkpoint.ts";
export { createKafkaCheckpointLog } from "./snapshot/kafka-checkpoint-log.ts";
