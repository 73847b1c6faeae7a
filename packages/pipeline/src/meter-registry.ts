import { type Meter, type PeerGrouping, peerGroupOf } from "@hashwatt/contracts";
import { createByteKeyTable } from "./byte-key-table.ts";
import { utf8Bytes } from "./utf8.ts";

/** The meters of a run with their rows (ordinals) and peer groups. Built once; immutable. */
export interface MeterRegistry {
  readonly meters: readonly Meter[];
  readonly grouping: PeerGrouping;
  /** Row of a meter, -1 where it is not known. */
  ordinalOf(meterId: string): number;
  /** The same for an id as UTF-8 bytes[start..end); makes no string. */
  ordinalOfBytes(bytes: Uint8Array, start: number, end: number): number;
  /** Row of `groupKeys` of each meter. */
  readonly groupOf: Int32Array;
  /** Kafka keys of the peer groups in code-unit order, so that the order of meters.csv decides nothing. */
  readonly groupKeys: readonly string[];
  groupKeyOf(ordinal: number): string;
}

/** Throws an Error naming the meter on a duplicate id, an unknown parent or a cycle of parents. */
export function createMeterRegistry(meters: readonly Meter[], grouping: PeerGrouping): MeterRegistry {
  const ordinals = new Map<string, number>();
  for (const [ordinal, meter] of meters.entries()) {
    if (ordinals.has(meter.meterId)) throw new Error(`Meter "${meter.meterId}" is in the registry twice; ids must be unique.`);
    ordinals.set(meter.meterId, ordinal);
  }
  checkParents(meters, ordinals);

  const keys = meters.map((meter) => peerGroupOf(meter, grouping));
  const groupKeys = [...new Set(keys)].toSorted(byCodeUnits);
  const groups = new Map(groupKeys.map((key, group) => [key, group]));
  const groupOf = Int32Array.from(keys, (key) => groups.get(key)!);
  const table = createByteKeyTable(meters.map((meter) => utf8Bytes(meter.meterId)));
  return {
    meters,
    grouping,
    groupOf,
    groupKeys,
    ordinalOf: (meterId) => ordinals.get(meterId) ?? -1,
    ordinalOfBytes: (bytes, start, end) => table.find(bytes, start, end),
    groupKeyOf: (ordinal) => groupKeys[groupOf[ordinal]],
  };
}

/** Order that depends on no locale. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkParents(meters: readonly Meter[], ordinals: ReadonlyMap<string, number>): void {
  /** Number of the walk in which the meter was reached; a meter met twice in one walk closes a cycle. */
  const reachedIn = new Int32Array(meters.length);
  for (const [ordinal, first] of meters.entries()) {
    let at = ordinal;
    while (reachedIn[at] === 0) {
      reachedIn[at] = ordinal + 1;
      const { meterId, parentId } = meters[at];
      if (parentId === null) break;
      const parent = ordinals.get(parentId);
      if (parent === undefined) {
        throw new Error(
          `Meter "${meterId}" names the parent "${parentId}", which is not in the registry; add it or leave parent_id empty.`,
        );
      }
      if (reachedIn[parent] === ordinal + 1)
        throw new Error(`Meter "${first.meterId}" has a cycle of parents: it leads back to "${parentId}".`);
      at = parent;
    }
  }
}
