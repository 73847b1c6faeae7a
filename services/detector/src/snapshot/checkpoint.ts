import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { Pipeline } from "@hashwatt/pipeline";
import type { PartitionState, SavedHistory } from "../partition-state.ts";
import { encodeChunks, type PieceKind, recordBytes } from "./chunk.ts";
import type { Manifest, PieceRef, Pointer } from "./manifest.ts";

/** Where checkpoints go: the state topic and the group's offsets, or (in tests) memory. */
export interface CheckpointLog {
  /** Appends records durably, in order; gives the offset of the first. */
  readonly append: (partition: number, records: readonly Buffer[]) => Promise<number>;
  /** The checkpoint: next reading and snapshot in one commit. Rejects where this member no longer owns the partition. */
  readonly commit: (partition: number, pointer: Pointer) => Promise<void>;
  /** Lets go of what lies before an offset. */
  readonly trim: (partition: number, beforeOffset: number) => Promise<void>;
}

export interface CheckpointDeps {
  readonly pipeline: Pick<Pipeline, "saveHistory" | "saveRecent" | "historyVersion">;
  readonly log: CheckpointLog;
  readonly partitionCount: number;
  /** Peer groups of the partition that hold state. */
  readonly groupsOf: (partition: number) => readonly string[];
  /** Throws where the state is no longer this member's to write: the partition was lost, or the group has rebalanced meanwhile. */
  readonly assertOwned: (state: PartitionState) => void;
  /** Resolves when every candidate and dead letter said so far has been taken by its server. */
  readonly outboxesDelivered: () => Promise<void>;
}

export interface CheckpointResult {
  readonly nextOffset: number;
  readonly bytes: number;
  readonly historiesWritten: number;
}

/** Fast: 250 MB a second on a core, and state shrinks to less than half. */
const compressionLevel = 1;
const compress = promisify(zstdCompress);

/** Records are appended in requests of about this size: a request is one batch, which Kafka limits to 1 MB by default. */
const appendBytes = 900_000;

/**
 * The log may hold this many times what a snapshot needs, and at least this much, before histories that did not change are written
 * again further up, so that what lies before them can go.
 */
const deadShareLimit = 4;
const deadBytesFloor = 64_000_000;

/** Lowest offset of a snapshot without pieces: all that the partition held was turned away. */
const nowhere = Number.MAX_SAFE_INTEGER;

interface Piece {
  readonly kind: PieceKind;
  readonly group: string;
  readonly content: Uint8Array;
  /** Histories: their version. */
  readonly version: number;
}

/**
 * Writes the state of a partition and commits it together with the next offset. Returns undefined where nothing has been read yet.
 *
 * The order is what makes it safe: (1) the state is copied at one moment between two batches; (2) all that was said before that moment
 * is delivered; (3) the pieces; (4) the manifest; (5) one commit; (6) what not even the snapshot before needs is dropped. A crash
 * anywhere leaves the last commit whole. Throws where a step fails; the next checkpoint then writes every history anew.
 */
export async function writeCheckpoint(state: PartitionState, deps: CheckpointDeps): Promise<CheckpointResult | undefined> {
  const { nextOffset } = state;
  if (nextOffset < 0) return undefined;
  state.readingsSinceCheckpoint = 0;
  state.checkpointAtMs = Date.now();
  const { pieces, groups } = copyState(state, deps);
  try {
    await deps.outboxesDelivered();
    return await writePieces(state, deps, { pieces, groups, nextOffset });
  } catch (error) {
    // Recent pieces are relative to the last history that was *taken*; it may not have been written.
    state.savedHistories.clear();
    throw error;
  }
}

/** The part that must not be interrupted: everything it reads belongs to the same moment. */
function copyState(state: PartitionState, deps: CheckpointDeps): { pieces: Piece[]; groups: readonly string[] } {
  const { pipeline } = deps;
  const groups = deps.groupsOf(state.partition);
  const pieces: Piece[] = [];
  const rewrite = logIsMostlyDead(state);
  for (const group of groups) {
    const version = pipeline.historyVersion(group);
    if (rewrite || state.savedHistories.get(group)?.version !== version) {
      pieces.push({ kind: "history", group, content: pipeline.saveHistory(group), version });
    }
    pieces.push({ kind: "recent", group, content: pipeline.saveRecent(group), version });
  }
  return { pieces, groups };
}

function logIsMostlyDead(state: PartitionState): boolean {
  const refs = Object.values(state.committed?.groups ?? {}).flatMap(({ history, recent }) => [history, recent]);
  let live = 0;
  let oldest = state.logPosition;
  for (const ref of refs) {
    live += ref.bytes;
    oldest = Math.min(oldest, ref.position);
  }
  return state.logPosition - oldest > Math.max(deadBytesFloor, deadShareLimit * live);
}

