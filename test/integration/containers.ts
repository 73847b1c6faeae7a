import { resolve } from "node:path";
import { RedisContainer } from "@testcontainers/redis";
import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";
import type { TestServer } from "./provision.ts";

const kafkaImage = process.env["HASHWATT_KAFKA_IMAGE"] || "apache/kafka:4.1.1";
const redisImage = process.env["HASHWATT_REDIS_IMAGE"] || "redis:8.2.3";
const redisConfig = resolve(import.meta.dirname, "..", "..", "infra", "redis.conf");

/** Kafka must announce an address that its clients reach: the port outside is fixed to be the one inside. High, so that a local broker does not hold it. */
const kafkaPort = () => 20_000 + Math.floor(Math.random() * 12_000);

/** The host of a working Docker engine, or why there is none. */
export async function dockerHost(): Promise<{ host: string } | { reason: string }> {
  try {
    const client = await getContainerRuntimeClient();
    return { host: client.info.containerRuntime.host };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Apache Kafka, one node; the image takes its settings from KAFKA_... variables. */
export async function startKafkaContainer(host: string): Promise<TestServer> {
  const port = kafkaPort();
  const container = await new GenericContainer(kafkaImage)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_INTER_BROKER_LISTENER_NAME: "PLAINTEXT",
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "1",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_HEAP_OPTS: "-Xms256m -Xmx512m",
    })
    .withWaitStrategy(Wait.forLogMessage("Kafka Server started"))
    .withStartupTimeout(120_000)
    .start();
  return { source: `Docker image ${kafkaImage}`, address: `${host}:${port}`, stop: () => stopped(container.stop()) };
}

export async function startRedisContainer(): Promise<TestServer> {
  const container = await new RedisContainer(redisImage)
    .withCopyFilesToContainer([{ source: redisConfig, target: "/etc/hashwatt-redis.conf" }])
    .withCommand(["redis-server", "/etc/hashwatt-redis.conf", "--protected-mode", "no"])
    .start();
  return { source: `Docker image ${redisImage}`, address: container.getConnectionUrl(), stop: () => stopped(container.stop()) };
}

async function stopped(stopping: Promise<unknown>): Promise<void> {
  await stopping;
}
