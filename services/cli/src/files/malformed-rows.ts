import type { DuckDBConnection } from "@duckdb/node-api";
import { type CsvScan, maxRecordBytes } from "./csv-scan.ts";
import { csvSource, maxStoredRejects, sqlName } from "./duck.ts";
import { physicalLine } from "./line-finder.ts";

/** A row whose cells could not be told apart: wrong number of cells, stray quotes, bytes that are not UTF-8, endless. */
export interface MalformedRow {
  readonly line: number;
  readonly detail: string;
  readonly text: string | null;
}

/** Longest piece of a row's text kept. */
const textCharacters = 500;

/**
 * The malformed rows of a CSV file, by line. A second scan, done only when the first delivered fewer rows than the file has: the
 * first one leaves them out, so that a file of nothing but malformed rows does not fill the memory.
 * `columns` are the ones the first scan used: bytes that are not UTF-8 count only in those.
 */
export async function findMalformedRows(
  duck: DuckDBConnection,
  path: string,
  scan: CsvScan,
  columns: readonly string[],
): Promise<MalformedRow[]> {
  const table = "malformed_rows";
  const source = csvSource({
    path,
    columnCount: scan.header.length,
    maxRecordBytes,
    mixedLineEnds: scan.mixedLineEnds,
    rejectsTable: table,
  });
  await duck.run(`select ${columns.map((column) => `count(${column})`).join(",")} from ${source}`);
  const result = await duck.runAndReadAll(
    `select line::double, first(error_type::varchar), first(error_message), first(left(csv_line, ${textCharacters}))
     from ${sqlName(table)} group by line order by line limit ${maxStoredRejects}`,
  );
  await duck.run(`drop table ${sqlName(table)}; drop table ${sqlName(`${table}_scan`)}`);

  const rows = new Map<number, MalformedRow>();
  for (const { line, bytes } of scan.longLines) {
    rows.set(line, { line, detail: `the row is ${bytes} bytes long; the limit is ${maxRecordBytes}`, text: null });
  }
  for (const [duckLine, kind, message, text] of result.getRows() as [number, string, string, string | null][]) {
    const line = physicalLine(duckLine, scan.continuationLines);
    if (!rows.has(line)) rows.set(line, { line, detail: describe(kind, message, scan.header.length), text: text?.trim() ?? null });
  }
  return [...rows.values()].toSorted((a, b) => a.line - b.line);
}

function describe(kind: string, message: string, cells: number): string {
  switch (kind) {
    case "MISSING COLUMNS":
      return `the row has fewer cells than the header (${cells})`;
    case "TOO MANY COLUMNS":
      return `the row has more cells than the header (${cells})`;
    case "UNQUOTED VALUE":
      return "a quoted cell does not end where its quote ends";
    case "INVALID ENCODING":
      return "the row holds bytes that are not UTF-8";
    default:
      return message.split("\n", 1)[0];
  }
}