interface Copy {
  readonly pieces: readonly Piece[];
  readonly groups: readonly string[];
  readonly nextOffset: number;
}

async function writePieces(state: PartitionState, deps: CheckpointDeps, copy: Copy): Promise<CheckpointResult> {
  const snapshotId = randomUUID();
  const startPosition = state.logPosition;
  const refs = await appendPieces(state, deps, copy.pieces, snapshotId);
  const groups: Manifest["groups"] = {};
  const histories = new Map<string, SavedHistory>();
  for (const group of copy.groups) {
    const written = copy.pieces.find((piece) => piece.kind === "history" && piece.group === group);
    const history: SavedHistory = written
      ? { version: written.version, ref: refs.get(pieceName(written))! }
      : state.savedHistories.get(group)!;
    histories.set(group, history);
    groups[group] = { history: history.ref, recent: refs.get(`recent/${group}`)! };
  }
  const offsets = Object.values(groups).flatMap(({ history, recent }) => [history.offset, recent.offset]);
  const draft = { snapshotId, partition: state.partition, partitionCount: deps.partitionCount, nextOffset: copy.nextOffset, groups };
  const manifest = {
    ...draft,
    lowestOffset: Math.min(nowhere, ...offsets),
    position: state.logPosition,
    writtenAt: new Date().toISOString(),
  };
  const manifestOffset = await appendManifest(state, deps, manifest);
  const { nextOffset } = manifest;
  const lowestOffset = Math.min(manifest.lowestOffset, manifestOffset);
  deps.assertOwned(state);
  await deps.log.commit(state.partition, { snapshotId, nextOffset, lowestOffset, manifestOffset });
  const previous = state.committed;
  state.committed = { ...manifest, lowestOffset };
  for (const [group, history] of histories) state.savedHistories.set(group, history);
  // Two snapshots are kept: the one before is the way back should this one prove unreadable.
  if (previous !== undefined) await deps.log.trim(state.partition, Math.min(previous.lowestOffset, lowestOffset));
  const historiesWritten = copy.pieces.filter(({ kind }) => kind === "history").length;
  return { nextOffset, bytes: state.logPosition - startPosition, historiesWritten };
}

function pieceName({ kind, group }: Pick<Piece, "kind" | "group">): string {
  return `${kind}/${group}`;
}

/** Packs the pieces' records into requests, and tells where each piece came to lie. */
async function appendPieces(
  state: PartitionState,
  deps: CheckpointDeps,
  pieces: readonly Piece[],
  snapshotId: string,
): Promise<Map<string, PieceRef>> {
  const refs = new Map<string, PieceRef>();
  let pending: { record: Buffer; first?: { name: string; count: number; bytes: number; position: number } }[] = [];
  let pendingBytes = 0;
  const flush = async () => {
    if (pending.length === 0) return;
    deps.assertOwned(state);
    const base = await deps.log.append(
      state.partition,
      pending.map(({ record }) => record),
    );
    for (const [index, { first }] of pending.entries()) {
      if (first)
        refs.set(first.name, { snapshotId, offset: base + index, count: first.count, bytes: first.bytes, position: first.position });
    }
    pending = [];
    pendingBytes = 0;
  };
  for (const piece of pieces) {
    const packed = await compress(piece.content, { params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } });
    const records = encodeChunks({ snapshotId, kind: piece.kind, group: piece.group, unpackedBytes: piece.content.length }, packed);
    const bytes = records.reduce((sum, record) => sum + record.length, 0);
    for (const [index, record] of records.entries()) {
      if (pendingBytes + record.length > Math.max(appendBytes, recordBytes)) await flush();
      const first = { name: pieceName(piece), count: records.length, bytes, position: state.logPosition };
      pending.push(index === 0 ? { record, first } : { record });
      pendingBytes += record.length;
    }
    state.logPosition += bytes;
  }
  await flush();
  return refs;
}

async function appendManifest(state: PartitionState, deps: CheckpointDeps, manifest: Manifest): Promise<number> {
  const content = Buffer.from(JSON.stringify(manifest));
  const packed = await compress(content);
  const records = encodeChunks({ snapshotId: manifest.snapshotId, kind: "manifest", group: "", unpackedBytes: content.length }, packed);
  if (records.length > 1)
    throw new Error(`the manifest of partition ${manifest.partition} has ${packed.length} bytes; use more partitions`);
  state.logPosition += records[0].length;
  return deps.log.append(state.partition, records);
}
