import { Quality } from "@hashwatt/contracts";
import { type Cursor, peek, scanInstant, scanNumber } from "./cursor.ts";
import { Quantity } from "../reading-batch.ts";
import { reserveRows } from "./decode-types.ts";
import { type FieldCode, Field, scanField, scanQuality } from "./scan-fields.ts";
import { scanMeter, type ScanTarget } from "./scan-target.ts";

/** Length of a column that is not there. */
const absent = -1;

interface ColumnLengths {
  meters: number;
  starts: number;
  values: number;
  qualities: number;
  quantity: number;
}

/** `{"meterIds":[...],"intervalStart":[...],"kw":[...]}` in any order, appended as rows; false where anything else is found. */
export function scanColumns(cursor: Cursor, target: ScanTarget): boolean {
  const lengths: ColumnLengths = { meters: absent, starts: absent, values: absent, qualities: absent, quantity: Quantity.kw };
  cursor.at++;
  for (let place = 0; ; place++) {
    if (!scanColumn(cursor, target, lengths, place)) return false;
    const next = peek(cursor);
    cursor.at++;
    if (next === 0x7d) break;
    if (next !== 0x2c) return false;
  }
  const { batch } = target;
  const rows = lengths.meters;
  if (rows < 0 || lengths.starts !== rows || lengths.values !== rows) return false;
  if (lengths.qualities !== rows && lengths.qualities !== absent) return false;
  batch.quantities.fill(lengths.quantity, batch.count, batch.count + rows);
  if (lengths.qualities === absent) batch.qualities.fill(Quality.measured, batch.count, batch.count + rows);
  batch.count += rows;
  return true;
}

/** A column that is named twice is left to JSON.parse, where the last one counts. */
function scanColumn(cursor: Cursor, target: ScanTarget, lengths: ColumnLengths, place: number): boolean {
  const field = scanField(cursor, place);
  const rows = scanCells(cursor, target, field);
  if (rows < 0) return false;
  switch (field) {
    case Field.meterIds:
      if (lengths.meters !== absent) return false;
      lengths.meters = rows;
      return true;
    case Field.intervalStart:
      if (lengths.starts !== absent) return false;
      lengths.starts = rows;
      return true;
    case Field.quality:
      if (lengths.qualities !== absent) return false;
      lengths.qualities = rows;
      return true;
    default:
      if (lengths.values !== absent) return false;
      lengths.values = rows;
      lengths.quantity = quantityOf(field);
      return true;
  }
}

function quantityOf(field: FieldCode): number {
  if (field === Field.kwh) return Quantity.kwh;
  return field === Field.kwhRegister ? Quantity.kwhRegister : Quantity.kw;
}

/** The array at the cursor into the rows after `batch.count`; how many cells it has, or -1. */
function scanCells(cursor: Cursor, target: ScanTarget, field: FieldCode): number {
  const scanCell = cellScanners[field];
  if (scanCell === undefined || peek(cursor) !== 0x5b) return -1;
  cursor.at++;
  if (peek(cursor) === 0x5d) {
    cursor.at++;
    return 0;
  }
  const { batch } = target;
  for (let rows = 0; ; ) {
    if (batch.count + rows === batch.ordinals.length) growKeeping(target, rows);
    if (peek(cursor) < 0 || !scanCell(cursor, target, batch.count + rows)) return -1;
    rows++;
    const next = peek(cursor);
    cursor.at++;
    if (next === 0x5d) return rows;
    if (next !== 0x2c) return -1;
  }
}

/** Room for more rows while the rows being made, which `count` does not cover yet, are kept. */
function growKeeping(target: ScanTarget, rows: number): void {
  const { batch } = target;
  const before = batch.count;
  batch.count = batch.ordinals.length;
  reserveRows(batch, rows + 1);
  batch.count = before;
}

type CellScanner = (cursor: Cursor, target: ScanTarget, row: number) => boolean;

const scanValueCell: CellScanner = (cursor, target, row) => !Number.isNaN((target.batch.values[row] = scanNumber(cursor)));

const cellScanners: Readonly<Record<FieldCode, CellScanner | undefined>> = {
  [Field.meterIds]: scanMeter,
  [Field.intervalStart]: (cursor, target, row) => !Number.isNaN((target.batch.startMs[row] = scanInstant(cursor))),
  [Field.kw]: scanValueCell,
  [Field.kwh]: scanValueCell,
  [Field.kwhRegister]: scanValueCell,
  [Field.quality]: (cursor, target, row) => {
    const quality = scanQuality(cursor);
    target.batch.qualities[row] = Math.max(0, quality);
    return quality >= 0;
  },
};
