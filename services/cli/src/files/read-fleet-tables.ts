import {
  type FileFormatName,
  fileFormats,
  type GridEvent,
  GridEventSchema,
  type Meter,
  MeterSchema,
  type Permit,
  PermitSchema,
  type RejectReason,
  type Weather,
  WeatherSchema,
} from "@hashwatt/contracts";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { z } from "zod";
import { dataError } from "../exit-codes.ts";
import { findInputFiles } from "./input-files.ts";
import { readTable, type TableRow } from "./read-table.ts";
import type { OnFileReject } from "./rejects.ts";

/** Paths or globs of the small files. */
export interface FleetTablePaths {
  readonly meters: readonly string[];
  readonly permits?: readonly string[] | undefined;
  readonly events?: readonly string[] | undefined;
  readonly weather?: readonly string[] | undefined;
}

export interface FleetTables {
  readonly meters: Meter[];
  readonly permits: Permit[];
  readonly events: GridEvent[];
  readonly weather: Weather[];
}

/**
 * Reads and checks the small files row by row. A bad row is rejected and the rest is used; a permit, event or weather row that speaks of a meter
 * or area nobody knows is rejected too, because a mistyped id would silently take its effect away.
 * Throws CliError (data) where a file cannot be used or no meter is left.
 */
export async function readFleetTables(duck: DuckDBConnection, paths: FleetTablePaths, onReject: OnFileReject): Promise<FleetTables> {
  const load = async (format: FileFormatName, patterns: readonly string[] | undefined) =>
    patterns === undefined ? [] : readTable(duck, format, findInputFiles(patterns), onReject);
  const check = new RowChecker(onReject);

  const meters = check.parse("meters", await load("meters", paths.meters), MeterSchema);
  const lineOfMeter = new Map<string, TableRow>();
  const unique = meters.filter(({ record, row }) => {
    const first = lineOfMeter.get(record.meterId);
    if (first === undefined) lineOfMeter.set(record.meterId, row);
    else check.reject(row, "meter_id", "invalid_row", `meter ${record.meterId} was already given at ${first.file}:${first.line}`);
    return first === undefined;
  });
  if (unique.length === 0) throw dataError(paths.meters.join(" "), "holds no usable meter");

  const areas = new Set(unique.map(({ record }) => record.areaId));
  const knows = (row: TableRow, column: string, known: { has(id: string): boolean }, reason: RejectReason): boolean => {
    const id = row.cells[column] ?? null;
    if (id === null || known.has(id)) return true;
    check.reject(row, column, reason, `${column} "${id}" is not in the registry of meters`);
    return false;
  };
  const knowsMeter = (row: TableRow, column: string) => knows(row, column, lineOfMeter, "unknown_meter");
  const knowsArea = (row: TableRow) => knows(row, "area_id", areas, "invalid_row");

  const permits = check.parse("permits", await load("permits", paths.permits), PermitSchema);
  const events = check.parse("events", await load("events", paths.events), GridEventSchema);
  const weather = check.parse("weather", await load("weather", paths.weather), WeatherSchema);
  return {
    meters: unique.map(({ record }) => record),
    permits: permits.filter(({ row }) => knowsMeter(row, "meter_id")).map(({ record }) => record),
    events: events
      .filter(({ row }) => knowsArea(row) && knowsMeter(row, "meter_id") && knowsMeter(row, "counterpart_meter_id"))
      .map(({ record }) => record),
    weather: weather.filter(({ row }) => knowsArea(row)).map(({ record }) => record),
  };
}

class RowChecker {
  private readonly onReject: OnFileReject;

  constructor(onReject: OnFileReject) {
    this.onReject = onReject;
  }

  parse<S extends z.ZodType>(format: FileFormatName, rows: readonly TableRow[], schema: S): { record: z.output<S>; row: TableRow }[] {
    const kinds: Record<string, { readonly kind: string }> = fileFormats[format];
    return rows.flatMap((row) => {
      const fields: Record<string, unknown> = {};
      for (const [column, cell] of Object.entries(row.cells)) {
        if (cell === null) continue;
        const isNumber = kinds[column].kind === "number";
        if (isNumber && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) {
          this.reject(row, column, "invalid_row", `${column} "${cell}" is not a number`);
          return [];
        }
        fields[toFieldName(column)] = isNumber ? Number(cell) : cell;
      }
      const parsed = schema.safeParse(fields);
      if (parsed.success) return [{ record: parsed.data, row }];
      const issue = parsed.error.issues[0];
      const column = toColumnName(String(issue.path[0]));
      const cell = row.cells[column] ?? null;
      this.reject(row, column, "invalid_row", cell === null ? `${column} is empty` : `${column} "${cell}": ${issue.message}`);
      return [];
    });
  }

  reject(row: TableRow, column: string, reason: RejectReason, detail: string): void {
    const text = Object.values(row.cells)
      .map((cell) => cell ?? "")
      .join(",");
    this.onReject({ file: row.file, line: row.line, column, reason, detail, text });
  }
}

/** "valid_from" -> "validFrom": the contracts' names differ from the files' columns only so. */
function toFieldName(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function toColumnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
