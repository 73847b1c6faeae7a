import { setTimeout as sleep } from "node:timers/promises";
import type { Pipeline } from "@hashwatt/pipeline";
import type { Logger } from "@hashwatt/runtime";
import type { Batch, Consumer } from "kafkajs";
import { type Committed, type CommittedSource, fetchCommitted, PartitionCountError } from "./committed-offsets.ts";
import type { FlowControl } from "./flow-control.ts";
import type { PartitionState } from "./partition-state.ts";
import { createSnapshotAssembly, type GroupSnapshot, type SnapshotAssembly } from "./snapshot/assembly.ts";
import type { Manifest, Pointer } from "./snapshot/manifest.ts";
import { chooseSnapshot, gapProblem, planRestore, type ReadPlan, startAnew, wholeLog } from "./snapshot/restore-plan.ts";

export interface RestorerOptions extends CommittedSource {
  readonly states: ReadonlyMap<number, PartitionState>;
  readonly consumer: Pick<Consumer, "seek">;
  readonly pipeline: Pick<Pipeline, "restore" | "historyVersion">;
  readonly flow: FlowControl;
  readonly logger: Logger;
  /** Forgets what the pipeline holds of a partition. */
  readonly drop: (partition: number) => void;
  readonly halt: (state: PartitionState, reason: string) => void;
  /** The process cannot go on: partitions were added. */
  readonly fatal: (error: Error) => void;
}

/** A restore in progress. */
interface Restore {
  readonly committed: Committed;
  readonly plan: ReadPlan;
  readonly assembly: SnapshotAssembly;
}

/** What kafkajs hands the handler of a batch. */
export interface BatchControls {
  readonly resolveOffset: (offset: string) => void;
  readonly heartbeat: () => Promise<void>;
}

const retryWaitMs = 1_000;

/**
 * Brings the state of partitions back when this member gains them: reads the state topic through the same consumer, readings paused
 * meanwhile. It holds the partitions between a join and the moment they run.
 */
export class Restorer {
  readonly #options: RestorerOptions;
  readonly #restores = new Map<number, Restore>();
  #epoch = 0;

  constructor(options: RestorerOptions) {
    this.#options = options;
  }

  /** What was begun before is void: the group has joined anew. */
  abandon(): void {
    this.#epoch++;
    this.#restores.clear();
  }

  /** After a join: asks what is committed and begins with every waiting partition. Gives up when the group joins anew. */
  async begin(): Promise<void> {
    const epoch = this.#epoch;
    const { states, logger, fatal } = this.#options;
    while (epoch === this.#epoch) {
      try {
        const committedOf = await fetchCommitted(this.#options);
        if (epoch !== this.#epoch) return;
        for (const state of states.values()) if (state.phase === "waiting") this.#beginOne(state, committedOf(state.partition));
        return;
      } catch (error) {
        if (error instanceof PartitionCountError) return fatal(error);
        logger.warn({ err: error }, "cannot ask for the committed offsets, will try again");
        await sleep(retryWaitMs, undefined, { ref: false });
      }
    }
  }

  /** Records of the state topic. Throws where a snapshot does not fit this process. */
  async onStateBatch(batch: Batch, controls: BatchControls): Promise<void> {
    const state = this.#options.states.get(batch.partition);
    const restore = this.#restores.get(batch.partition);
    if (state?.phase !== "restoring" || restore === undefined) return;
    const { from, until } = restore.plan;
    for (const { offset, value } of batch.messages) {
      if (Number(offset) >= from && Number(offset) < until) restore.assembly.add(value);
    }
    controls.resolveOffset(batch.lastOffset());
    if (Number(batch.lastOffset()) + 1 >= until) await this.#finish(state, restore, controls);
  }

  #beginOne(state: PartitionState, committed: Committed): void {
    const { logger, halt, drop } = this.#options;
    if (keepsItsState(state, committed.pointer)) return this.#run(state, committed, state.nextOffset);
    drop(state.partition);
    forget(state);
    const plan = planRestore(committed.pointer, committed.state);
    if (plan.kind === "halt") return halt(state, plan.reason);
    if (plan.kind === "read") return this.#read(state, committed, plan);
    logger.info({ partition: state.partition }, "no state yet, begins at the first reading");
    return this.#run(state, committed, -1);
  }

  #read(state: PartitionState, committed: Committed, plan: ReadPlan): void {
    const { consumer, topics, flow, logger } = this.#options;
    this.#restores.set(state.partition, { committed, plan, assembly: createSnapshotAssembly() });
    state.phase = "restoring";
    // Where the commit stands at `from` this changes nothing. kafkajs applies a seek at its next fetch, whatever is paused.
    consumer.seek({ topic: topics.state, partition: state.partition, offset: String(plan.from) });
    flow.apply();
    logger.info({ partition: state.partition, from: plan.from, until: plan.until, whole: plan.whole }, "restoring");
  }

