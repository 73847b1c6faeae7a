/** A reading more than a day ahead of its group's time, as it came. */
export interface ParkedReading {
  readonly slot: number;
  readonly startMs: number;
  readonly value: number;
  readonly quantity: number;
  readonly quality: number;
}

/**
 * Parked readings of a group, by slot in arrival order. They wait until group time comes within a day of them. A meter holds at most
 * two days of its intervals (96 at least, but no more than the late days hold, so that none is late when group time comes to the last of
 * them); one more pushes its oldest arrival out, which is rejected as clock_ahead. So a clock that is wrong for good costs a
 * bounded amount, and its old rows never keep a later, right one out.
 */
export interface Parking {
  readonly bySlot: Map<number, ParkedReading[]>;
  /** No parked interval ends before; Infinity = nothing parked. */
  earliestEndMs: number;
}

/** Rows that a meter may have parked. */
export function parkCapacity(rowsPerDay: number, lateDays: number): number {
  return Math.min(Math.max(96, 2 * rowsPerDay), lateDays * rowsPerDay);
}

export function createParking(): Parking {
  return { bySlot: new Map(), earliestEndMs: Number.POSITIVE_INFINITY };
}

export function parkedRows(parking: Parking, slot: number): number {
  return parking.bySlot.get(slot)?.length ?? 0;
}

export function parkReading(parking: Parking, reading: ParkedReading, endMs: number): void {
  const rows = parking.bySlot.get(reading.slot);
  if (rows === undefined) parking.bySlot.set(reading.slot, [reading]);
  else rows.push(reading);
  parking.earliestEndMs = Math.min(parking.earliestEndMs, endMs);
}

/** The meter's oldest arrival, taken out. */
export function evictOldest(parking: Parking, slot: number): ParkedReading {
  return parking.bySlot.get(slot)!.shift()!;
}

/** Takes out what ends by `limitMs`: by end, then slot, then arrival, so that the order of voting decides nothing. */
export function releaseParked(parking: Parking, limitMs: number, endOf: (reading: ParkedReading) => number): ParkedReading[] {
  const released: ParkedReading[] = [];
  parking.earliestEndMs = Number.POSITIVE_INFINITY;
  for (const [slot, rows] of parking.bySlot) {
    const kept: ParkedReading[] = [];
    for (const reading of rows) {
      if (endOf(reading) <= limitMs) released.push(reading);
      else kept.push(reading);
    }
    if (kept.length === 0) parking.bySlot.delete(slot);
    else parking.bySlot.set(slot, kept);
    for (const reading of kept) parking.earliestEndMs = Math.min(parking.earliestEndMs, endOf(reading));
  }
  // Stable: rows of one meter and interval keep their arrival order, so that the last one still wins.
  return released.toSorted((a, b) => endOf(a) - endOf(b) || a.slot - b.slot);
}
