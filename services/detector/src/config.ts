import { PeerGroupingSchema, topics } from "@hashwatt/contracts";
import { booleanSetting, ConfigError, integerSetting, listSetting, loadConfig } from "@hashwatt/runtime";
import { z } from "zod";

const path = (about: string) => z.string().min(1).describe(about);
const pem = () => z.string().regex(/-----BEGIN /, { error: "is not a PEM text (-----BEGIN ...)" });
const levels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** Every environment variable of the detector. Secrets may also be given as `NAME_FILE` (see runtime, config.ts). */
export const DetectorConfigSchema = z.object({
  KAFKA_BROKERS: listSetting().describe("brokers as host:port, separated by commas"),
  KAFKA_GROUP_ID: z.string().min(1).default("hashwatt-detector"),
  KAFKA_CLIENT_ID: z.string().min(1).default("hashwatt-detector"),
  KAFKA_READINGS_TOPIC: z.string().min(1).default(topics.readings),
  KAFKA_STATE_TOPIC: z.string().min(1).default(topics.detectorState),
  KAFKA_DEAD_LETTERS_TOPIC: z.string().min(1).default(topics.deadLetters),
  KAFKA_TLS: booleanSetting().default(false),
  /** PEM texts; mostly given as files: KAFKA_TLS_CA_FILE and so on. */
  KAFKA_TLS_CA: pem().optional(),
  KAFKA_TLS_CERT: pem().optional(),
  KAFKA_TLS_KEY: pem().optional(),
  KAFKA_SASL_MECHANISM: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional(),
  /** Heartbeats missing for this long lose the member its partitions. A judged day must fit in (10 000 meters: about 1 s). */
  KAFKA_SESSION_TIMEOUT_MS: integerSetting(6_000, 300_000).default(45_000),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, { error: "must begin with redis:// or rediss://" })
    .describe("such as redis://user:password@host:6379; rediss:// is TLS"),
  REDIS_USERNAME: z.string().min(1).optional(),
  REDIS_PASSWORD: z.string().min(1).optional(),
  REDIS_TLS_CA: pem().optional(),
  REDIS_TLS_CERT: pem().optional(),
  REDIS_TLS_KEY: pem().optional(),
  REDIS_KEY_PREFIX: z.string().min(1).optional(),
  METERS_FILE: path("the meter registry, meters.csv"),
  PERMITS_FILE: path("permits.csv").optional(),
  EVENTS_FILE: path("events.csv").optional(),
  WEATHER_FILE: path("weather.csv").optional(),
  CALIBRATION_FILE: path("what `hashwatt calibrate` wrote for these meters").optional(),
  PEER_GROUP: PeerGroupingSchema.default("area"),
  /** How long after its end a day waits for late readings before it is judged. */
  GRACE_HOURS: integerSetting(0, 240).default(12),
  /** How far back a late or revised reading still counts. */
  LATE_DAYS: integerSetting(1, 60).default(14),
  CHECKPOINT_SECONDS: integerSetting(1, 86_400).default(300),
  /** Readings of one partition after which it is checkpointed whatever the time: bounds what a restart repeats. */
  CHECKPOINT_READINGS: integerSetting(1000, 1_000_000_000).default(5_000_000),
  HTTP_PORT: integerSetting(0, 65_535).default(8080),
  LOG_LEVEL: z.enum(levels).default("info"),
});
export type DetectorConfig = z.output<typeof DetectorConfigSchema>;

/** Reads the environment. Throws ConfigError with every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): DetectorConfig {
  const config = loadConfig(DetectorConfigSchema, env);
  const problems = pairProblems(config);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What single fields cannot say. */
function pairProblems(config: DetectorConfig): string[] {
  const problems: string[] = [];
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  const saslParts = [mechanism, username, password].filter((part) => part !== undefined).length;
  if (saslParts !== 0 && saslParts !== 3) {
    problems.push("KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: set all three or none");
  }
  for (const server of ["KAFKA", "REDIS"] as const) {
    if ((config[`${server}_TLS_CERT`] === undefined) !== (config[`${server}_TLS_KEY`] === undefined)) {
      problems.push(`${server}_TLS_CERT, ${server}_TLS_KEY: set both or none`);
    }
  }
  if (!config.KAFKA_TLS && (config.KAFKA_TLS_CA ?? config.KAFKA_TLS_CERT) !== undefined) {
    problems.push("KAFKA_TLS_CA, KAFKA_TLS_CERT: have no effect without KAFKA_TLS=true");
  }
  if (config.REDIS_URL.startsWith("redis:") && (config.REDIS_TLS_CA ?? config.REDIS_TLS_CERT) !== undefined) {
    problems.push("REDIS_TLS_CA, REDIS_TLS_CERT: have no effect without rediss:// in REDIS_URL");
  }
  if (mechanism === "plain" && !config.KAFKA_TLS) {
    problems.push("KAFKA_SASL_MECHANISM: plain without KAFKA_TLS=true would send the password unencrypted; use scram or TLS");
  }
  return problems;
}
