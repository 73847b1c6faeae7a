import { HOUR_MS, levels, type Meter } from "@hashwatt/contracts";
import { hash64 } from "./hash64.ts";
import { byCodeUnits, type MeterRegistry } from "./meter-registry.ts";

/** Meters of one group that send at one cadence: neighbouring slots, so that a page of theirs is one block of columns. */
export interface CadenceClass {
  readonly intervalMs: number;
  readonly rowsPerDay: number;
  readonly rowsPerHour: number;
  readonly firstSlot: number;
  readonly meterCount: number;
}

/** Where the meters of a peer group lie. */
export interface GroupLayout {
  readonly groupKey: string;
  /** By slot. Slots run by cadence, then by meter id, so that the order of meters.csv decides nothing. */
  readonly meters: readonly Meter[];
  /** Registry row of each slot. */
  readonly ordinals: Int32Array;
  readonly classes: readonly CadenceClass[];
  /** What state of this group fits: two registries with the same digest put every meter in the same place. */
  readonly digest: string;
}

/** Layouts of all groups and, for the hot path, the place of each registry row. */
export interface FleetLayout {
  readonly groups: readonly GroupLayout[];
  readonly slotOf: Int32Array;
  /** Row of the group's classes. */
  readonly classOf: Uint8Array;
  /** Slot within the class. */
  readonly columnOf: Int32Array;
}

export function createFleetLayout(registry: MeterRegistry): FleetLayout {
  const members: number[][] = registry.groupKeys.map(() => []);
  for (let ordinal = 0; ordinal < registry.meters.length; ordinal++) members[registry.groupOf[ordinal]].push(ordinal);
  const groups = members.map((ordinals, group) => createGroupLayout(registry, registry.groupKeys[group], ordinals));

  const slotOf = new Int32Array(registry.meters.length);
  const classOf = new Uint8Array(registry.meters.length);
  const columnOf = new Int32Array(registry.meters.length);
  for (const { ordinals, classes } of groups) {
    for (const [row, cadence] of classes.entries()) {
      for (let column = 0; column < cadence.meterCount; column++) {
        const ordinal = ordinals[cadence.firstSlot + column];
        slotOf[ordinal] = cadence.firstSlot + column;
        classOf[ordinal] = row;
        columnOf[ordinal] = column;
      }
    }
  }
  return { groups, slotOf, classOf, columnOf };
}

function createGroupLayout(registry: MeterRegistry, groupKey: string, members: readonly number[]): GroupLayout {
  const meterAt = (ordinal: number): Meter => registry.meters[ordinal];
  const ordinals = Int32Array.from(members).toSorted((a, b) => {
    const cadence = meterAt(a).intervalMinutes - meterAt(b).intervalMinutes;
    return cadence === 0 ? byCodeUnits(meterAt(a).meterId, meterAt(b).meterId) : cadence;
  });
  const meters = Array.from(ordinals, meterAt);
  const classes: CadenceClass[] = [];
  for (let slot = 0; slot < meters.length; ) {
    const minutes = meters[slot].intervalMinutes;
    const firstSlot = slot;
    while (slot < meters.length && meters[slot].intervalMinutes === minutes) slot++;
    const rowsPerHour = 60 / minutes;
    classes.push({
      intervalMs: HOUR_MS / rowsPerHour,
      rowsPerDay: rowsPerHour * 24,
      rowsPerHour,
      firstSlot,
      meterCount: slot - firstSlot,
    });
  }
  return { groupKey, meters, ordinals, classes, digest: digestOf(groupKey, meters) };
}

/** Only what decides places and numbers; names and coordinates may change without losing the state. */
function digestOf(groupKey: string, meters: readonly Meter[]): string {
  const rows = meters.map((m) => [m.meterId, levels.indexOf(m.level), m.parentId, m.areaId, m.timeZone, m.intervalMinutes, m.ratedKw]);
  return hash64(JSON.stringify([groupKey, rows]));
}
