import { type FileFormatName, fileFormats } from "@hashwatt/contracts";
import { dataError } from "../exit-codes.ts";

/** The first record's cells of a CSV file's beginning, without byte order mark. Throws CliError where there is none. */
export function parseHeader(path: string, bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8").decode(bytes);
  const line = text.split(/\r?\n/, 1)[0];
  if (line.trim() === "") throw dataError(`${path}:1`, "is blank; the first line must name the columns");
  return splitHeader(line);
}

function splitHeader(line: string): string[] {
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)/y;
  while (cell.lastIndex < line.length || line.endsWith(",")) {
    const start = cell.lastIndex;
    const match = cell.exec(line);
    if (match === null) break;
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2]).trim());
    if (cell.lastIndex >= line.length && (start === line.length || !line.endsWith(","))) break;
  }
  return cells;
}

/** Column name -> position in the file (from 0). */
export type ColumnPositions = ReadonlyMap<string, number>;

/**
 * Where the format's columns stand, whatever their order or case; others are ignored.
 * Throws CliError naming every missing required column, or a column that appears twice.
 */
export function locateColumns(path: string, header: readonly string[], format: FileFormatName): ColumnPositions {
  const columns: Record<string, { readonly required: boolean }> = fileFormats[format];
  const positions = new Map<string, number>();
  for (const [position, cell] of header.entries()) {
    const name = cell.toLowerCase();
    if (!Object.hasOwn(columns, name)) continue;
    if (positions.has(name))
      throw dataError(`${path}:1`, `column ${name} appears twice (columns ${positions.get(name)! + 1} and ${position + 1})`);
    positions.set(name, position);
  }
  const missing = Object.keys(columns).filter((name) => columns[name].required && !positions.has(name));
  if (missing.length > 0) throw dataError(`${path}:1`, missingColumns(missing, header));
  return positions;
}

const shownHeaderCharacters = 200;

function missingColumns(missing: readonly string[], header: readonly string[]): string {
  const found = header.join(",").slice(0, shownHeaderCharacters);
  const advice = header.length === 1 && /[;\t|]/.test(found) ? "; the separator must be a comma" : "";
  return `${missing.length === 1 ? "column" : "columns"} ${missing.join(", ")} missing; the header is "${found}"${advice}`;
}
