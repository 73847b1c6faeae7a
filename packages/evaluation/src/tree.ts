import type { Meter } from "@hashwatt/contracts";

/** Who feeds whom, by meter index. */
export interface Tree {
  /** -1 = the top. */
  readonly parentOf: Int32Array;
  /** Children before their parents. */
  readonly upward: readonly number[];
}

export function createTree(meters: readonly Meter[]): Tree {
  const indexOf = new Map(meters.map((meter, index) => [meter.meterId, index]));
  const parentOf = Int32Array.from(meters, (meter) => (meter.parentId === null ? -1 : (indexOf.get(meter.parentId) ?? -1)));
  const depthOf = (index: number): number => (parentOf[index] < 0 ? 0 : 1 + depthOf(parentOf[index]));
  const depths = meters.map((_, index) => depthOf(index));
  return { parentOf, upward: meters.map((_, index) => index).toSorted((a, b) => depths[b] - depths[a] || a - b) };
}

/** Metered children by meter index. */
export function childrenOf(tree: Tree): number[][] {
  const children = Array.from(tree.parentOf, (): number[] => []);
  tree.parentOf.forEach((parent, index) => {
    if (parent >= 0) children[parent].push(index);
  });
  return children;
}
