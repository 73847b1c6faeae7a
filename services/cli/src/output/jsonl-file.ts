import { closeSync, openSync, writeSync } from "node:fs";
import { CliError, exitCodes } from "../exit-codes.ts";

/** Lines are joined to pieces of this size before they are written: one write a reject would be slower than reading the row. */
const pieceCharacters = 65_536;

export interface JsonlFile {
  readonly path: string;
  readonly lines: number;
  write(record: unknown): void;
  close(): void;
}

/** Begins a file of JSON lines anew. Throws CliError (usage) where it cannot be written. */
export function createJsonlFile(path: string): JsonlFile {
  const descriptor = openForWriting(path);
  let piece = "";
  let lines = 0;
  const flush = (): void => {
    const bytes = Buffer.from(piece);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    piece = "";
  };
  return {
    path,
    get lines() {
      return lines;
    },
    write(record) {
      piece += `${JSON.stringify(record)}\n`;
      lines++;
      if (piece.length >= pieceCharacters) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

function openForWriting(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}
