import type { Admin, Offsets, Producer } from "kafkajs";
import type { Logger } from "@hashwatt/runtime";
import type { CheckpointLog } from "./checkpoint.ts";
import type { Pointer } from "./manifest.ts";

/** kafkajs' own type leaves the metadata out, which the protocol and its code have. */
type CommitOffsets = (offsets: Offsets) => Promise<void>;

export interface KafkaCheckpointLogOptions {
  readonly producer: Producer;
  readonly admin: Admin;
  readonly logger: Logger;
  readonly topics: { readonly readings: string; readonly state: string };
  /**
   * Sends a commit once, under the generation of the moment it is called in; undefined while there is none. Not `consumer.commitOffsets`:
   * that one repeats a refused commit after the member has rejoined, under the new generation, for a partition that may by then be
   * another's.
   */
  readonly commitOnce: () => CommitOffsets | undefined;
}

/** The state topic and the group's offsets as the place for checkpoints. */
export function createKafkaCheckpointLog(options: KafkaCheckpointLogOptions): CheckpointLog {
  const { producer, admin, topics } = options;
  return {
    async append(partition, records) {
      const [{ baseOffset }] = await producer.send({
        topic: topics.state,
        acks: -1,
        messages: records.map((value) => ({ partition, value })),
      });
      return Number(baseOffset);
    },
    // Nothing is awaited before the commit is sent: it belongs to the generation in which the caller looked at its ownership.
    async commit(partition, pointer) {
      const commit = options.commitOnce();
      if (commit === undefined) throw new Error("no commit is possible before the consumer has joined");
      await commit(offsetsOf(partition, pointer, topics));
    },
    async trim(partition, beforeOffset) {
      try {
        await admin.deleteTopicRecords({ topic: topics.state, partitions: [{ partition, offset: String(beforeOffset) }] });
      } catch (error) {
        // The checkpoint is committed all the same; only the topic keeps what nobody needs.
        options.logger.warn(
          { err: error, partition, beforeOffset },
          "could not delete old records of the state topic; it needs the right to Delete",
        );
      }
    },
  };
}

function offsetsOf(partition: number, pointer: Pointer, topics: KafkaCheckpointLogOptions["topics"]): Offsets {
  const metadata = JSON.stringify(pointer);
  const entry = (topic: string, offset: number) => ({ topic, partitions: [{ partition, offset: String(offset), metadata }] });
  return { topics: [entry(topics.readings, pointer.nextOffset), entry(topics.state, pointer.lowestOffset)] };
}
