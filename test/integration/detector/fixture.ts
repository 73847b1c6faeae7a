import { setTimeout as sleep } from "node:timers/promises";
import type { Candidate } from "@hashwatt/contracts";
import { createTopics } from "@hashwatt/infra/topics";
import { caseStates, openRedisQueue, type RedisQueueOptions } from "@hashwatt/review-queue";
import kafkajs, { type Admin, type Kafka, type KafkaConfig } from "kafkajs";
import { kafkaBrokers, redisUrl } from "../servers.ts";
import { type DetectorProcess, startDetectorProcess } from "./detector-process.ts";
import { fleetFiles, type Message } from "./substations.ts";

const partitions = 4;

/** Topics, group and queue of one test's own on the shared servers, and detectors on them. */
export interface DetectorFixture {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: { readonly readings: string; readonly detectorState: string; readonly deadLetters: string };
  start(more?: Readonly<Record<string, string>>): DetectorProcess;
  send(messages: readonly Message[]): Promise<void>;
  /** All that was sent is read by the detectors and all they said is delivered. */
  caughtUp(detectors: readonly DetectorProcess[]): Promise<void>;
  /** All that was sent is read. */
  allRead(detectors: readonly DetectorProcess[]): Promise<boolean>;
  /** Candidates in the review queue. */
  admitted(): Promise<Candidate[]>;
  withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  partitionOf(key: string): number;
  /** Ends every detector that still runs. */
  killAll(): void;
}

/** Where a fixture's detectors work, and how the tests themselves come there. */
export interface FixtureServers {
  readonly kafka: Pick<KafkaConfig, "ssl" | "sasl"> & { readonly brokers: readonly string[] };
  readonly redis: Omit<RedisQueueOptions, "prefix">;
  /** Copies of each partition; default 1. */
  readonly replicationFactor?: number;
  /** The detectors' variables that differ from plain connections. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Those all tests share. */
const sharedServers: FixtureServers = { kafka: { brokers: kafkaBrokers }, redis: { url: redisUrl } };

export async function createDetectorFixture(name: string, servers: FixtureServers = sharedServers): Promise<DetectorFixture> {
  const { brokers, ...security } = servers.kafka;
  const group = `${name}-${Date.now()}`;
  const topics = { readings: `${group}-readings`, detectorState: `${group}-state`, deadLetters: `${group}-dead-letters` };
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], ...security, logLevel: kafkajs.logLevel.NOTHING });
  await createTopics({ brokers, security, partitions, names: topics, replicationFactor: servers.replicationFactor ?? 1 });
  const settings = {
    KAFKA_BROKERS: brokers.join(","),
    KAFKA_GROUP_ID: group,
    KAFKA_READINGS_TOPIC: topics.readings,
    KAFKA_STATE_TOPIC: topics.detectorState,
    KAFKA_DEAD_LETTERS_TOPIC: topics.deadLetters,
    KAFKA_SESSION_TIMEOUT_MS: "6000",
    REDIS_URL: servers.redis.url,
    REDIS_KEY_PREFIX: group,
    CHECKPOINT_SECONDS: "1",
    ...fleetFiles,
    ...servers.settings,
  };
  const started: DetectorProcess[] = [];
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };
  // So that a message of 5 MB comes as far as the detector.
  const configEntries = [{ name: "max.message.bytes", value: "8388608" }];
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topics.readings, configEntries }];
  await withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }));

  const allRead: DetectorFixture["allRead"] = async (detectors) => {
    const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topics.readings));
    const sent = ends.reduce((sum, { high }) => sum + Number(high), 0);
    return (await sumOverAll(detectors, "hashwatt_next_offset")) === sent;
  };
  return {
    kafka,
    group,
    topics,
    withAdmin,
    allRead,
    start(more = {}) {
      const detector = startDetectorProcess({ ...settings, ...more });
      started.push(detector);
      return detector;
    },
    async send(messages) {
      const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
      await producer.connect();
      for (let from = 0; from < messages.length; from += 200) {
        await producer.send({ topic: topics.readings, messages: messages.slice(from, from + 200) });
      }
      await producer.disconnect();
    },
    caughtUp: (detectors) =>
      eventually(async () => (await allRead(detectors)) && (await sumOverAll(detectors, "hashwatt_outbox_waiting")) === 0),
    async admitted() {
      const { queue } = await openRedisQueue({ ...servers.redis, prefix: group });
      const now = Date.now();
      const page = await queue.list({ states: caseStates, limit: 1000 }, now);
      const details = await Promise.all(page.cases.map(({ caseId }) => queue.get(caseId, now)));
      await queue.close();
      return details.flatMap((detail) => detail!.candidates);
    },
    partitionOf: (key) =>
      kafkajs.Partitioners.DefaultPartitioner()({
        topic: topics.readings,
        partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
          partitionId,
          leader: 0,
          partitionErrorCode: 0,
          replicas: [],
          isr: [],
        })),
        message: { key, value: null },
      }),
    killAll() {
      for (const { process: child } of started) child.kill("SIGKILL");
    },
  };
}

/** A metric added up over detectors and labels. */
async function sumOverAll(detectors: readonly DetectorProcess[], metric: string): Promise<number> {
  const values = await Promise.all(detectors.map((detector) => detector.metric(metric)));
  return values.reduce((total, one) => total + sumOf(one), 0);
}

export async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(50);
}

export function sumOf(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}

/** Numbers of candidates that must not depend on how they were come by, in one order. */
export function essenceOf(candidates: readonly Candidate[]) {
  return candidates
    .map(({ candidateId, meterId, lane, onset, raisedAt, endedAt, stepKw, stepKwLow, stepKwHigh, score, evidence }) => ({
      candidateId,
      meterId,
      lane,
      onset,
      raisedAt,
      endedAt,
      stepKw,
      stepKwLow,
      stepKwHigh,
      score,
      evidence,
    }))
    .toSorted((a, b) => (a.candidateId < b.candidateId ? -1 : 1));
}
