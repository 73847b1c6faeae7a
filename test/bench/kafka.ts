/**
 * Kafka to columns, snapshots on (the topics hold three to six days, so neither side has anything to judge yet): readings per second of processor time of the detector, beside the same road on Kafka Streams.
 *
 *   node test/bench/kafka.ts [--rows r1,r100,rbig] [--peer DIR] [--checkpoint-seconds 2]
 *
 * KAFKA_BROKERS and REDIS_URL name servers to use; without them native ones are started and stopped. --peer gives the folder of the peer's
 * source (kafka-streams); it is copied, built and run on the same broker, one process at a time. Bar: 3x its exactly-once figure, goal 5x.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { startKafka, startRedis } from "@hashwatt/infra/native";
import { loadTopic } from "./kafka/load-topic.ts";
import { type BenchRow, benchRows } from "./kafka/rows.ts";

const run = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: benchRows.map(({ name }) => name).join(",") },
    peer: { type: "string" },
    "checkpoint-seconds": { type: "string", default: "2" },
  },
});

interface Measured {
  readonly perCpuSecond: number;
  readonly [field: string]: unknown;
}

async function measureDetector(row: BenchRow, brokers: string, redisUrl: string): Promise<Measured> {
  const script = join(import.meta.dirname, "kafka", "run-detector.ts");
  const args = [script, row.name, brokers, redisUrl, options["checkpoint-seconds"]];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1e8 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured;
}

async function buildPeer(source: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "hashwatt-peer-"));
  cpSync(source, dir, { recursive: true });
  await run("mvn", ["-q", "-B", "package"], { cwd: dir });
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  await run("mvn", ["-q", "-B", goal, "-DoutputDirectory=target/libs"], { cwd: dir });
  return dir;
}

async function measurePeer(dir: string, row: BenchRow, brokers: string): Promise<number> {
  const classPath = "target/kafka-streams-peer-1.jar:target/libs/*";
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
  const args = ["-Xmx3g", quiet, "-cp", classPath, "Peer", row.name, String(row.readings), "rocks", "exactly_once_v2", "1", brokers];
  const { stdout } = await run("java", args, { cwd: dir, maxBuffer: 1e8 });
  console.log(stdout.trim());
  return Number(/per_cpu_s=(\d+)/.exec(stdout)![1]);
}

const kafka = process.env["KAFKA_BROKERS"] ? undefined : await startKafka();
const redis = process.env["REDIS_URL"] ? undefined : await startRedis();
const brokers = kafka?.brokers ?? process.env["KAFKA_BROKERS"]!;
const redisUrl = redis?.url ?? process.env["REDIS_URL"]!;
const peer = options.peer === undefined ? undefined : await buildPeer(options.peer);
try {
  for (const row of benchRows.filter(({ name }) => options.rows.split(",").includes(name))) {
    await loadTopic(row, brokers.split(","));
    const ours = await measureDetector(row, brokers, redisUrl);
    console.log(JSON.stringify(ours));
    if (peer === undefined) continue;
    const theirs = await measurePeer(peer, row, brokers);
    const ratio = Math.round((100 * ours.perCpuSecond) / theirs) / 100;
    console.log(JSON.stringify({ row: row.name, ours: ours.perCpuSecond, peer: theirs, ratio }));
  }
} finally {
  await kafka?.stop();
  await redis?.stop();
  if (peer !== undefined) rmSync(peer, { recursive: true, force: true });
}
