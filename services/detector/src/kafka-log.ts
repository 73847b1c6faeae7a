import { type LogEntry, logLevel } from "kafkajs";
import type { Logger } from "@hashwatt/runtime";

/**
 * What kafkajs logs as errors or warnings although it is the ordinary course of things (it retries by itself):
 * the coordinator of a fresh broker, each heartbeat of a rebalance, a commit or fetch that finds the group rebalancing.
 */
const ordinary = [
  /group coordinator is not available/i,
  /coordinator is loading/i,
  /group is rebalancing/i,
  /rebalance is in progress|rebalance in progress/i,
  /REBALANCE_IN_PROGRESS/,
  /leadership election/i,
  /There is no leader for this topic-partition/i,
];

/** kafkajs' log lines through the service's own logger, ordinary noise at debug level. */
export function createKafkaLogCreator(logger: Logger) {
  return () =>
    ({ namespace, level, log }: LogEntry): void => {
      const { message, timestamp: _, ...fields } = log;
      const text = `${message}${typeof fields["error"] === "string" ? `: ${fields["error"]}` : ""}`;
      const line = { kafka: namespace, ...fields };
      if (level <= logLevel.WARN && ordinary.some((pattern) => pattern.test(text))) logger.debug(line, message);
      else if (level === logLevel.ERROR) logger.error(line, message);
      else if (level === logLevel.WARN) logger.warn(line, message);
      // kafkajs' own info lines (joined, pausing, resuming) are said by the detector in its own words.
      else logger.debug(line, message);
    };
}
