/** Kafka topics. `readings` and `detectorState` have the same number of partitions: the detector's state lives beside its input. */
export const topics = {
  readings: "readings",
  detectorState: "detector-state",
  deadLetters: "readings-dead-letters",
} as const;

/** Why a reading was not used. Each reason is a counter and the `reason` of a reject or dead letter. */
export const rejectReasons = [
  "invalid_json",
  "invalid_reading",
  "null_value",
  "no_key",
  "too_large",
  "wrong_partition",
  "unknown_meter",
  "invalid_time",
  "clock_ahead",
  "unaligned_interval",
  "invalid_value",
  "unknown_quality",
  "register_backwards",
  "invalid_row",
] as const;
export type RejectReason = (typeof rejectReasons)[number];
