import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, retryTakenPort } from "./free-port.ts";
import { kafkaJars } from "./kafka-jars.ts";
import { makeServerDir, type ServerProcess, startServer } from "./server-process.ts";
import { ensureTools, java } from "./system-tools.ts";

const run = promisify(execFile);

export interface KafkaOptions {
  /** Further lines of server.properties: `{ "message.max.bytes": "8388608" }`. Clients come in by the listener named CLIENTS. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Passwords of SCRAM-SHA-512 users by their names. */
  readonly users?: Readonly<Record<string, string>>;
  /** Of the nodes of one cluster; the listeners must then be in `settings`. */
  readonly clusterId?: string;
}

export interface NativeKafka extends ServerProcess {
  /** `127.0.0.1:port`, as in KAFKA_BROKERS. */
  readonly brokers: string;
}

/**
 * Starts a real Apache Kafka (one node, broker and controller in one) on free ports of 127.0.0.1, data in a temporary folder.
 * Takes about 4 s; the first time on a machine the jars are fetched.
 *
 * @throws Error when Java or Maven is missing and cannot be installed, or Kafka does not start
 */
export async function startKafka(options: KafkaOptions = {}): Promise<NativeKafka> {
  const libs = join(await kafkaJars(), "*");
  await ensureTools([java]);
  return retryTakenPort(() => startOnFreePorts(libs, options));
}

async function startOnFreePorts(libs: string, options: KafkaOptions): Promise<NativeKafka> {
  const dir = makeServerDir("kafka");
  const [port, controllerPort] = [await freePort(), await freePort()];
  const properties = join(dir, "server.properties");
  writeFileSync(properties, propertiesText({ ...nodeSettings(port, controllerPort, join(dir, "data")), ...options.settings }));
  await format(libs, properties, options).catch((error: unknown) => {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const server = await startServer({
    name: "Kafka",
    file: "java",
    args: ["-Xms256m", "-Xmx512m", "-cp", libs, "kafka.Kafka", properties],
    dir,
    readyLine: "Kafka Server started",
  });
  return Object.assign(server, { brokers: `127.0.0.1:${port}` });
}

const format = (libs: string, properties: string, { users = {}, clusterId = newClusterId() }: KafkaOptions) =>
  run("java", [
    "-Xmx128m",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    libs,
    "kafka.tools.StorageTool",
    "format",
    "-t",
    clusterId,
    "-c",
    properties,
    ...Object.entries(users).flatMap(([name, password]) => ["--add-scram", `SCRAM-SHA-512=[name=${name},password=${password}]`]),
  ]);

/** 16 bytes in URL-safe base64, as Kafka's own `random-uuid`; a leading "-" would read as an option. */
export const newClusterId = () => `h${randomBytes(16).toString("base64url").slice(1)}`;

function nodeSettings(port: number, controllerPort: number, dataDir: string): Record<string, string> {
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `CLIENTS://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENTS",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT",
    "log.dirs": dataDir,
    // A topic that nobody defined is a mistake to see, not to paper over.
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    // The default of 128 MB is a quarter of the heap given above.
    "log.cleaner.dedupe.buffer.size": "2097152",
  };
}

const propertiesText = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
