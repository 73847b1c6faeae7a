import { Quality } from "@hashwatt/contracts";
import { type Cursor, peek, scanInstant, scanNumber } from "./cursor.ts";
import { Quantity, type ReadingBatch } from "../reading-batch.ts";
import { reserveRows } from "./decode-types.ts";
import { scanColumns } from "./scan-columns.ts";
import { Field, type FieldCode, scanField, scanQuality, skipNull, skipPlainValue } from "./scan-fields.ts";
import { scanMeter, type ScanTarget } from "./scan-target.ts";

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** Which fields of a reading have been seen, as bits. */
const seenMeter = 1;
const seenStart = 2;
const seenKw = 4;
const seenKwh = 8;
const seenRegister = 16;

/**
 * The fast road: one reading, an array of readings or columns, read from the bytes without making a string or an object.
 * True = every reading of the message was good and is appended; false = something this road does not know or does not accept, and the
 * batch is as before. It never accepts what JSON.parse and the schemas would not, nor reads it otherwise (a property test holds it to that).
 */
export function scanMessage(cursor: Cursor, target: ScanTarget): boolean {
  const { batch } = target;
  const before = batch.count;
  const first = peek(cursor);
  const good = first === openBracket ? scanArray(cursor, target) : first === openBrace && scanTopObject(cursor, target);
  if (good && peek(cursor) === -1) return true;
  batch.count = before;
  return false;
}

/** Columns are told from a reading by their first value, which is an array. */
function scanTopObject(cursor: Cursor, target: ScanTarget): boolean {
  const start = cursor.at++;
  const field = scanField(cursor, 0);
  if (peek(cursor) !== openBracket) return scanReading(cursor, target, field);
  cursor.at = start;
  return scanColumns(cursor, target);
}

function scanArray(cursor: Cursor, target: ScanTarget): boolean {
  cursor.at++;
  if (peek(cursor) === closeBracket) {
    cursor.at++;
    return true;
  }
  for (;;) {
    if (peek(cursor) !== openBrace) return false;
    cursor.at++;
    if (!scanReading(cursor, target, scanField(cursor, 0))) return false;
    const next = peek(cursor);
    cursor.at++;
    if (next === closeBracket) return true;
    if (next !== comma) return false;
  }
}

/** One reading object from its first value on, appended as a row. */
function scanReading(cursor: Cursor, target: ScanTarget, firstField: FieldCode): boolean {
  const { batch } = target;
  if (batch.count === batch.ordinals.length) reserveRows(batch, 1);
  batch.qualities[batch.count] = Quality.measured;
  let seen = 0;
  for (let place = 1, field = firstField; ; field = scanField(cursor, place++)) {
    const bit = scanMember(cursor, target, field);
    if (bit < 0) return false;
    seen |= bit;
    const next = peek(cursor);
    cursor.at++;
    if (next === closeBrace) break;
    if (next !== comma) return false;
  }
  if (!setQuantity(batch, seen)) return false;
  batch.count++;
  return true;
}

/** Meter, start and exactly one of the three values. */
function setQuantity(batch: ReadingBatch, seen: number): boolean {
  switch (seen) {
    case seenMeter | seenStart | seenKw:
      batch.quantities[batch.count] = Quantity.kw;
      return true;
    case seenMeter | seenStart | seenKwh:
      batch.quantities[batch.count] = Quantity.kwh;
      return true;
    case seenMeter | seenStart | seenRegister:
      batch.quantities[batch.count] = Quantity.kwhRegister;
      return true;
    default:
      return false;
  }
}

/** The value of a field into the row in the making; the bit of what it was, 0 for what does not matter, -1 where it is not accepted. */
function scanMember(cursor: Cursor, target: ScanTarget, field: FieldCode): number {
  const { batch } = target;
  switch (field) {
    case Field.meterId:
      return scanMeter(cursor, target, batch.count) ? seenMeter : -1;
    case Field.intervalStart:
      return Number.isNaN((batch.startMs[batch.count] = scanInstant(cursor))) ? -1 : seenStart;
    case Field.kw:
      return scanValue(cursor, batch) ? seenKw : -1;
    case Field.kwh:
      return scanValue(cursor, batch) ? seenKwh : -1;
    case Field.kwhRegister:
      return scanValue(cursor, batch) ? seenRegister : -1;
    default:
      return scanAside(cursor, batch, field) ? 0 : -1;
  }
}

/** The members that a reading may lack: quality, kvar (checked, not used yet), and names that mean nothing here. */
function scanAside(cursor: Cursor, batch: ReadingBatch, field: FieldCode): boolean {
  if (field === Field.quality) {
    const quality = scanQuality(cursor);
    batch.qualities[batch.count] = Math.max(0, quality);
    return quality >= 0;
  }
  if (field === Field.kvar) return skipNull(cursor) || !Number.isNaN(scanNumber(cursor));
  return field === Field.other && skipPlainValue(cursor);
}

function scanValue(cursor: Cursor, batch: ReadingBatch): boolean {
  const value = scanNumber(cursor);
  batch.values[batch.count] = value;
  return !Number.isNaN(value);
}
