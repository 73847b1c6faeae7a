import { cellsOf, type ClassPages, type IntervalPage, pageAt, registersOf } from "./interval-pages.ts";
import type { PeerGroup } from "./peer-group.ts";
import type { SnapshotReader, SnapshotWriter } from "./snapshot-bytes.ts";

/** Writes the held interval pages that `isWanted` picks: of each only the intervals from the first to the last that hold data. */
export function writePages(group: PeerGroup, writer: SnapshotWriter, isWanted: (page: IntervalPage) => boolean): void {
  for (const pages of group.pages) {
    const wanted = pages.days.filter((page) => page !== undefined && isWanted(page)) as IntervalPage[];
    writer.numbers(wanted.length);
    for (const page of wanted) writePage(pages, page, writer);
  }
}

/** Puts pages back in their places; those of days that are no longer held are read over. */
export function readPages(group: PeerGroup, reader: SnapshotReader, isTouched: boolean): void {
  for (const pages of group.pages) {
    for (let left = reader.number(); left > 0; left--) readPage(group, pages, reader, isTouched);
  }
}

function writePage(pages: ClassPages, page: IntervalPage, writer: SnapshotWriter): void {
  const { meterCount } = pages.cadence;
  const rows = rowsWithData(page.kw, meterCount);
  writer.numbers(page.utcDay, rows.from, rows.to, page.registers === undefined ? 0 : 1);
  writer.column(page.kw.subarray(rows.from * meterCount, rows.to * meterCount));
  writer.column(page.quality.subarray(...qualityRange(rows, meterCount)));
  if (page.registers === undefined) return;
  const registers = rowsWithData(page.registers.kwh, meterCount);
  writer.numbers(registers.from, registers.to);
  writer.column(page.registers.kwh.subarray(registers.from * meterCount, registers.to * meterCount));
  writer.column(page.registers.quality.subarray(registers.from * meterCount, registers.to * meterCount));
}

function readPage(group: PeerGroup, pages: ClassPages, reader: SnapshotReader, isTouched: boolean): void {
  const { meterCount } = pages.cadence;
  const utcDay = reader.number();
  const dayIndex = utcDay - group.baseDay;
  const isHeld = dayIndex >= 0 && dayIndex < pages.days.length;
  const page = isHeld ? pageAt(pages, dayIndex, utcDay) : readOverPage(pages, utcDay);
  page.touched = isTouched;
  const rows = { from: reader.number(), to: reader.number() };
  const hasRegisters = reader.number() === 1;
  reader.column(page.kw.subarray(rows.from * meterCount, rows.to * meterCount));
  reader.column(page.quality.subarray(...qualityRange(rows, meterCount)));
  if (!hasRegisters) return;
  const { kwh, quality } = registersOf(page);
  const from = reader.number() * meterCount;
  const to = reader.number() * meterCount;
  reader.column(kwh.subarray(from, to));
  reader.column(quality.subarray(from, to));
}

function readOverPage({ cadence }: ClassPages, utcDay: number): IntervalPage {
  const cells = cellsOf(cadence);
  return { utcDay, kw: new Float32Array(cells), quality: new Uint8Array(Math.ceil(cells / 4)), registers: undefined, touched: false };
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

/** The quality bytes of the rows. Four qualities share a byte; those of a neighbouring row belong to absent readings and are 0. */
function qualityRange({ from, to }: Rows, meterCount: number): [number, number] {
  return [(from * meterCount) >> 2, Math.ceil((to * meterCount) / 4)];
}

/** Rows from the first to the last with a number in it. */
export function rowsWithData(column: Float32Array | Float64Array, rowLength: number): Rows {
  let first = 0;
  while (first < column.length && Number.isNaN(column[first])) first++;
  let last = column.length - 1;
  while (last >= first && Number.isNaN(column[last])) last--;
  return last < first ? { from: 0, to: 0 } : { from: Math.floor(first / rowLength), to: Math.floor(last / rowLength) + 1 };
}
