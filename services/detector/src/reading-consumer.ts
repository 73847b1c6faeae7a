import { setImmediate as nextTurn } from "node:timers/promises";
import type { Admin, Batch, EachBatchPayload, Offsets } from "kafkajs";
import { fetchedOffsetOf, recordsOf } from "./fetched-record.ts";
import type { FlowControl } from "./flow-control.ts";
import type { GroupMembership } from "./group-membership.ts";
import type { PartitionState } from "./partition-state.ts";
import type { ReadingIntake } from "./reading-intake.ts";
import type { BatchControls, Restorer } from "./restorer.ts";
import { endsOf } from "./committed-offsets.ts";
import { gapProblem } from "./snapshot/restore-plan.ts";

export interface ReadingConsumerOptions {
  readonly topics: { readonly readings: string; readonly state: string };
  readonly states: ReadonlyMap<number, PartitionState>;
  readonly membership: GroupMembership;
  readonly flow: FlowControl;
  readonly intake: ReadingIntake;
  readonly restorer: Pick<Restorer, "onStateBatch">;
  readonly admin: Pick<Admin, "fetchTopicOffsets">;
  /** The group is about to rebalance and waits for this member: the last moment to commit. */
  readonly onRebalance: () => Promise<void>;
  readonly halt: (state: PartitionState, reason: string) => void;
  /** Something that cannot happen has: the process ends and the next one begins at the last checkpoint. */
  readonly fatal: (error: Error) => void;
}

/** The handler of kafkajs' `eachBatch`. */
export interface ReadingConsumer {
  readonly eachBatch: (payload: EachBatchPayload) => Promise<void>;
  /** Commits once, without kafkajs' retries; undefined before the first batch. */
  readonly commitOnce: ((offsets: Offsets) => Promise<void>) | undefined;
}

/** The event loop gets a turn at least this often: heartbeats, the queue's answers, probes. */
const turnMs = 50;

export function createReadingConsumer(options: ReadingConsumerOptions): ReadingConsumer {
  const { topics, states, membership, flow, intake, restorer } = options;
  let commitOnce: ((offsets: Offsets) => Promise<void>) | undefined;
  let turnAt = performance.now();

  /** `isStale()` of kafkajs says nothing of a rebalance; only this heartbeat does, by throwing. */
  async function breathe(heartbeat: () => Promise<void>): Promise<void> {
    if (performance.now() - turnAt > turnMs) {
      await nextTurn();
      turnAt = performance.now();
    }
    await heartbeat();
  }

  /** kafkajs silently goes to the first (or last) reading there is when the wanted one is gone. */
  async function hasGap(state: PartitionState, fetchedOffset: number): Promise<boolean> {
    const problem = gapProblem(state.nextOffset, endsOf(await options.admin.fetchTopicOffsets(topics.readings), state.partition));
    if (problem !== undefined) options.halt(state, problem);
    // Else only control records and aborted transactions lay between.
    else state.nextOffset = fetchedOffset;
    return problem !== undefined;
  }

  async function onReadings(batch: Batch, { resolveOffset, heartbeat }: BatchControls): Promise<void> {
    const { epoch } = membership;
    const state = states.get(batch.partition);
    // Fetched before a pause or a rebalance: not resolved, so it is fetched again when its time comes.
    const isCurrent = () => membership.epoch === epoch && state?.phase === "running" && !flow.held;
    if (state === undefined || !isCurrent()) return;
    const fetchedOffset = fetchedOffsetOf(batch);
    if (state.nextOffset >= 0 && fetchedOffset > state.nextOffset && (await hasGap(state, fetchedOffset))) return;
    state.highWatermark = Number(batch.highWatermark);
    const records = recordsOf(batch);
    for (let index = 0; index < records.length && isCurrent(); ) {
      index = intake.take(state, records, index);
      if (index === records.length) state.nextOffset = Math.max(state.nextOffset, endOf(batch));
      resolveOffset(records[index - 1].offset);
      await heartbeat();
    }
  }

  return {
    get commitOnce() {
      return commitOnce;
    },
    /**
     * Nothing but kafkajs' own errors (the heartbeat's) leaves this handler: kafkajs takes a SyntaxError or TypeError for the end of the
     * consumer, and any other error for a reason to deliver every partition's batch again.
     */
    async eachBatch(payload) {
      commitOnce = (offsets) => payload.commitOffsetsIfNecessary(offsets);
      const controls: BatchControls = {
        resolveOffset: (offset) => payload.resolveOffset(offset),
        heartbeat: () => breathe(() => payload.heartbeat()),
      };
      try {
        if (payload.batch.topic === topics.readings) await onReadings(payload.batch, controls);
        else await restorer.onStateBatch(payload.batch, controls);
      } catch (error) {
        if (isRebalance(error)) await options.onRebalance();
        if (isKafkaError(error)) throw error;
        options.fatal(error as Error);
      }
    },
  };
}

/** Offset after the batch, control records at its end included. */
function endOf(batch: Batch): number {
  return Number(batch.lastOffset()) + 1;
}

function isKafkaError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith("KafkaJS");
}

function isRebalance(error: unknown): boolean {
  return isKafkaError(error) && (error as { type?: string }).type === "REBALANCE_IN_PROGRESS";
}
