import { readFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  type Calibration,
  CalibrationSchema,
  type FileFormatName,
  fileFormats,
  type GridEvent,
  GridEventSchema,
  type Meter,
  MeterSchema,
  type Permit,
  PermitSchema,
  type Weather,
  WeatherSchema,
} from "@hashwatt/contracts";
import { ConfigError } from "@hashwatt/runtime";
import { parse } from "csv-parse/sync";
import type { z } from "zod";

/** The small files beside the readings. */
export interface RegistryFiles {
  readonly meters: Meter[];
  readonly permits: Permit[];
  readonly events: GridEvent[];
  readonly weather: Weather[];
  readonly calibration: Calibration | undefined;
}

export interface RegistryPaths {
  readonly METERS_FILE: string;
  readonly PERMITS_FILE?: string | undefined;
  readonly EVENTS_FILE?: string | undefined;
  readonly WEATHER_FILE?: string | undefined;
  readonly CALIBRATION_FILE?: string | undefined;
}

/** Problems told at once; more are counted. */
const problemLimit = 50;

/**
 * Reads the CSV files (plain, .gz, .zst). A service is configuration away from its files, so unlike replay it refuses to start on a bad row
 * rather than going on without a meter or a permit. Throws ConfigError with file, line and column of every problem.
 */
export function readRegistryFiles(paths: RegistryPaths): RegistryFiles {
  const problems: string[] = [];
  const read = <S extends z.ZodType>(format: FileFormatName, path: string | undefined, schema: S) =>
    path === undefined ? [] : readRows(format, path, schema, problems);
  const meters = read("meters", paths.METERS_FILE, MeterSchema);
  if (meters.length === 0 && problems.length === 0) problems.push(`${paths.METERS_FILE}: holds no meter`);
  const meterIds = new Set(meters.map(({ meterId }) => meterId));
  const areaIds = new Set(meters.map(({ areaId }) => areaId));
  const files = {
    meters,
    permits: read("permits", paths.PERMITS_FILE, PermitSchema).filter(({ meterId }) => meterIds.has(meterId)),
    events: read("events", paths.EVENTS_FILE, GridEventSchema).filter(
      ({ areaId, meterId, counterpartMeterId }) =>
        (areaId === null || areaIds.has(areaId)) && [meterId, counterpartMeterId].every((id) => id === null || meterIds.has(id)),
    ),
    weather: read("weather", paths.WEATHER_FILE, WeatherSchema).filter(({ areaId }) => areaIds.has(areaId)),
    calibration: readCalibration(paths.CALIBRATION_FILE, problems),
  };
  if (problems.length > problemLimit) problems.splice(problemLimit, Infinity, `and ${problems.length - problemLimit} more`);
  if (problems.length > 0) throw new ConfigError(problems);
  return files;
}

function readCalibration(path: string | undefined, problems: string[]): Calibration | undefined {
  if (path === undefined) return undefined;
  try {
    const parsed = CalibrationSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (parsed.success) return parsed.data;
    const { path: place, message } = parsed.error.issues[0];
    problems.push(`${path}: ${place.join(".")}: ${message}`);
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function readRows<S extends z.ZodType>(format: FileFormatName, path: string, schema: S, problems: string[]): z.output<S>[] {
  const columns: Record<string, { readonly kind: string; readonly required: boolean }> = fileFormats[format];
  let rows: CsvRow[];
  try {
    rows = parseCsv(path);
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  const missing = rows.length === 0 ? [] : Object.keys(columns).filter((name) => columns[name].required && !(name in rows[0].record));
  if (missing.length > 0) {
    problems.push(`${path}: has no column ${missing.join(", ")}`);
    return [];
  }
  return rows.flatMap(({ record, info }) => {
    const fields: Record<string, unknown> = {};
    for (const [name, { kind }] of Object.entries(columns)) {
      const cell = record[name] ?? "";
      if (cell !== "") fields[fieldName(name)] = kind === "number" ? Number(cell) : cell;
    }
    const parsed = schema.safeParse(fields);
    if (parsed.success) return [parsed.data];
    const issue = parsed.error.issues[0];
    const column = columnName(String(issue.path[0]));
    problems.push(`${path}, line ${info.lines}, column ${column}: ${issue.message} (it is "${record[column] ?? ""}")`);
    return [];
  });
}

function parseCsv(path: string): CsvRow[] {
  const bytes = readFileSync(path);
  const text = path.endsWith(".gz") ? gunzipSync(bytes) : path.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
  return parse(text, { columns: true, bom: true, info: true, skip_empty_lines: true }) as unknown as CsvRow[];
}

/** "valid_from" -> "validFrom": the contracts' names differ from the files' columns only so. */
function fieldName(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
