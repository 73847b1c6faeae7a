import type { Calibration, GridEvent, Weather } from "@hashwatt/contracts";
import type { MeterRegistry } from "@hashwatt/pipeline";
import type { ReviewQueue } from "@hashwatt/review-queue";
import type { Logger, Registry } from "@hashwatt/runtime";
import kafkajs, { type Admin, type Consumer, type Producer } from "kafkajs";
import { checkTopics, type TopicNames } from "./check-topics.ts";
import { createCheckpointer } from "./checkpointer.ts";
import { createCoPartitionAssigner } from "./co-partition-assigner.ts";
import type { DetectorConfig } from "./config.ts";
import { watchConsumer } from "./consumer-watch.ts";
import { createDetectorMetrics } from "./detector-metrics.ts";
import { createRoad } from "./detector-road.ts";
import { createFlowControl } from "./flow-control.ts";
import { createGroupMembership } from "./group-membership.ts";
import { checkAccess } from "./kafka-access.ts";
import { createKafka, kafkaRetry } from "./kafka-client.ts";
import type { PartitionState } from "./partition-state.ts";
import { createReadingConsumer, type ReadingConsumer } from "./reading-consumer.ts";
import { Restorer } from "./restorer.ts";
import { createKafkaCheckpointLog } from "./snapshot/kafka-checkpoint-log.ts";

export interface DetectorOptions {
  readonly config: DetectorConfig;
  readonly registry: MeterRegistry;
  readonly events: readonly GridEvent[];
  readonly weather: readonly Weather[];
  readonly calibration?: Calibration | undefined;
  readonly queue: Pick<ReviewQueue, "admitMany">;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** The process should end: a restart begins at the last checkpoint. */
  readonly onFatal: (error: Error) => void;
}

export interface Detector {
  /** Checkpoints, leaves the group, closes its connections. */
  readonly stop: () => Promise<void>;
  /** One sentence, or undefined while all is well. */
  readonly notLive: () => string | undefined;
  readonly notReady: () => string | undefined;
  /** Readings that messages have held so far. */
  readonly readingCount: () => number;
}

/** A stop must end before its supervisor loses patience (Kubernetes: 30 s). */
const stopCheckpointMs = 15_000;
/** How long the group waits for this member to join again. */
const rebalanceTimeoutMs = 60_000;

/** Connects to Kafka and begins to work. Throws KafkaAccessError where it is not let in, TopicError where the topics are not as needed. */
export async function startDetector(options: DetectorOptions): Promise<Detector> {
  const { config, logger } = options;
  const topics = topicsOf(config);
  await checkAccess(config, logger);
  const kafka = createKafka(config, logger);
  const admin = kafka.admin({ retry: kafkaRetry });
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    retry: kafkaRetry,
  });
  const close = async () => {
    await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
  };
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    const partitionCount = await checkTopics(admin, topics, logger);
    const states = new Map<number, PartitionState>();
    const consumer = kafka.consumer(consumerOptions(config, () => ownedPartitions(states)));
    return await run({ ...options, topics, admin, producer, consumer, states, partitionCount, close });
  } catch (error) {
    await close();
    throw error;
  }
}

function topicsOf(config: DetectorConfig): TopicNames {
  return { readings: config.KAFKA_READINGS_TOPIC, state: config.KAFKA_STATE_TOPIC, deadLetters: config.KAFKA_DEAD_LETTERS_TOPIC };
}

function ownedPartitions(states: ReadonlyMap<number, PartitionState>): number[] {
  return [...states.values()].filter(({ nextOffset }) => nextOffset >= 0).map(({ partition }) => partition);
}

/**
 * Large fetches, because the next is sent only when all of the last is handled; short waits, because with all partitions paused kafkajs
 * sleeps for `maxWaitTimeInMs` before it looks again.
 */
function consumerOptions(config: DetectorConfig, owned: () => number[]) {
  return {
    groupId: config.KAFKA_GROUP_ID,
    partitionAssigners: [createCoPartitionAssigner(owned)],
    sessionTimeout: config.KAFKA_SESSION_TIMEOUT_MS,
    rebalanceTimeout: rebalanceTimeoutMs,
    heartbeatInterval: Math.min(3_000, config.KAFKA_SESSION_TIMEOUT_MS / 3),
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    maxBytesPerPartition: 2_000_000,
    maxBytes: 16_000_000,
    minBytes: 1,
    maxWaitTimeInMs: 200,
    retry: kafkaRetry,
  };
}

