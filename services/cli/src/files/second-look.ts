import { parseInstant, parseQuality, Quality, type QualityCode, type RejectReason } from "@hashwatt/contracts";
import { cellSeparator } from "./readings-query.ts";

/** A row DuckDB left open, read by the rules of the contracts. */
export interface ReadingRow {
  readonly ordinal: number;
  readonly startMs: number;
  readonly kw: number;
  readonly quality: QualityCode;
}

export interface RowFault {
  readonly column: string | null;
  readonly reason: RejectReason;
  readonly detail: string;
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Longest piece of a cell repeated in a message. */
const shownCharacters = 80;

/**
 * Judges the cells (meter id, interval start, kW, flag and maybe a surplus cell, joined by `cellSeparator`) of one row: spaces around a cell,
 * zones other than Z and rarer quality flags are fine, the rest is a fault with its column.
 */
export function lookAgain(cells: string, ordinalOf: (meterId: string) => number): ReadingRow | RowFault {
  const [meterId, time, kw, flag, ...surplus] = cells.split(cellSeparator).map((cell) => cell.trim());
  if (surplus.some((cell) => cell !== "")) return { column: null, reason: "invalid_row", detail: "the row has more cells than the header" };
  const ordinal = ordinalOf(meterId);
  if (ordinal < 0)
    return { column: "meter_id", reason: "unknown_meter", detail: unknown("meter_id", meterId, "is not in the registry of meters") };
  const startMs = parseInstant(time);
  if (Number.isNaN(startMs)) {
    return {
      column: "interval_start",
      reason: "invalid_time",
      detail: unknown("interval_start", time, "is not an ISO 8601 instant with zone such as 2022-01-03T06:00:00Z"),
    };
  }
  const value = decimal.test(kw) ? Number(kw) : Number.NaN;
  if (!Number.isFinite(value)) return { column: "kw", reason: "invalid_value", detail: unknown("kw", kw, "is not a finite number") };
  const quality = flag === "" ? Quality.measured : parseQuality(flag);
  if (quality === undefined)
    return { column: "quality", reason: "unknown_quality", detail: unknown("quality", flag, "is not a known quality flag") };
  return { ordinal, startMs, kw: value, quality };
}

function unknown(column: string, cell: string, problem: string): string {
  return cell === "" ? `${column} is empty` : `${column} "${cell.slice(0, shownCharacters)}" ${problem}`;
}

/** Row text for a reject: the cells that were read, as CSV. */
export function cellsAsText(cells: string): string {
  return cells.replaceAll(cellSeparator, ",");
}
