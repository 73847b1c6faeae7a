import type { GroupView } from "./group-view.ts";
import type { DetectionParameters } from "./parameters.ts";

/**
 * A block: the streams of a group that are fitted on each other. Families (a top meter with all below it) stay together, because a parent's
 * loss needs its children; blocks follow the areas, because neighbours share weather.
 *
 * Streams are numbered within the block: first its meters, then one *loss stream* for each parent with at least two metered children:
 * parent - sum(children).
 */
export interface Block {
  readonly meterCount: number;
  readonly streamCount: number;
  /** Slot of the meter a stream belongs to (a loss stream: the parent). */
  readonly slots: Int32Array;
  /** Meter stream of a slot of the group, where it is in the block. */
  readonly streamOfSlot: ReadonlyMap<number, number>;
  /** Stream of the same number across the whole group: meters are their slots, losses follow after meterCount of the group. */
  readonly groupStreams: Int32Array;
  /** For loss streams the streams of the children; empty for meters. */
  readonly children: readonly Int32Array[];
  /** Stream of the parent's loss for each stream; -1 = none. For a loss stream: itself. */
  readonly lossOf: Int32Array;
  /** Stream of the parent meter; -1 = none in the block. */
  readonly parents: Int32Array;
  /** Streams above and below each stream, itself included: never its peers. */
  readonly relatives: readonly Uint8Array[];
  /** Areas of the block; weather regressors come in this order. */
  readonly areas: Int32Array;
}

/** Cuts a group into blocks. Loss streams get group numbers from view.meterCount on, in block order. Throws nothing; a cycle of parents is the registry's to refuse. */
export function createBlocks(view: GroupView, parameters: DetectionParameters): Block[] {
  const families = listFamilies(view);
  const chunks: number[][] = [];
  for (const family of families) {
    const last = chunks.at(-1);
    if (last && last.length + family.length <= parameters.maxBlockMeters) last.push(...family);
    else chunks.push([...family]);
  }
  let nextLoss = view.meterCount;
  return chunks.map((slots) => {
    const block = createBlock(view, slots, nextLoss);
    nextLoss += block.streamCount - block.meterCount;
    return block;
  });
}

function listFamilies(view: GroupView): number[][] {
  const families = new Map<number, number[]>();
  for (let slot = 0; slot < view.meterCount; slot++) {
    let root = slot;
    while (view.parents[root] >= 0) root = view.parents[root]!;
    const family = families.get(root);
    if (family) family.push(slot);
    else families.set(root, [slot]);
  }
  return [...families.entries()].toSorted(([a], [b]) => view.areas[a] - view.areas[b] || a - b).map(([, family]) => family);
}

function createBlock(view: GroupView, meterSlots: readonly number[], firstLoss: number): Block {
  const streamOfSlot = new Map(meterSlots.map((slot, stream) => [slot, stream]));
  const meterCount = meterSlots.length;
  const childLists = meterSlots.map((): number[] => []);
  const parents = Int32Array.from(meterSlots, (slot) => streamOfSlot.get(view.parents[slot]) ?? -1);
  for (let stream = 0; stream < meterCount; stream++) if (parents[stream] >= 0) childLists[parents[stream]].push(stream);
  const lossParents = childLists.flatMap((children, stream) => (children.length >= 2 ? [stream] : []));
  const streamCount = meterCount + lossParents.length;
  const lossStream = new Map(lossParents.map((parent, i) => [parent, meterCount + i]));
  return {
    meterCount,
    streamCount,
    streamOfSlot,
    slots: Int32Array.from([...meterSlots, ...lossParents.map((parent) => meterSlots[parent])]),
    groupStreams: Int32Array.from([...meterSlots, ...lossParents.map((_, i) => firstLoss + i)]),
    children: [...meterSlots.map(() => new Int32Array(0)), ...lossParents.map((parent) => Int32Array.from(childLists[parent]))],
    lossOf: Int32Array.from({ length: streamCount }, (_, s) => (s < meterCount ? (lossStream.get(parents[s]) ?? -1) : s)),
    parents: Int32Array.from({ length: streamCount }, (_, s) => (s < meterCount ? parents[s] : lossParents[s - meterCount])),
    relatives: Array.from({ length: streamCount }, (_, s) =>
      relativesOf(s < meterCount ? s : lossParents[s - meterCount], parents, childLists),
    ),
    areas: Int32Array.from(new Set(meterSlots.map((slot) => view.areas[slot]))).toSorted(),
  };
}

function relativesOf(stream: number, parents: Int32Array, childLists: readonly number[][]): Uint8Array {
  const marked = new Uint8Array(parents.length);
  for (let up = stream; up >= 0; up = parents[up]!) marked[up] = 1;
  const below = [stream];
  for (let next = below.pop(); next !== undefined; next = below.pop()) {
    marked[next] = 1;
    below.push(...childLists[next]);
  }
  return marked;
}
