import type { DuckDBConnection } from "@duckdb/node-api";
import { type FileFormatName, fileFormats } from "@hashwatt/contracts";
import { CliError } from "../exit-codes.ts";
import { type ColumnPositions, locateColumns } from "./csv-header.ts";
import { scanCsv } from "./csv-scan.ts";
import { CsvWalker, cellsOf } from "./csv-walker.ts";
import { describeDuckError, escapeGlob, sqlName, sqlText } from "./duck.ts";
import type { InputFile } from "./input-files.ts";
import type { OnFileReject } from "./rejects.ts";

/** One row of a small file: cells by the format's column names, trimmed; null = empty or no such column. */
export interface TableRow {
  readonly file: string;
  /** Physical line from 1 (Parquet: row from 1). */
  readonly line: number;
  readonly cells: Readonly<Record<string, string | null>>;
}

/**
 * All rows of meters, permits, events or weather files as text, with their lines. Malformed rows go to `onReject`.
 * Throws CliError (data) where a file cannot be used.
 */
export async function readTable(
  duck: DuckDBConnection,
  format: FileFormatName,
  files: readonly InputFile[],
  onReject: OnFileReject,
): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const file of files) {
    const read = file.format === "csv" ? await readCsv(format, file, onReject) : await readParquet(duck, format, file.path);
    for (const row of read) rows.push(row);
  }
  return rows;
}

async function readCsv(format: FileFormatName, file: InputFile, onReject: OnFileReject): Promise<TableRow[]> {
  const { path } = file;
  const scan = await scanCsv(file);
  const positions = locateColumns(path, scan.header, format);
  const rows: TableRow[] = [];
  const walker = new CsvWalker(file, scan);
  for (let records = await walker.next(); records !== null; records = await walker.next()) {
    for (const { line, bytes, fault } of records) {
      if (fault === null) rows.push({ file: path, line, cells: pickCells(positions, cellsOf(bytes)) });
      else
        onReject({ file: path, line, column: null, reason: "invalid_row", detail: fault, text: bytes.subarray(0, 500).toString("utf8") });
    }
  }
  return rows;
}

async function readParquet(duck: DuckDBConnection, format: FileFormatName, path: string): Promise<TableRow[]> {
  const source = `read_parquet(${sqlText(escapeGlob(path))}, hive_partitioning=false)`;
  try {
    const described = (await (await duck.run(`describe select * from ${source}`)).getRows()) as [string, string][];
    const header = described.map(([name]) => name.trim());
    const positions = locateColumns(path, header, format);
    const kinds: Record<string, { readonly kind: string }> = fileFormats[format];
    const expressions = described.map(([column, type], position) => {
      const isInstant = kinds[header[position].toLowerCase()]?.kind === "instant" && /^(TIMESTAMP|DATE)/.test(type);
      return isInstant ? `strftime(${sqlName(column)}::timestamp, '%Y-%m-%dT%H:%M:%SZ')` : `${sqlName(column)}::varchar`;
    });
    const result = await duck.run(`select ${expressions.join(",")} from ${source}`);
    const rows = (await result.getRows()) as (string | null)[][];
    return rows.map((row, index) => ({ file: path, line: index + 1, cells: pickCells(positions, row) }));
  } catch (error) {
    throw error instanceof CliError ? error : describeDuckError(path, error);
  }
}

function pickCells(positions: ColumnPositions, row: readonly (string | null)[]): Record<string, string | null> {
  const cells: Record<string, string | null> = {};
  for (const [name, position] of positions) {
    const cell = row[position]?.trim() ?? "";
    cells[name] = cell === "" ? null : cell;
  }
  return cells;
}
