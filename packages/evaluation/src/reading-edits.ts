import { DAY_MS, Quality } from "@hashwatt/contracts";
import type { FleetBatch } from "./arrival.ts";

/** What happens to a reading. */
export const Action = { keep: 0, add: 1, replace: 2, estimate: 3, drop: 4 } as const;

/** What happens to the readings of one meter, one value a slot. */
export interface MeterEdits {
  /** Action codes. */
  readonly action: Uint8Array;
  /** add: kW on top of what was read, whichever version; replace, estimate: the value instead. */
  readonly kw: Float32Array;
  readonly kvar: Float32Array;
  /** Decimal places of the meter's readings. */
  readonly decimals: number;
}

/** A true value that follows an estimated one. */
export interface Correction {
  readonly dueMs: number;
  readonly meterIndex: number;
  readonly startMs: number;
  readonly kw: number;
}

/** Changes to the readings of a fleet, by meter index; undefined = untouched. */
export interface ReadingEdits {
  readonly fromMs: number;
  readonly days: number;
  readonly meters: readonly (MeterEdits | undefined)[];
  /** In order of dueMs. */
  readonly corrections: readonly Correction[];
}

const roundTo = (value: number, decimals: number): number => {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
};

/** One reading on its way through the changes. */
interface Row {
  kw: number;
  kvar: number;
  quality: number;
}

/** Changes a row in place; false = it is not sent. */
function editRow(edits: ReadingEdits, meterIndex: number, startMs: number, row: Row): boolean {
  const meter = edits.meters[meterIndex];
  if (meter === undefined) return true;
  const perDay = meter.action.length / edits.days;
  const slot = Math.floor(((startMs - edits.fromMs) * perDay) / DAY_MS);
  const action = slot >= 0 && slot < meter.action.length ? meter.action[slot] : Action.keep;
  if (action === Action.keep) return true;
  if (action === Action.drop) return false;
  if (action === Action.estimate) {
    if (row.quality === Quality.revised) return false; // nobody measured what it would correct
    row.quality = Quality.estimated;
  }
  const isAdded = action === Action.add;
  row.kw = roundTo(meter.kw[slot] + (isAdded ? row.kw : 0), meter.decimals);
  row.kvar = roundTo(meter.kvar[slot] + (isAdded ? row.kvar : 0), meter.decimals);
  return true;
}

/** A jump ahead of this size is a wrong clock, unless this many rows in a row make it: then there was a gap. */
const clockSlackMs = 3 * DAY_MS;
const gapRows = 50;

/** Event time as the readings tell it, row by row. */
function createEventClock(): (startMs: number) => number {
  let nowMs = Number.NaN;
  let ahead = 0;
  return (startMs) => {
    if (Number.isNaN(nowMs)) nowMs = startMs;
    ahead = startMs > nowMs + clockSlackMs ? ahead + 1 : 0;
    if (startMs > nowMs && (ahead === 0 || ahead > gapRows)) nowMs = startMs;
    return nowMs;
  };
}

/**
 * Readings in arrival order with the changes made: order, lateness, repeats and quality stay as they were, corrections arrive in between.
 * The given batches are only read.
 */
export async function* editReadings(
  edits: ReadingEdits,
  batches: AsyncIterable<FleetBatch> | Iterable<FleetBatch>,
): AsyncGenerator<FleetBatch> {
  const { corrections } = edits;
  const clock = createEventClock();
  let sent = 0;
  const row: Row = { kw: 0, kvar: 0, quality: 0 };
  const sendDue = (out: FleetBatch, byMs: number) => {
    for (; sent < corrections.length && corrections[sent].dueMs <= byMs; sent++) {
      const { meterIndex, startMs, kw } = corrections[sent];
      push(out, meterIndex, startMs, {
        kw: roundTo(kw, edits.meters[meterIndex]?.decimals ?? 3),
        kvar: Number.NaN,
        quality: Quality.revised,
      });
    }
  };
  for await (const batch of batches) {
    if (batch.count === 0) continue;
    const out = emptyBatch(batch.count + corrections.length - sent, batch.arrivalMs);
    for (let at = 0; at < batch.count; at++) {
      const startMs = batch.startMs[at];
      sendDue(out, clock(startMs));
      row.kw = batch.kw[at];
      row.kvar = batch.kvar[at];
      row.quality = batch.quality[at];
      if (editRow(edits, batch.meterIndex[at], startMs, row)) push(out, batch.meterIndex[at], startMs, row);
    }
    if (out.count > 0) yield out;
  }
}

function emptyBatch(rows: number, arrivalMs: number): FleetBatch {
  return {
    count: 0,
    meterIndex: new Int32Array(rows),
    startMs: new Float64Array(rows),
    kw: new Float64Array(rows),
    kvar: new Float64Array(rows),
    quality: new Uint8Array(rows),
    arrivalMs,
  };
}

function push(batch: FleetBatch, meterIndex: number, startMs: number, row: Row): void {
  const at = batch.count++;
  batch.meterIndex[at] = meterIndex;
  batch.startMs[at] = startMs;
  batch.kw[at] = row.kw;
  batch.kvar[at] = row.kvar;
  batch.quality[at] = row.quality;
}
