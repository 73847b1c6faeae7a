import { availableParallelism } from "node:os";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type CliError, dataError } from "../exit-codes.ts";

export interface Duck {
  readonly connection: DuckDBConnection;
  close(): void;
}

/**
 * An in-memory DuckDB that only reads files. Two threads: one parses while the other hands over; more only fight the pipeline for the
 * cores. The 16 MB of streaming buffer let the parser run ahead (a third less wall time than with the default 1 MB). Rows keep
 * the order of the file: it is the arrival order.
 */
export async function openDuck(): Promise<Duck> {
  const threads = String(Math.min(2, availableParallelism()));
  const instance = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "true", memory_limit: "1GB" });
  const connection = await instance.connect();
  await connection.run("set streaming_buffer_size = '16MB'");
  // Instants of Parquet are shown in the session's zone, which by default is the machine's.
  await connection.run("set TimeZone = 'UTC'");
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** SQL text literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const bufferBytes = 8_000_000;

/**
 * `read_csv(...)` with columns c0, c1, ... of text. The order of columns is given by the header that was read before: `columns=`
 * names them by position whatever the header says. No sniffing: the type of a column must not depend on its first rows. No error is
 * passed over: only regular files come here. Buffers of 8 MB, not of 32, take 4 % less CPU time and less memory.
 */
export function csvSource(path: string, columnCount: number, maxRecordBytes: number): string {
  const columns = Array.from({ length: columnCount }, (_, i) => `'c${i}':'VARCHAR'`).join(",");
  return (
    `read_csv(${sqlText(escapeGlob(path))}, header=true, auto_detect=false, delim=',', quote='"', escape='"', ` +
    `hive_partitioning=false, max_line_size=${maxRecordBytes + 2}, buffer_size=${bufferBytes}, columns={${columns}})`
  );
}

/** A path in which DuckDB sees no pattern. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, (character) => `[${character}]`);
}

/** The first sentence of DuckDB's message, with the file in front. */
export function describeDuckError(path: string, error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.split("\n", 1)[0].replace(/^[A-Za-z ]+ Error: /, "");
  return dataError(path, `cannot be read: ${sentence}`, error);
}
