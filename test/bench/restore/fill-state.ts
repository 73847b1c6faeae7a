import { createKafkaCheckpointLog, createPartitionState, writeCheckpoint } from "@hashwatt/detector";
import { createMeterRegistry, createPipeline, type MeterRegistry, type Pipeline } from "@hashwatt/pipeline";
import { createLogger } from "@hashwatt/runtime";
import kafkajs, { type Consumer, type Kafka, type Offsets } from "kafkajs";
import { dayOf, fleetOf, metersPerArea, partitions } from "./fleet.ts";

export interface FillJob {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: { readonly readings: string; readonly state: string };
  readonly meters: number;
  readonly days: number;
}

/**
 * Leaves on the state topic and in the group's offsets what a detector leaves that has read the fleet's days: its own pipeline and its own
 * checkpoints, only that the readings do not come from Kafka (336 million are 17 GB). Resolves with the bytes written.
 */
export async function fillState(job: FillJob): Promise<number> {
  const { kafka, topics } = job;
  const registry = createMeterRegistry(fleetOf(job.meters), "area");
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  const admin = kafka.admin();
  const consumer = await joinedMember(job);
  await Promise.all([producer.connect(), admin.connect()]);
  const commitOnce = () => (offsets: Offsets) => consumer.commitOffsets(offsets.topics.flatMap(flatOffsets));
  const log = createKafkaCheckpointLog({ producer, admin, topics, commitOnce, logger: createLogger({ name: "bench", level: "warn" }) });
  let bytes = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const { pipeline, groups } = filledPipeline(registry, job, partition);
    const state = createPartitionState(partition, Date.now());
    state.phase = "running";
    state.nextOffset = 0;
    const deps = { pipeline, log, partitionCount: partitions, groupsOf: () => groups, assertOwned: () => undefined };
    const result = await writeCheckpoint(state, { ...deps, outboxesDelivered: () => Promise.resolve() });
    bytes += result!.bytes;
  }
  await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
  return bytes;
}

/** No heartbeat is sent while a partition is being filled, which takes half a minute. */
const sessionTimeout = 600_000;

/** A member of the group, for commits; it fetches nothing. */
async function joinedMember({ kafka, group, topics }: FillJob): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId: group, sessionTimeout });
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.readings, topics.state], fromBeginning: true });
  const joined = new Promise<void>((done) => void consumer.on(consumer.events.GROUP_JOIN, () => done()));
  await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
  await joined;
  consumer.pause([{ topic: topics.readings }, { topic: topics.state }]);
  return consumer;
}

function flatOffsets({ topic, partitions: entries }: Offsets["topics"][number]) {
  return entries.map((entry) => ({ topic, ...entry }));
}

function filledPipeline(
  registry: MeterRegistry,
  { topics, days, meters }: FillJob,
  partition: number,
): { pipeline: Pipeline; groups: string[] } {
  const pipeline = createPipeline({ registry, onMessage: () => undefined, onReject: () => undefined });
  const groups: string[] = [];
  for (let area = 0; area < meters / metersPerArea; area++) {
    if (partitionOf(`area-${area}`, topics.readings) !== partition) continue;
    for (let day = 0; day < days; day++) pipeline.ingest(dayOf(registry, area, day));
    groups.push(`area-${area}`);
  }
  return { pipeline, groups };
}

function partitionOf(key: string, topic: string): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  return kafkajs.Partitioners.DefaultPartitioner()({ topic, partitionMetadata, message: { key, value: null } });
}
