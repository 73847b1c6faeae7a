import { type Counters, countCells, sumCounters } from "./counters.ts";
import type { PeerGroup } from "./peer-group.ts";

/** The groups that hold state, by row of the registry's groups and by key. */
export interface GroupTable {
  /** For the hot path; undefined = nothing was read for the group yet. */
  readonly rows: (PeerGroup | undefined)[];
  create(row: number): PeerGroup;
  /** These throw RangeError where the key is none of the registry. */
  find(groupKey: string): PeerGroup | undefined;
  /** Throws RangeError also where the group holds no state. */
  get(groupKey: string): PeerGroup;
  counters(groupKey: string): Counters;
  /** Puts a new group in the place once `fill` has returned; a throwing one leaves the place empty. */
  restore(groupKey: string, fill: (group: PeerGroup) => void): void;
  drop(groupKey: string): void;
  /** In order of their keys. */
  held(): PeerGroup[];
}

export function createGroupTable(groupKeys: readonly string[], createGroup: (row: number) => PeerGroup): GroupTable {
  const rows: (PeerGroup | undefined)[] = groupKeys.map(() => undefined);
  const rowOfKey = new Map(groupKeys.map((groupKey, row) => [groupKey, row]));
  const rowOf = (groupKey: string): number => {
    const row = rowOfKey.get(groupKey);
    if (row === undefined) throw new RangeError(`"${groupKey}" is none of the registry's ${groupKeys.length} peer groups.`);
    return row;
  };
  return {
    rows,
    create: (row) => (rows[row] = createGroup(row)),
    find: (groupKey) => rows[rowOf(groupKey)],
    get(groupKey) {
      const group = rows[rowOf(groupKey)];
      if (group === undefined) throw new RangeError(`Peer group "${groupKey}" holds no state: nothing was read for it yet.`);
      return group;
    },
    counters: (groupKey) => sumCounters([rows[rowOf(groupKey)]?.counts ?? new Float64Array(countCells)]),
    restore(groupKey, fill) {
      const group = createGroup(rowOf(groupKey));
      fill(group);
      rows[rowOf(groupKey)] = group;
    },
    drop(groupKey) {
      rows[rowOf(groupKey)] = undefined;
    },
    held: () => rows.filter((group) => group !== undefined),
  };
}
