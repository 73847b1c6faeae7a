import { type FileFormatName, fileFormats } from "@hashwatt/contracts";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CliError } from "../exit-codes.ts";
import { locateColumns } from "./csv-header.ts";
import { type CsvScan, maxRecordBytes, scanCsv } from "./csv-scan.ts";
import { csvSource, describeDuckError, escapeGlob, spareColumn, sqlName, sqlText } from "./duck.ts";
import type { InputFile } from "./input-files.ts";
import { LineFinder } from "./line-finder.ts";
import { findMalformedRows } from "./malformed-rows.ts";
import type { OnFileReject } from "./rejects.ts";

/** One row of a small file: cells by the format's column names, trimmed; null = empty or no such column. */
export interface TableRow {
  readonly file: string;
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
    try {
      rows.push(...(file.format === "csv" ? await readCsv(duck, format, file, onReject) : await readParquet(duck, format, file.path)));
    } catch (error) {
      throw error instanceof CliError ? error : describeDuckError(file.path, error);
    }
  }
  return rows;
}

async function readCsv(duck: DuckDBConnection, format: FileFormatName, file: InputFile, onReject: OnFileReject): Promise<TableRow[]> {
  const { path } = file;
  const scan = await scanCsv(file);
  const positions = locateColumns(path, scan.header, format);
  const names = [...positions.keys()];
  const shape = { path, columnCount: scan.header.length, maxRecordBytes, mixedLineEnds: scan.mixedLineEnds };
  const spare = spareColumn(shape);
  const columns = [...positions.values()].map((position) => `c${position}`);
  const selected = spare === undefined ? columns : [...columns, spare];
  const cells = await fetchText(duck, `select ${selected.join(",")} from ${csvSource(shape)}`);
  const malformed = cells.length === scan.records ? [] : await findMalformedRows(duck, path, scan, selected);
  for (const { line, detail, text } of malformed) onReject({ file: path, line, column: null, reason: "invalid_row", detail, text });
  const unexplained = scan.records - cells.length - malformed.length;
  if (unexplained > 0) {
    onReject({
      file: path,
      line: null,
      column: null,
      reason: "invalid_row",
      detail: `${unexplained} rows were not delivered by the CSV reader`,
      text: null,
    });
  }
  const finder = new LineFinder(skippedLines(scan, malformed));
  const rows = cells.map((row, record) => ({
    file: path,
    line: finder.lineOf(record),
    cells: toCells(names, row),
    surplus: row[names.length],
  }));
  return rows.filter(({ line, surplus }, record) => {
    if (surplus === undefined || surplus === null) return true;
    onReject({
      file: path,
      line,
      column: null,
      reason: "invalid_row",
      detail: "the row has more cells than the header",
      text: cells[record].join(","),
    });
    return false;
  });
}

function skippedLines(scan: CsvScan, malformed: readonly { readonly line: number }[]): number[] {
  return [...scan.blankLines, ...scan.continuationLines, ...malformed.map(({ line }) => line)];
}

async function readParquet(duck: DuckDBConnection, format: FileFormatName, path: string): Promise<TableRow[]> {
  const source = `read_parquet(${sqlText(escapeGlob(path))}, hive_partitioning=false)`;
  const described = (await (await duck.run(`describe select * from ${source}`)).getRows()) as [string, string][];
  const positions = locateColumns(
    path,
    described.map(([name]) => name.trim()),
    format,
  );
  const kinds: Record<string, { readonly kind: string }> = fileFormats[format];
  const expressions = [...positions].map(([name, position]) => {
    const [column, type] = described[position];
    const instant = kinds[name].kind === "instant" && /^(TIMESTAMP|DATE)/.test(type);
    return instant ? `strftime(${sqlName(column)}::timestamp, '%Y-%m-%dT%H:%M:%SZ')` : `${sqlName(column)}::varchar`;
  });
  const names = [...positions.keys()];
  const rows = await fetchText(duck, `select ${expressions.join(",")} from ${source}`);
  return rows.map((row, index) => ({ file: path, line: index + 1, cells: toCells(names, row) }));
}

async function fetchText(duck: DuckDBConnection, sql: string): Promise<(string | null)[][]> {
  return (await (await duck.run(sql)).getRows()) as (string | null)[][];
}

function toCells(names: readonly string[], row: readonly (string | null)[]): Record<string, string | null> {
  return Object.fromEntries(
    names.map((name, i) => {
      const cell = row[i]?.trim() ?? "";
      return [name, cell === "" ? null : cell];
    }),
  );
}
