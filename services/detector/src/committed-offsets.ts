import type { Admin } from "kafkajs";
import { parsePointer, type Pointer } from "./snapshot/manifest.ts";
import type { Ends } from "./snapshot/restore-plan.ts";

/** What the group has committed for a partition, and the ends of its two topics. */
export interface Committed {
  readonly pointer: Pointer | undefined;
  /** -1 = none. */
  readonly readingsOffset: number;
  readonly readings: Ends;
  readonly state: Ends;
}

export interface CommittedSource {
  readonly admin: Pick<Admin, "fetchOffsets" | "fetchTopicOffsets">;
  readonly groupId: string;
  readonly topics: { readonly readings: string; readonly state: string };
  readonly partitionCount: number;
}

/** Asks Kafka for all partitions at once. Throws PartitionCountError where partitions were added. */
export async function fetchCommitted(source: CommittedSource): Promise<(partition: number) => Committed> {
  const { admin, groupId, topics, partitionCount } = source;
  const [offsets, readingEnds, stateEnds] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [topics.readings, topics.state] }),
    admin.fetchTopicOffsets(topics.readings),
    admin.fetchTopicOffsets(topics.state),
  ]);
  if (readingEnds.length !== partitionCount) throw new PartitionCountError(topics.readings, readingEnds.length, partitionCount);
  if (stateEnds.length !== partitionCount) throw new PartitionCountError(topics.state, stateEnds.length, partitionCount);
  const offsetOf = (topic: string, partition: number) =>
    offsets.find((entry) => entry.topic === topic)?.partitions.find((entry) => entry.partition === partition);
  return (partition) => {
    const readings = offsetOf(topics.readings, partition);
    // Both offsets carry the pointer: kafkajs overwrites one of them when it finds its offset out of range.
    const pointer = parsePointer(readings?.metadata) ?? parsePointer(offsetOf(topics.state, partition)?.metadata);
    const readingsOffset = Number(readings?.offset ?? -1);
    return { pointer, readingsOffset, readings: endsOf(readingEnds, partition), state: endsOf(stateEnds, partition) };
  };
}

/** First offset and end of one partition among a topic's. */
export function endsOf(ends: readonly { partition: number; low: string; high: string }[], partition: number): Ends {
  const found = ends.find((entry) => entry.partition === partition);
  return { low: Number(found?.low), high: Number(found?.high) };
}

/** State is kept by partition; another count would put groups elsewhere. */
export class PartitionCountError extends Error {
  override readonly name = "PartitionCountError";
  constructor(topic: string, actual: number, expected: number) {
    super(
      `topic ${topic} has ${actual} partitions, but the detector's state belongs to ${expected}: readings and state must have the same, and it ` +
        "cannot be changed while there is state; make new topics with the wanted number and send the history again",
    );
  }
}
