import type { Manifest, PieceRef } from "./snapshot/manifest.ts";

/**
 * Life of a partition at this member:
 *   waiting    just gained: what was committed for it is being asked
 *   restoring  its state is being read from the state topic
 *   running    its readings are processed
 *   halted     it cannot go on without people (the reason says why); the others do
 */
export type PartitionPhase = "waiting" | "restoring" | "running" | "halted";

/** A history as it was last written, and the version it had. */
export interface SavedHistory {
  readonly version: number;
  readonly ref: PieceRef;
}

export interface PartitionState {
  readonly partition: number;
  phase: PartitionPhase;
  haltReason: string | undefined;
  /** Offset of the next reading; -1 = whatever comes first (cold start). Readings below it are in the state already. */
  nextOffset: number;
  /** End of the partition as last seen. */
  highWatermark: number;
  /** Readings taken in since the last checkpoint began. */
  readingsSinceCheckpoint: number;
  /** When the last checkpoint began (or the partition was gained), ms since 1970. */
  checkpointAtMs: number;
  /** The last checkpoint; undefined before the first. */
  committed: Manifest | undefined;
  /** By peer group: which history the next checkpoint need not write. */
  readonly savedHistories: Map<string, SavedHistory>;
  /** Bytes written to the partition's state topic since the state began. */
  logPosition: number;
}

export function createPartitionState(partition: number, nowMs: number): PartitionState {
  return {
    partition,
    phase: "waiting",
    haltReason: undefined,
    nextOffset: -1,
    highWatermark: 0,
    readingsSinceCheckpoint: 0,
    checkpointAtMs: nowMs,
    committed: undefined,
    savedHistories: new Map(),
    logPosition: 0,
  };
}
