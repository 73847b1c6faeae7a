import type { SnapshotAssembly } from "./assembly.ts";
import type { Manifest, Pointer } from "./manifest.ts";

/** First offset and end of a partition. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Records of the state topic to read; `whole` = all there are. */
export interface ReadPlan {
  readonly kind: "read";
  readonly from: number;
  readonly until: number;
  readonly whole: boolean;
}

/** How a partition's state is come by: read the state topic from..until (the whole of it where the commit is no guide), or begin anew. */
export type RestorePlan = { readonly kind: "cold" } | ReadPlan | { readonly kind: "halt"; readonly reason: string };

/**
 * @param pointer what was committed; undefined = never, or the group was empty for longer than the broker keeps offsets (7 days by default)
 * @param state ends of the partition of the state topic
 */
export function planRestore(pointer: Pointer | undefined, state: Ends): RestorePlan {
  if (pointer !== undefined && pointer.lowestOffset >= state.low && pointer.manifestOffset < state.high) {
    return { kind: "read", from: pointer.lowestOffset, until: pointer.manifestOffset + 1, whole: false };
  }
  if (state.high > state.low) return wholeLog(state);
  if (pointer === undefined) return { kind: "cold" };
  return { kind: "halt", reason: noSnapshot(pointer) };
}

/** Everything on the state topic. */
export function wholeLog(state: Ends): ReadPlan {
  return { kind: "read", from: state.low, until: state.high, whole: true };
}

/** What to do with the records read: load a snapshot, read the whole log, begin anew, or stop. */
export type SnapshotChoice =
  | { readonly kind: "load"; readonly manifest: Manifest; readonly fallback: boolean }
  | { readonly kind: "cold" }
  | { readonly kind: "read-whole" }
  | { readonly kind: "halt"; readonly reason: string };

/**
 * The committed snapshot, else the newest whole one before it: readings after it are read again, with the same outcome. Without a
 * commit, the newest whole one: what it had said was delivered before it was written.
 */
export function chooseSnapshot(assembly: SnapshotAssembly, pointer: Pointer | undefined, whole: boolean): SnapshotChoice {
  const manifests = assembly.completeManifests();
  if (pointer !== undefined) {
    const committed = manifests.find(({ snapshotId }) => snapshotId === pointer.snapshotId);
    if (committed !== undefined) return { kind: "load", manifest: committed, fallback: false };
    if (!whole) return { kind: "read-whole" };
    const earlier = manifests.find(({ nextOffset }) => nextOffset <= pointer.nextOffset);
    return earlier ? { kind: "load", manifest: earlier, fallback: true } : { kind: "halt", reason: noSnapshot(pointer) };
  }
  if (manifests.length > 0) return { kind: "load", manifest: manifests[0], fallback: true };
  if (assembly.manifestCount === 0) return { kind: "cold" };
  return { kind: "halt", reason: `none of the ${assembly.manifestCount} snapshots on the state topic is whole; ${startAnew}` };
}

/** Undefined = the next reading is there; else why not. */
export function gapProblem(nextOffset: number, readings: Ends): string | undefined {
  if (nextOffset < readings.low) {
    const lost = readings.low - nextOffset;
    return `readings ${nextOffset} to ${readings.low - 1} (${lost} messages) were deleted by retention before they were read; ${startAnew}`;
  }
  if (nextOffset > readings.high) {
    return `the next reading is ${nextOffset}, but the topic ends at ${readings.high}: it was created anew; ${startAnew}`;
  }
  return undefined;
}

/** What people can do when the state is of no use. */
export const startAnew =
  "to begin anew, stop the detectors, delete the consumer group's offsets and the records of the state topic, and start again";

function noSnapshot({ snapshotId, nextOffset }: Pointer): string {
  return `the committed snapshot ${snapshotId} (before reading ${nextOffset}) is not on the state topic, and no earlier one is whole; ${startAnew}`;
}
