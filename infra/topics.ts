/**
 * Creates the topics that Hashwatt needs and checks those that are there. Run as a program it is the topic job of docker-compose.yml:
 *
 *   KAFKA_BROKERS=host:port node infra/topics.ts
 *
 * A cluster with TLS or SASL has its own ways to create topics; `topicDefinitions` says with which settings.
 */
import { topics } from "@hashwatt/contracts";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";

/** One topic as it must be. */
interface TopicDefinition {
  topic: string;
  numPartitions: number;
  configEntries: { name: string; value: string }[];
}

/** What to create, and where. */
export interface TopicJob {
  brokers: readonly string[];
  /** TLS and SASL, as kafkajs takes them. */
  security?: Pick<KafkaConfig, "ssl" | "sasl">;
  /** Of readings and of detector-state alike. Default 12: as many detectors can share the work. */
  partitions?: number;
  /** Default 1, right for one broker; 3 in production. */
  replicationFactor?: number;
  /** Other names than those of contracts: for tests that share a broker. */
  names?: { readings: string; detectorState: string; deadLetters: string };
}

const dayMs = 86_400_000;

const settings = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));

/** The settings that the guarantees lean on, each with its reason. */
export function topicDefinitions({ partitions = 12, names = topics }: Omit<TopicJob, "brokers">): TopicDefinition[] {
  return [
    // 14 days: as long as a late reading may still come, so that a detector that was off for a fortnight catches up.
    {
      topic: names.readings,
      numPartitions: partitions,
      configEntries: settings({ "cleanup.policy": "delete", "retention.ms": `${14 * dayMs}` }),
    },
    {
      topic: names.detectorState,
      numPartitions: partitions,
      configEntries: settings({
        // The detector itself deletes below the last two snapshots; time or compaction would delete the one that is committed.
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        // A snapshot chunk is up to 800 KB, with headers and batch overhead well below this.
        "max.message.bytes": "2097152",
      }),
    },
    {
      topic: names.deadLetters,
      numPartitions: 1,
      // The original bytes of a message that was too large for the detector must still fit.
      configEntries: settings({ "cleanup.policy": "delete", "retention.ms": `${90 * dayMs}`, "max.message.bytes": "16777216" }),
    },
  ];
}

/**
 * Creates what is missing; changes nothing that is there.
 *
 * @returns the names it created
 * @throws Error when no broker answers within about 10 s, or an existing topic has another number of partitions: the peer groups would be spread otherwise than their state
 */
export async function createTopics(job: TopicJob): Promise<string[]> {
  const admin = new Kafka({
    clientId: "hashwatt-topics",
    brokers: [...job.brokers],
    ...job.security,
    logLevel: logLevel.NOTHING,
    retry: { retries: 5, initialRetryTime: 300, maxRetryTime: 3000 },
  }).admin();
  await admin.connect().catch((error: unknown) => {
    throw new Error(`No Kafka at ${job.brokers.join(",")} (KAFKA_BROKERS): ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
  try {
    const existing = new Set(await admin.listTopics());
    const definitions = topicDefinitions(job);
    const present = definitions.filter(({ topic }) => existing.has(topic));
    const { topics: found } = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => topic) });
    for (const { topic, numPartitions } of present) {
      const count = found.find(({ name }) => name === topic)!.partitions.length;
      if (count !== numPartitions) {
        throw new Error(
          `Topic ${topic} has ${count} partitions, asked are ${numPartitions}. Adding partitions moves peer groups away from their state: ask for ${count}, or start with new topics.`,
        );
      }
    }
    const missing = definitions.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      const replicationFactor = job.replicationFactor ?? 1;
      await admin.createTopics({ topics: missing.map((definition) => ({ ...definition, replicationFactor })), waitForLeaders: true });
    }
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
  }
}

/** A whole number of at least 1 from the environment. */
function countFrom(variable: string, fallback: number): number {
  const text = process.env[variable] || String(fallback);
  if (!/^[1-9]\d*$/.test(text)) {
    throw new Error(`${variable} must be a whole number of at least 1, and is "${text}".`);
  }
  return Number(text);
}

if (import.meta.main) {
  try {
    const brokers = (process.env["KAFKA_BROKERS"] || "127.0.0.1:9092").split(",");
    const created = await createTopics({
      brokers,
      partitions: countFrom("KAFKA_PARTITIONS", 12),
      replicationFactor: countFrom("KAFKA_REPLICATION_FACTOR", 1),
    });
    console.log(
      created.length > 0 ? `Created ${created.join(", ")} on ${brokers.join(",")}.` : `All topics are there on ${brokers.join(",")}.`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
