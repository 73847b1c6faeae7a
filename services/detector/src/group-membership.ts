import type { Logger } from "@hashwatt/runtime";
import type { FlowControl } from "./flow-control.ts";
import { createPartitionState, type PartitionState } from "./partition-state.ts";
import type { Restorer } from "./restorer.ts";

export interface GroupMembershipOptions {
  readonly states: Map<number, PartitionState>;
  readonly flow: FlowControl;
  readonly restorer: Pick<Restorer, "abandon" | "begin">;
  readonly partitionCount: number;
  readonly checkpointIntervalMs: number;
  readonly logger: Logger;
  /** Forgets what the pipeline holds of a partition. */
  readonly drop: (partition: number) => void;
}

/** What this member has joined. */
export interface GroupMembership {
  /**
   * To be called synchronously in kafkajs' GROUP_JOIN event: kafkajs has no callbacks for partitions given and taken, but the synchronous
   * part of this listener runs before the next fetch. Every join counts as a new beginning (the event tells no generation, and kafkajs
   * may join in one fetch loop while another's batch is being handled): all readings pause until it is clear whose state is committed.
   */
  readonly onJoin: (partitions: readonly number[]) => void;
  /** Counts joins. Whoever has awaited something compares it and drops what belongs to an older one. */
  readonly epoch: number;
}

export function createGroupMembership(options: GroupMembershipOptions): GroupMembership {
  const { states, flow, restorer, logger } = options;
  let epoch = 0;
  return {
    get epoch() {
      return epoch;
    },
    onJoin(partitions) {
      epoch++;
      restorer.abandon();
      const lost = [...states.keys()].filter((partition) => !partitions.includes(partition));
      const gained = partitions.filter((partition) => !states.has(partition));
      for (const partition of lost) {
        states.delete(partition);
        options.drop(partition);
      }
      // Spread over the interval, so that partitions gained together are not checkpointed together.
      for (const partition of gained) {
        const spreadMs = (options.checkpointIntervalMs * partition) / options.partitionCount;
        states.set(partition, createPartitionState(partition, Date.now() - spreadMs));
      }
      for (const state of states.values()) {
        state.phase = "waiting";
        state.haltReason = undefined;
      }
      flow.apply();
      logger.info({ partitions, gained, lost }, "joined the group");
      void restorer.begin();
    },
  };
}
