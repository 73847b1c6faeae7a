import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@hashwatt/runtime";
import type { DetectorMetrics } from "./detector-metrics.ts";
import type { PartitionState } from "./partition-state.ts";
import { type CheckpointDeps, writeCheckpoint } from "./snapshot/checkpoint.ts";

export interface CheckpointerOptions {
  readonly states: ReadonlyMap<number, PartitionState>;
  readonly deps: CheckpointDeps;
  readonly intervalMs: number;
  readonly readingsLimit: number;
  readonly logger: Logger;
  readonly metrics: DetectorMetrics;
}

/** Checkpoints partitions when they are due, one at a time, beside the processing of readings. */
export interface Checkpointer {
  readonly start: () => void;
  /** Checkpoints every running partition that has read something; gives up after `limitMs` (the readings since are then read again). */
  readonly checkpointAll: (reason: string, limitMs: number) => Promise<void>;
  readonly stop: () => void;
}

/** How often it looks whether one is due. */
const tickMs = 1_000;
/** Wait after one that failed. */
const retryMs = 10_000;

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { states, deps, intervalMs, readingsLimit, logger, metrics } = options;
  let chain: Promise<void> = Promise.resolve();
  const queued = new Set<PartitionState>();
  let timer: NodeJS.Timeout | undefined;

  async function run(state: PartitionState, reason: string): Promise<void> {
    queued.delete(state);
    if (state.phase !== "running" || !hasProgress(state)) return;
    const started = performance.now();
    try {
      const result = await writeCheckpoint(state, deps);
      if (result === undefined) return;
      const seconds = (performance.now() - started) / 1000;
      metrics.checkpointDone(seconds, result.bytes);
      logger.info({ partition: state.partition, reason, seconds, ...result }, "checkpoint");
    } catch (error) {
      metrics.checkpointFailed();
      state.checkpointAtMs = Date.now() - intervalMs + retryMs;
      logger.warn({ err: error, partition: state.partition, reason }, "checkpoint failed; nothing is lost, it is tried again");
    }
  }

  const enqueue = (state: PartitionState, reason: string) => {
    if (queued.has(state)) return;
    queued.add(state);
    chain = chain.then(() => run(state, reason));
  };

  const tick = () => {
    const now = Date.now();
    for (const state of states.values()) {
      if (state.phase !== "running" || !hasProgress(state)) continue;
      if (state.readingsSinceCheckpoint >= readingsLimit) enqueue(state, "readings");
      else if (now - state.checkpointAtMs >= intervalMs) enqueue(state, "time");
    }
  };

  return {
    start() {
      timer = setInterval(tick, tickMs);
    },
    async checkpointAll(reason, limitMs) {
      for (const state of states.values()) enqueue(state, reason);
      const done = chain.then(() => true);
      if (await Promise.race([done, sleep(limitMs, false, { ref: false })])) return;
      logger.warn({ reason, limitMs }, "gave up waiting for checkpoints; the readings since the last ones will be read again");
    },
    stop: () => clearInterval(timer),
  };
}

function hasProgress({ nextOffset, committed }: PartitionState): boolean {
  return nextOffset >= 0 && nextOffset !== committed?.nextOffset;
}
