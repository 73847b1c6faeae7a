import type { Consumer } from "kafkajs";
import type { PartitionState } from "./partition-state.ts";

export interface FlowControl {
  /**
   * Says again to kafkajs, for every partition of this member, what is to be fetched: readings where the partition runs and nothing
   * holds, the state topic where it restores. Called after every change: kafkajs keeps pauses across rebalances, also of partitions that
   * left and came back.
   */
  readonly apply: () => void;
  /** A reason to hold all readings while it lasts: "review queue is full". Heartbeats and state go on. */
  readonly hold: (reason: string) => void;
  readonly release: (reason: string) => void;
  readonly held: boolean;
  readonly reasons: readonly string[];
}

export function createFlowControl(
  consumer: Pick<Consumer, "pause" | "resume">,
  topics: { readonly readings: string; readonly state: string },
  states: ReadonlyMap<number, PartitionState>,
): FlowControl {
  const reasons = new Set<string>();
  const apply = () => {
    const all = [...states.values()];
    const readings = all.filter(({ phase }) => phase === "running" && reasons.size === 0).map(({ partition }) => partition);
    const restoring = all.filter(({ phase }) => phase === "restoring").map(({ partition }) => partition);
    const others = (partitions: readonly number[]) => [...states.keys()].filter((partition) => !partitions.includes(partition));
    try {
      consumer.pause([
        { topic: topics.readings, partitions: others(readings) },
        { topic: topics.state, partitions: others(restoring) },
      ]);
      consumer.resume([
        { topic: topics.readings, partitions: readings },
        { topic: topics.state, partitions: restoring },
      ]);
    } catch {
      // Between a crash of the consumer and its restart kafkajs has nothing to pause; the next join says it all again.
    }
  };
  return {
    apply,
    hold(reason) {
      reasons.add(reason);
      apply();
    },
    release(reason) {
      reasons.delete(reason);
      apply();
    },
    get held() {
      return reasons.size > 0;
    },
    get reasons() {
      return [...reasons];
    },
  };
}