interface Parts extends DetectorOptions {
  readonly topics: TopicNames;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly consumer: Consumer;
  readonly states: Map<number, PartitionState>;
  readonly partitionCount: number;
  readonly close: () => Promise<void>;
}

async function run(parts: Parts): Promise<Detector> {
  const { config, logger, consumer, states, topics, partitionCount } = parts;
  const flow = createFlowControl(consumer, topics, states);
  const road = createRoad({ ...parts, flow, candidate: (type) => metrics.candidate(type), deadLetter: () => metrics.deadLetter() });
  const metrics = createDetectorMetrics(parts.metrics, {
    states,
    pipeline: road.pipeline,
    decoded: road.intake.decoded,
    waiting: road.waiting,
  });
  const halt = (state: PartitionState, reason: string) => {
    state.phase = "halted";
    state.haltReason = reason;
    flow.apply();
    logger.error({ partition: state.partition }, `partition ${state.partition} halted: ${reason}`);
  };
  const checkpointIntervalMs = config.CHECKPOINT_SECONDS * 1000;
  const checkpointer = createCheckpointer({
    states,
    intervalMs: checkpointIntervalMs,
    readingsLimit: config.CHECKPOINT_READINGS,
    logger,
    metrics,
    deps: {
      pipeline: road.pipeline,
      partitionCount,
      groupsOf: road.activeGroupsOf,
      outboxesDelivered: road.delivered,
      assertOwned: (state) => assertOwned(states, state),
      log: createKafkaCheckpointLog({ ...parts, commitOnce: () => readings.commitOnce }),
    },
  });
  const shared = { ...parts, pipeline: road.pipeline, intake: road.intake, flow, drop: road.drop, halt, fatal: parts.onFatal };
  const restorer = new Restorer({ ...shared, groupId: config.KAFKA_GROUP_ID });
  const membership = createGroupMembership({ ...shared, restorer, checkpointIntervalMs });
  // No heartbeat is sent meanwhile: half a session leaves the other half for joining.
  const onRebalance = () => checkpointer.checkpointAll("rebalance", config.KAFKA_SESSION_TIMEOUT_MS / 2);
  const readings: ReadingConsumer = createReadingConsumer({ ...shared, restorer, membership, onRebalance });
  const watch = watchConsumer(consumer, {
    readingsTopic: topics.readings,
    patienceMs: 10 * config.KAFKA_SESSION_TIMEOUT_MS,
    onJoin: membership.onJoin,
    onFatal: parts.onFatal,
  });
  await consume(consumer, topics, readings);
  checkpointer.start();
  return {
    async stop() {
      flow.hold("stopping");
      // Before the consumer stops: afterwards it commits nothing, and says nothing of it.
      await checkpointer.checkpointAll("shutdown", stopCheckpointMs);
      checkpointer.stop();
      await consumer.disconnect();
      road.close();
      await parts.close();
    },
    notLive: watch.notLive,
    notReady: () =>
      watch.notLive() ?? (membership.epoch === 0 ? "has not joined its group yet" : undefined) ?? road.problem() ?? problemOf(states),
    readingCount: () => road.intake.decoded.readings,
  };
}

async function consume(consumer: Consumer, topics: TopicNames, { eachBatch }: ReadingConsumer): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.readings, topics.state], fromBeginning: true });
  // Auto-commit would commit positions without state. One batch at a time: they are computation, which two would only share.
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 1, eachBatch });
}

/** Throws where the state is not, or no longer, this member's: lost, or the group has just joined anew. */
function assertOwned(states: ReadonlyMap<number, PartitionState>, state: PartitionState): void {
  if (states.get(state.partition) !== state || state.phase !== "running") {
    throw new Error(`partition ${state.partition} is no longer this member's to checkpoint`);
  }
}

function problemOf(states: ReadonlyMap<number, PartitionState>): string | undefined {
  for (const { partition, phase, haltReason } of states.values()) {
    if (phase === "halted") return `partition ${partition} halted: ${haltReason}`;
    if (phase !== "running") return `partition ${partition} is ${phase}`;
  }
  return undefined;
}
