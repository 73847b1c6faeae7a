import type { Calibration, CandidateMessage, GridEvent, Weather } from "@hashwatt/contracts";
import { createPipeline, type MeterRegistry, type Pipeline } from "@hashwatt/pipeline";
import type { ReviewQueue } from "@hashwatt/review-queue";
import type { Logger } from "@hashwatt/runtime";
import kafkajs, { type Producer } from "kafkajs";
import type { TopicNames } from "./check-topics.ts";
import type { DetectorConfig } from "./config.ts";
import { type DeadLetter, sendDeadLetters, sizeOfDeadLetter } from "./dead-letters.ts";
import type { FlowControl } from "./flow-control.ts";
import { Outbox } from "./outbox.ts";
import { createReadingIntake, type ReadingIntake } from "./reading-intake.ts";

export interface RoadOptions {
  readonly config: DetectorConfig;
  readonly registry: MeterRegistry;
  readonly calibration?: Calibration | undefined;
  readonly events: readonly GridEvent[];
  readonly weather: readonly Weather[];
  readonly queue: Pick<ReviewQueue, "admitMany">;
  readonly producer: Producer;
  readonly topics: TopicNames;
  readonly partitionCount: number;
  readonly flow: FlowControl;
  readonly logger: Logger;
  /** Told of each, for the metrics. */
  readonly candidate: (type: string) => void;
  readonly deadLetter: () => void;
}

/** Readings to candidates in the review queue, and what was turned away to the dead letters. */
export interface Road {
  readonly pipeline: Pipeline;
  readonly intake: ReadingIntake;
  /** Peer groups of the partition that hold state. */
  readonly activeGroupsOf: (partition: number) => readonly string[];
  readonly drop: (partition: number) => void;
  /** Resolves when all that was said so far is taken. */
  readonly delivered: () => Promise<void>;
  readonly waiting: () => { candidates: number; deadLetters: number };
  readonly problem: () => string | undefined;
  readonly close: () => void;
}

/** Candidates waiting for the queue: each has about 10 KB of evidence, so some 20 MB. */
const candidateLimit = 2_000;
/** Bytes of dead letters waiting for Kafka. */
const deadLetterLimit = 32_000_000;

const millisecondsPerHour = 3_600_000;

export function createRoad(options: RoadOptions): Road {
  const { config, registry, topics } = options;
  const partitionOfGroup = partitionsOfGroups(registry.groupKeys, topics.readings, options.partitionCount);
  const candidates = candidateOutbox(options);
  const deadLetters = deadLetterOutbox(options);
  const noteReject = createRejectNotes(options.logger);
  const intake = createReadingIntake({
    registry,
    partitionOfGroup,
    topic: topics.readings,
    pipeline: () => pipeline,
    onDeadLetter(letter) {
      noteReject(letter);
      options.deadLetter();
      deadLetters.push(letter);
    },
  });
  const pipeline = createPipeline({
    registry,
    events: options.events,
    weather: options.weather,
    graceMs: config.GRACE_HOURS * millisecondsPerHour,
    lateDays: config.LATE_DAYS,
    calibration: options.calibration,
    onReject: intake.onReject,
    onMessage(message) {
      options.candidate(message.type);
      candidates.push(message);
    },
  });
  const activeGroupsOf = (partition: number) =>
    pipeline.activeGroups().filter((group) => partitionOfGroup[registry.groupKeys.indexOf(group)] === partition);
  return {
    pipeline,
    intake,
    activeGroupsOf,
    drop(partition) {
      for (const group of activeGroupsOf(partition)) pipeline.drop(group);
    },
    async delivered() {
      await Promise.all([candidates.delivered(), deadLetters.delivered()]);
    },
    waiting: () => ({ candidates: candidates.waiting, deadLetters: deadLetters.waiting }),
    problem: () => failure(candidates, "the review queue") ?? failure(deadLetters, "the dead-letter topic"),
    close() {
      candidates.close();
      deadLetters.close();
    },
  };
}

/** Says the 1st, 10th, 100th ... dead letter of each reason: all are in the topic, and a bad producer must not fill the log. */
function createRejectNotes(logger: Logger): (letter: DeadLetter) => void {
  const counts = new Map<string, number>();
  return ({ headers }) => {
    const { reason, detail } = headers as { reason: string; detail: string };
    const count = (counts.get(reason) ?? 0) + 1;
    counts.set(reason, count);
    if (/^10*$/.test(String(count))) logger.warn({ reason, detail, count, offset: headers["source-offset"] }, "message not used");
  };
}

function failure(outbox: { readonly failingSinceMs: number | undefined }, name: string): string | undefined {
  const since = outbox.failingSinceMs;
  return since === undefined ? undefined : `${name} has taken nothing for ${Math.round((Date.now() - since) / 1000)} s`;
}

/** The partition Kafka's default partitioner (murmur2, as in Java) gives each peer group: its readings belong there and nowhere else. */
function partitionsOfGroups(groupKeys: readonly string[], topic: string, partitionCount: number): Int32Array {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitionCount }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  return Int32Array.from(groupKeys, (key) => partitioner({ topic, partitionMetadata, message: { key, value: null } }));
}

function candidateOutbox({ queue, logger, flow }: RoadOptions): Outbox<CandidateMessage> {
  const reason = "the review queue does not take candidates";
  return new Outbox<CandidateMessage>({
    name: "review queue",
    batchSize: 100,
    limit: candidateLimit,
    sizeOf: () => 1,
    async send(messages) {
      await queue.admitMany(messages, Date.now());
    },
    logger,
    onFull: () => flow.hold(reason),
    onDrained: () => flow.release(reason),
  });
}

function deadLetterOutbox({ producer, topics, logger, flow }: RoadOptions): Outbox<DeadLetter> {
  const reason = "the dead-letter topic takes nothing";
  return new Outbox<DeadLetter>({
    name: "dead letters",
    batchSize: 500,
    limit: deadLetterLimit,
    sizeOf: sizeOfDeadLetter,
    send: (letters) => sendDeadLetters(producer, topics.deadLetters, letters),
    logger,
    onFull: () => flow.hold(reason),
    onDrained: () => flow.release(reason),
  });
}
