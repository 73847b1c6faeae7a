import { globSync, statSync } from "node:fs";
import { dataError } from "../exit-codes.ts";

export interface InputFile {
  readonly path: string;
  readonly format: "csv" | "parquet";
  readonly compression: "none" | "gzip" | "zstd";
}

/**
 * The files of some paths and globs: in the order given, the matches of one glob in name order.
 * Throws CliError (data) where a path does not exist, is no file, or a glob matches nothing.
 */
export function findInputFiles(patterns: readonly string[]): InputFile[] {
  const paths = patterns.flatMap((pattern) => {
    if (isFile(pattern)) return [pattern];
    if (!/[*?[{]/.test(pattern)) throw dataError(pattern, "there is no such file");
    const matches = globSync(pattern).filter(isFile).toSorted();
    if (matches.length === 0) throw dataError(pattern, "matches no file");
    return matches;
  });
  return [...new Set(paths)].map(toInputFile);
}

function isFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw dataError(path, `is a folder; give its files, for example ${path.replace(/\/$/, "")}/*.csv`);
  return stats?.isFile() ?? false;
}

function toInputFile(path: string): InputFile {
  const lower = path.toLowerCase();
  if (lower.endsWith(".parquet")) return { path, format: "parquet", compression: "none" };
  const compression = lower.endsWith(".gz") ? "gzip" : lower.endsWith(".zst") ? "zstd" : "none";
  return { path, format: "csv", compression };
}
