import { booleanSetting, listSetting, loadConfig } from "@hashwatt/runtime";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";
import { z } from "zod";
import { CliError, exitCodes } from "../exit-codes.ts";
import { readPem } from "./read-pem.ts";

/** The same variables as the detector's. */
const KafkaConfigSchema = z.object({
  KAFKA_BROKERS: listSetting().describe("brokers as host:port, separated by commas; or give --brokers"),
  KAFKA_TLS: booleanSetting().default(false),
  KAFKA_TLS_CA_FILE: z.string().min(1).optional(),
  KAFKA_TLS_CERT_FILE: z.string().min(1).optional(),
  KAFKA_TLS_KEY_FILE: z.string().min(1).optional(),
  KAFKA_SASL_MECHANISM: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional(),
});
type KafkaSettings = z.output<typeof KafkaConfigSchema>;

/** A Kafka client from --brokers and the environment. Throws ConfigError or CliError (usage). */
export function openKafka(brokers: string | undefined, env: Readonly<Record<string, string | undefined>>): Kafka {
  const settings = loadConfig(KafkaConfigSchema, brokers === undefined ? env : { ...env, KAFKA_BROKERS: brokers });
  return new Kafka({
    clientId: "hashwatt-send",
    brokers: settings.KAFKA_BROKERS,
    // Its own messages are for its developers; what matters comes as an error.
    logLevel: logLevel.NOTHING,
    retry: { retries: 5 },
    ...tlsOf(settings),
    ...saslOf(settings),
  });
}

function tlsOf(settings: KafkaSettings): Pick<KafkaConfig, "ssl"> {
  if (!settings.KAFKA_TLS) return {};
  const { KAFKA_TLS_CA_FILE: ca, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key } = settings;
  return {
    ssl: {
      ...(ca === undefined ? {} : { ca: [readPem("KAFKA_TLS_CA_FILE", ca)] }),
      ...(cert === undefined ? {} : { cert: readPem("KAFKA_TLS_CERT_FILE", cert) }),
      ...(key === undefined ? {} : { key: readPem("KAFKA_TLS_KEY_FILE", key) }),
    },
  };
}

function saslOf(settings: KafkaSettings): Pick<KafkaConfig, "sasl"> {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (mechanism === undefined) return {};
  if (username === undefined || password === undefined) {
    throw new CliError(exitCodes.usage, "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: set all three or none");
  }
  return { sasl: { mechanism, username, password } as NonNullable<KafkaConfig["sasl"]> };
}
