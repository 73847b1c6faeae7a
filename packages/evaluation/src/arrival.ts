import { HOUR_MS, Quality } from "@hashwatt/contracts";
import type { MeteredDay } from "./grid-day.ts";
import { createRandom } from "./random.ts";

/** How readings travel. Shares are of all readings. */
export interface ArrivalOptions {
  /** Arrives 1 to lateHours late. */
  readonly lateShare: number;
  readonly lateHours: number;
  /** Sent once more, unchanged, within a day. */
  readonly duplicateShare: number;
  /** Sent with a wrong value first; the right one follows as `revised` 1 to revisionDays later. */
  readonly revisedShare: number;
  readonly revisionDays: number;
}

export const defaultArrival: ArrivalOptions = {
  lateShare: 0.01,
  lateHours: 48,
  duplicateShare: 0.003,
  revisedShare: 0.001,
  revisionDays: 25,
};

/** Readings in arrival order, as columns of `count` rows. */
export interface FleetBatch {
  count: number;
  meterIndex: Int32Array;
  startMs: Float64Array;
  kw: Float64Array;
  /** NaN = not measured. */
  kvar: Float64Array;
  /** Quality codes. */
  quality: Uint8Array;
  /** When its last row arrived. */
  arrivalMs: number;
}

const batchRows = 10_000;

function createBatch(): FleetBatch {
  return {
    count: 0,
    meterIndex: new Int32Array(batchRows),
    startMs: new Float64Array(batchRows),
    kw: new Float64Array(batchRows),
    kvar: new Float64Array(batchRows),
    quality: new Uint8Array(batchRows),
    arrivalMs: 0,
  };
}

interface Row {
  readonly meterIndex: number;
  readonly startMs: number;
  readonly kw: number;
  readonly kvar: number;
  readonly quality: number;
}

/** Shares as thresholds on one 32-bit draw: a draw a reading is all that travel costs. */
function createFates(options: ArrivalOptions): { late: number; duplicate: number; revised: number } {
  const unit = 4294967296;
  const late = options.lateShare * unit;
  const duplicate = late + options.duplicateShare * unit;
  return { late, duplicate, revised: duplicate + options.revisedShare * unit };
}

export interface Arrival {
  /** Takes one day of all meters; returns the batches that filled up. */
  send(days: readonly MeteredDay[]): FleetBatch[];
  /** What is still on its way, and the last batch. */
  finish(): FleetBatch[];
}

/** Batches under way, and rows that arrive later by the hour of their arrival. */
interface Outbox {
  /** Delivers what is due in this hour (since 1970), then takes rows of it. */
  open(hour: number): void;
  emit(meterIndex: number, startMs: number, kw: number, kvar: number, quality: number): void;
  /** Emits a row `hours` later than now. */
  later(hours: number, row: Row): void;
  finish(): void;
  /** The batches that filled up since the last call. */
  take(): FleetBatch[];
}

function createOutbox(): Outbox {
  const onTheWay = new Map<number, Row[]>();
  let current = createBatch();
  let full: FleetBatch[] = [];
  let hourNow = 0;
  const emit = (meterIndex: number, startMs: number, kw: number, kvar: number, quality: number) => {
    const at = current.count++;
    current.meterIndex[at] = meterIndex;
    current.startMs[at] = startMs;
    current.kw[at] = kw;
    current.kvar[at] = kvar;
    current.quality[at] = quality;
    current.arrivalMs = (hourNow + 1) * HOUR_MS;
    if (current.count === batchRows) {
      full.push(current);
      current = createBatch();
    }
  };
  const open = (hour: number) => {
    hourNow = hour;
    for (const row of onTheWay.get(hour) ?? []) emit(row.meterIndex, row.startMs, row.kw, row.kvar, row.quality);
    onTheWay.delete(hour);
  };
  const later = (hours: number, row: Row) => {
    const bucket = onTheWay.get(hourNow + hours);
    if (bucket) bucket.push(row);
    else onTheWay.set(hourNow + hours, [row]);
  };
  const finish = () => {
    for (const hour of [...onTheWay.keys()].toSorted((a, b) => a - b)) open(hour);
    if (current.count > 0) full.push(current);
    current = createBatch();
  };
  const take = () => {
    const batches = full;
    full = [];
    return batches;
  };
  return { open, emit, later, finish, take };
}

/** Puts readings into arrival order: by hour, meters interleaved in a fixed random order, the late ones in between. */
export function createArrival(options: ArrivalOptions, meterCount: number, seed: number | string): Arrival {
  const random = createRandom(seed, "arrival");
  const fates = createFates(options);
  const order = random.shuffle(Array.from({ length: meterCount }, (_, index) => index));
  const outbox = createOutbox();
  const emitRow = (row: Row) => outbox.emit(row.meterIndex, row.startMs, row.kw, row.kvar, row.quality);
  /** The 1.5 % that do not simply arrive. */
  const detour = (row: Row, fate: number) => {
    if (fate < fates.late) {
      outbox.later(1 + random.integer(options.lateHours), row);
    } else if (fate < fates.duplicate) {
      emitRow(row);
      outbox.later(1 + random.integer(24), row);
    } else {
      emitRow({ ...row, kw: Math.round(row.kw * random.between(0.7, 1.3) * 1000) / 1000 });
      outbox.later(24 + random.integer(24 * options.revisionDays - 24), { ...row, quality: Quality.revised });
    }
  };
  const sendSlot = (day: MeteredDay, meterIndex: number, slot: number, correctionHours: number) => {
    const kw = day.kw[slot];
    if (Number.isNaN(kw)) return;
    const startMs = day.startMs + slot * day.clock.slotMs;
    const kvar = day.kvar[slot];
    const quality = day.quality[slot];
    const correctedKw = day.correctedKw[slot];
    if (!Number.isNaN(correctedKw)) {
      outbox.emit(meterIndex, startMs, kw, kvar, quality);
      outbox.later(correctionHours, { meterIndex, startMs, kw: correctedKw, kvar, quality: Quality.revised });
      return;
    }
    const fate = random.bits();
    if (fate >= fates.revised) outbox.emit(meterIndex, startMs, kw, kvar, quality);
    else detour({ meterIndex, startMs, kw, kvar, quality }, fate);
  };
  const send = (days: readonly MeteredDay[]) => {
    // corrections of a meter's day come together, 4 to 20 days later
    const corrections = Int32Array.from(days, () => 24 * (4 + random.integer(16)));
    for (let hour = 0; hour < 24; hour++) {
      outbox.open(days[0].startMs / HOUR_MS + hour);
      for (const index of order) {
        const perHour = days[index].clock.slots / 24;
        for (let slot = hour * perHour; slot < (hour + 1) * perHour; slot++) sendSlot(days[index], index, slot, corrections[index]);
      }
    }
    return outbox.take();
  };
  const finish = () => {
    outbox.finish();
    return outbox.take();
  };
  return { send, finish };
}
