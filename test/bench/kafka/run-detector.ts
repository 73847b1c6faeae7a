/**
 * One measured run of the detector, alone in its process: node run-detector.ts ROW BROKERS REDIS_URL CHECKPOINT_SECONDS
 * Prints one JSON line: readings, seconds of wall and of processor time from the first to the last reading, and what was checkpointed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig, startDetector } from "@hashwatt/detector";
import { createTopics } from "@hashwatt/infra/topics";
import { createMeterRegistry } from "@hashwatt/pipeline";
import { openRedisQueue } from "@hashwatt/review-queue";
import { createLogger, createMetrics } from "@hashwatt/runtime";
import { topicsOf } from "./load-topic.ts";
import { benchMeters, benchRows, partitions } from "./rows.ts";

const [rowName, brokers, redisUrl, checkpointSeconds] = process.argv.slice(2);
const row = benchRows.find(({ name }) => name === rowName)!;
const run = `${row.name}-${Date.now()}`;
// A state topic of its own: with that of an earlier run there would be nothing left to read.
const topics = { ...topicsOf(row), detectorState: `${run}-state` };
await createTopics({ brokers: brokers.split(","), partitions, names: topics });
const config = readConfig({
  KAFKA_BROKERS: brokers,
  KAFKA_GROUP_ID: run,
  KAFKA_READINGS_TOPIC: topics.readings,
  KAFKA_STATE_TOPIC: topics.detectorState,
  KAFKA_DEAD_LETTERS_TOPIC: topics.deadLetters,
  REDIS_URL: redisUrl,
  REDIS_KEY_PREFIX: `bench-${run}`,
  METERS_FILE: "given in memory",
  CHECKPOINT_SECONDS: checkpointSeconds,
  LOG_LEVEL: process.env["LOG_LEVEL"] ?? "warn",
});
const logger = createLogger({ name: "bench", level: config.LOG_LEVEL, destination: "stderr" });
const metrics = createMetrics("bench");
const { queue } = await openRedisQueue({ url: redisUrl, prefix: config.REDIS_KEY_PREFIX! });
const detector = await startDetector({
  config,
  registry: createMeterRegistry(benchMeters(row), "area"),
  events: [],
  weather: [],
  queue,
  metrics,
  logger,
  onFatal(error) {
    throw error;
  },
});
while (detector.readingCount() === 0) await sleep(5);
const [started, cpuBefore, readingsBefore] = [performance.now(), process.cpuUsage(), detector.readingCount()];
while (detector.readingCount() < row.readings) await sleep(20);
const wallSeconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const readings = detector.readingCount() - readingsBefore;
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
const values = new Map<string, number>();
for (const metric of await metrics.getMetricsAsJSON()) {
  for (const { value, labels, metricName } of metric.values as { value: number; labels: Record<string, string>; metricName?: string }[]) {
    const name = [metricName ?? metric.name, labels["outcome"]].filter(Boolean).join(".");
    values.set(name, (values.get(name) ?? 0) + value);
  }
}
console.log(
  JSON.stringify({
    row: row.name,
    readings,
    wallSeconds,
    cpuSeconds,
    perCpuSecond: Math.round(readings / cpuSeconds),
    checkpoints: values.get("hashwatt_checkpoint_seconds_count"),
    checkpointMegabytes: Math.round((values.get("hashwatt_checkpoint_bytes_total") ?? 0) / 1e6),
    binned: values.get("hashwatt_readings_total.binned"),
    rssMegabytes: Math.round(process.memoryUsage().rss / 1e6),
  }),
);
await detector.stop();
await queue.close();
process.exit(0);
