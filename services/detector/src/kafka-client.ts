import type { Logger } from "@hashwatt/runtime";
import kafkajs, { type KafkaConfig, type SASLOptions } from "kafkajs";
import { registerCodecs } from "./compression-codecs.ts";
import type { DetectorConfig } from "./config.ts";
import { createKafkaLogCreator } from "./kafka-log.ts";

const { Kafka, logLevel } = kafkajs;

/**
 * Every retry is said here: kafkajs takes other defaults where NODE_ENV is "test". Ten tries reach over 30 s, a broker's restart;
 * after that the consumer begins anew by itself.
 */
export const kafkaRetry = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 10, factor: 0.2, multiplier: 2 };

/** A client by the configuration. */
export function createKafka(config: DetectorConfig, logger: Logger): InstanceType<typeof Kafka> {
  registerCodecs();
  return new Kafka(kafkaOptionsOf(config, logger));
}

/** TLS, SASL, retries and the service's own log. */
export function kafkaOptionsOf(config: DetectorConfig, logger: Logger): KafkaConfig {
  const options: KafkaConfig = {
    brokers: config.KAFKA_BROKERS,
    clientId: config.KAFKA_CLIENT_ID,
    retry: kafkaRetry,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    logLevel: logLevel.INFO,
    logCreator: createKafkaLogCreator(logger),
  };
  if (config.KAFKA_TLS) {
    const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key } = config;
    options.ssl = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  }
  const sasl = saslOf(config);
  if (sasl !== undefined) options.sasl = sasl;
  return options;
}

function saslOf(config: DetectorConfig): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (mechanism === undefined || username === undefined || password === undefined) return undefined;
  return { mechanism, username, password };
}
