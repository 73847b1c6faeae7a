/** The detector service: readings from Kafka in, cases in the review queue out. Exit codes: 0 stopped, 1 failed, 2 configuration. */
import { CalibrationError, createMeterRegistry } from "@hashwatt/pipeline";
import { openRedisQueue, QueueConfigurationError } from "@hashwatt/review-queue";
import { ConfigError, createLogger, createMetrics, type Logger, onShutdown, startHealthServer } from "@hashwatt/runtime";
import { TopicError } from "./check-topics.ts";
import { type DetectorConfig, readConfig } from "./config.ts";
import { type Detector, startDetector } from "./detector.ts";
import { KafkaAccessError } from "./kafka-access.ts";
import { readRegistryFiles } from "./registry-files.ts";

async function main(config: DetectorConfig, logger: Logger): Promise<void> {
  const files = readRegistryFiles(config);
  const registry = createMeterRegistry(files.meters, config.PEER_GROUP);
  const { queue, warnings } = await openRedisQueue(redisOptions(config, files.permits));
  for (const warning of warnings) logger.warn(warning);
  const changed = await queue.judgePermitsAgain(Date.now());
  if (changed > 0) logger.info({ changed }, "permits judged again");
  const metrics = createMetrics("detector");
  let detector: Detector | undefined;
  const starting = () => (detector === undefined ? "starting" : undefined);
  const health = await startHealthServer({
    port: config.HTTP_PORT,
    live: () => detector?.notLive(),
    ready: () => starting() ?? detector?.notReady(),
    metrics,
  });
  logger.info({ meters: files.meters.length, groups: registry.groupKeys.length, port: health.port }, "starting");
  onShutdown({
    hooks: [
      { name: "detector", stop: () => detector?.stop() },
      { name: "review queue", stop: () => queue.close() },
      { name: "health server", stop: () => health.close() },
    ],
    onStep: (step, error) => (error === undefined ? logger.info(step) : logger.error({ err: error }, step)),
  });
  const onFatal = (error: Error) => {
    logger.fatal({ err: error }, error.message);
    // At once and without a last checkpoint: what is in memory is not to be trusted, what is committed is.
    process.exit(1);
  };
  process.on("uncaughtException", onFatal);
  detector = await startDetector({ config, registry, ...files, queue, metrics, logger, onFatal });
}

function redisOptions(
  config: DetectorConfig,
  permits: Parameters<typeof openRedisQueue>[0]["permits"],
): Parameters<typeof openRedisQueue>[0] {
  const { REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key } = config;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    url: config.REDIS_URL,
    ...(permits && { permits }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(config.REDIS_USERNAME !== undefined && { username: config.REDIS_USERNAME }),
    ...(config.REDIS_PASSWORD !== undefined && { password: config.REDIS_PASSWORD }),
    ...(config.REDIS_KEY_PREFIX !== undefined && { prefix: config.REDIS_KEY_PREFIX }),
  };
}

/** Errors that a restart does not mend: people must change something. */
const needPeople = [ConfigError, QueueConfigurationError, KafkaAccessError, TopicError, CalibrationError];

function exitCodeOf(error: unknown): number {
  return needPeople.some((kind) => error instanceof kind) ? 2 : 1;
}

let logger = createLogger({ name: "detector" });
try {
  const config = readConfig(process.env);
  logger = createLogger({ name: "detector", level: config.LOG_LEVEL });
  await main(config, logger);
} catch (error) {
  logger.fatal(error instanceof ConfigError ? {} : { err: error }, (error as Error).message);
  process.exit(exitCodeOf(error));
}