  #run(state: PartitionState, committed: Committed, nextOffset: number): void {
    const { consumer, topics, flow, halt } = this.#options;
    this.#restores.delete(state.partition);
    const problem = nextOffset < 0 ? undefined : gapProblem(nextOffset, committed.readings);
    if (problem !== undefined) return halt(state, problem);
    state.nextOffset = nextOffset;
    state.phase = "running";
    // Only where the commit is not where the state is (offsets expired, an earlier snapshot); otherwise kafkajs begins there by itself.
    if (nextOffset >= 0 && committed.readingsOffset !== nextOffset) {
      consumer.seek({ topic: topics.readings, partition: state.partition, offset: String(nextOffset) });
    }
    return flow.apply();
  }

  async #finish(state: PartitionState, restore: Restore, controls: BatchControls): Promise<void> {
    const { logger, halt } = this.#options;
    const { committed, plan } = restore;
    const choice = chooseSnapshot(restore.assembly, committed.pointer, plan.whole);
    switch (choice.kind) {
      case "halt":
        return halt(state, choice.reason);
      case "cold":
        return this.#run(state, committed, -1);
      case "read-whole":
        logger.warn({ partition: state.partition }, "the committed snapshot is not whole, looking for an earlier one");
        return this.#read(state, committed, wholeLog(committed.state));
      case "load": {
        const { snapshotId, nextOffset } = choice.manifest;
        const line = { partition: state.partition, snapshotId, nextOffset };
        if (choice.fallback) logger.warn(line, "goes back to the newest whole snapshot; readings since are read again");
        return this.#load(state, restore, choice.manifest, controls);
      }
    }
  }

  async #load(state: PartitionState, restore: Restore, manifest: Manifest, controls: BatchControls): Promise<void> {
    const { pipeline, topics, partitionCount, logger } = this.#options;
    const epoch = this.#epoch;
    if (manifest.partitionCount !== partitionCount) throw new PartitionCountError(topics.readings, partitionCount, manifest.partitionCount);
    const groups = await restore.assembly.load(manifest);
    for (const { group, history, recent } of groups) {
      if (epoch !== this.#epoch) return;
      restoreGroup(pipeline, state.partition, { group, history, recent });
      state.savedHistories.set(group, { version: pipeline.historyVersion(group), ref: manifest.groups[group].history });
      await controls.heartbeat();
    }
    if (epoch !== this.#epoch) return;
    state.committed = manifest;
    state.logPosition = manifest.position;
    logger.info({ partition: state.partition, groups: groups.length, nextOffset: manifest.nextOffset }, "restored");
    this.#run(state, restore.committed, manifest.nextOffset);
  }
}

/** Throws Error, saying what to do, where the snapshot does not fit this process's meters and settings. */
function restoreGroup(pipeline: RestorerOptions["pipeline"], partition: number, { group, history, recent }: GroupSnapshot): void {
  try {
    pipeline.restore(group, history, recent);
  } catch (error) {
    throw new Error(
      `partition ${partition}, peer group "${group}": ${(error as Error).message} Start with the meters and settings it was made with; ${startAnew}.`,
      { cause: error },
    );
  }
}

/** The partition stayed here and nobody else has checkpointed it meanwhile: memory is ahead of the commit, and right. */
function keepsItsState(state: PartitionState, pointer: Pointer | undefined): boolean {
  return state.nextOffset >= 0 && state.committed?.snapshotId === pointer?.snapshotId;
}

function forget(state: PartitionState): void {
  state.nextOffset = -1;
  state.committed = undefined;
  state.savedHistories.clear();
  state.logPosition = 0;
  state.readingsSinceCheckpoint = 0;
}
