import { parseInstant, parseQuality, Quality, type QualityCode, type RejectReason } from "@hashwatt/contracts";

/** Meter id, interval start, kW and quality flag as they stand in the file; "" where there is none. */
export type ReadingCells = readonly [meterId: string, time: string, kw: string, flag: string];

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
 * Judges the cells of one row by the rules of the contracts: spaces around a cell, zones other than Z and the quality flags of the trade
 * are fine, the rest is a fault with its column.
 */
export function lookAgain(cells: ReadingCells, ordinalOf: (meterId: string) => number): ReadingRow | RowFault {
  const [meterId, time, kw, flag] = cells.map((cell) => cell.trim());
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
