/**
 * Restore through a real Kafka: seconds from the start of the detector's process, and its seconds of processor time, until it is ready with
 * the state of a fleet of quarter-hour meters in areas of 100, 12 partitions. Bar: 5 s for 20 000 meters.
 *
 *   node test/bench/restore.ts [--meters 20000] [--days 175] [--runs 3]
 *
 * KAFKA_BROKERS and REDIS_URL name servers to use; without them native ones are started and stopped. Filling takes about 4 minutes (every
 * meter-day is judged); it is passed over where the broker has the state already.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startKafka, startRedis } from "@hashwatt/infra/native";
import { createTopics } from "@hashwatt/infra/topics";
import kafkajs, { type Kafka } from "kafkajs";
import { startDetectorProcess } from "../integration/detector/detector-process.ts";
import { fillState } from "./restore/fill-state.ts";
import { fleetOf, partitions } from "./restore/fleet.ts";

const { values: options } = parseArgs({
  options: {
    meters: { type: "string", default: "20000" },
    days: { type: "string", default: "175" },
    runs: { type: "string", default: "3" },
  },
});
const [meters, days, runs] = [Number(options.meters), Number(options.days), Number(options.runs)];
const group = `restore-${meters}-${days}`;
const topics = { readings: group, detectorState: `${group}-state`, deadLetters: `${group}-dead-letters` };

async function fill(brokers: string): Promise<void> {
  await createTopics({ brokers: brokers.split(","), partitions, names: topics });
  const kafka = new kafkajs.Kafka({ brokers: brokers.split(","), logLevel: kafkajs.logLevel.NOTHING });
  if (await isFilled(kafka)) return;
  const started = performance.now();
  const bytes = await fillState({ kafka, group, topics: { readings: topics.readings, state: topics.detectorState }, meters, days });
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    JSON.stringify({ meters, days, stateMegabytes: Math.round(bytes / 1e6), bytesPerMeter: Math.round(bytes / meters), seconds }),
  );
}

async function isFilled(kafka: Kafka): Promise<boolean> {
  const admin = kafka.admin();
  await admin.connect();
  const committed = await admin.fetchOffsets({ groupId: group, topics: [topics.detectorState] });
  await admin.disconnect();
  return committed[0].partitions.length === partitions && committed[0].partitions.every(({ offset }) => offset !== "-1");
}

/** A fleet's registry as the detector reads it. */
function writeMeters(dir: string): string {
  const file = join(dir, "meters.csv");
  const rows = fleetOf(meters).map(
    ({ meterId, level, areaId, timeZone, intervalMinutes }) => `${meterId},${level},${areaId},${timeZone},${intervalMinutes}`,
  );
  writeFileSync(file, ["meter_id,level,area_id,time_zone,interval_minutes", ...rows, ""].join("\n"));
  return file;
}

interface Restored {
  /** From the start of the process. */
  readonly seconds: number;
  /** From joining the group. */
  readonly secondsSinceJoin: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

/** The metric counts from when it is made; the system counts from the start. Ticks are 10 ms. */
function cpuSecondsOf(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

async function restore(settings: Readonly<Record<string, string>>): Promise<Restored> {
  const started = performance.now();
  const detector = startDetectorProcess(settings);
  const { port } = await detector.line(({ msg }) => msg === "starting");
  await detector.line(({ msg }) => msg === "joined the group");
  const joinedAt = performance.now();
  while ((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status !== 200) await sleep(20);
  const readyAt = performance.now();
  const restored = {
    seconds: (readyAt - started) / 1000,
    secondsSinceJoin: (readyAt - joinedAt) / 1000,
    cpuSeconds: cpuSecondsOf(detector.process.pid!),
    rssMegabytes: Math.round(sumOfValues(await detector.metric("process_resident_memory_bytes")) / 1e6),
  };
  await detector.end("SIGTERM");
  const troubles = detector.lines.filter(({ level }) => level !== "info");
  if (troubles.length > 0) throw new Error(`the detector had troubles: ${JSON.stringify(troubles)}`);
  return restored;
}

const sumOfValues = (values: ReadonlyMap<string, number>) => values.values().reduce((sum, value) => sum + value, 0);

const kafka = process.env["KAFKA_BROKERS"] ? undefined : await startKafka();
const redis = process.env["REDIS_URL"] ? undefined : await startRedis();
const brokers = kafka?.brokers ?? process.env["KAFKA_BROKERS"]!;
const dir = mkdtempSync(join(tmpdir(), "hashwatt-restore-"));
try {
  await fill(brokers);
  for (let run = 0; run < runs; run++) {
    const restored = await restore({
      KAFKA_BROKERS: brokers,
      KAFKA_GROUP_ID: group,
      KAFKA_READINGS_TOPIC: topics.readings,
      KAFKA_STATE_TOPIC: topics.detectorState,
      KAFKA_DEAD_LETTERS_TOPIC: topics.deadLetters,
      REDIS_URL: redis?.url ?? process.env["REDIS_URL"]!,
      REDIS_KEY_PREFIX: `bench-${group}`,
      METERS_FILE: writeMeters(dir),
      HTTP_PORT: "0",
    });
    console.log(JSON.stringify(restored));
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
  await kafka?.stop();
  await redis?.stop();
}
