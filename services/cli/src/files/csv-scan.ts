import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { CliError, dataError } from "../exit-codes.ts";
import { parseHeader } from "./csv-header.ts";
import { CsvShape } from "./csv-shape.ts";
import type { InputFile } from "./input-files.ts";

/** What one pass over a CSV file's bytes proves before anything of it is used. */
export interface CsvScan {
  readonly header: readonly string[];
  /** Records after the header, blank lines not counted: what the reader must account for. */
  readonly records: number;
  /** No stray quote, all UTF-8, one kind of line end, no endless row (see CsvShape): only such files are given to DuckDB. */
  readonly isRegular: boolean;
}

/** A reading takes some 50 bytes; a record of more than a million is no record but damage. */
export const maxRecordBytes = 1_000_000;

/** Enough for any header, so that it can be read before the rest. */
const headerBytes = 65_536;

/**
 * Reads the whole file once, decompressing it, counts its records and looks whether they are regular.
 *
 * Why a pass of our own when DuckDB reads the file anyway: DuckDB takes a truncated or damaged .gz or .zst as complete. It leaves out
 * a record longer than its limit without a word. Once it may pass over malformed rows it loses good rows behind some of them too, and where
 * it is asked to keep them it holds all in memory (8.7 GB for five million). So Node's zlib checks length and checksum of every
 * member, the count of records proves that each was delivered, and DuckDB stops at the first malformed row, from where on we walk
 * through the file ourselves (walk-readings.ts). The pass takes a twelfth of the time of the reading (plain) or a fifth (gzip).
 * Throws CliError (data) where the file cannot be used.
 */
export async function scanCsv(file: InputFile): Promise<CsvScan> {
  const shape = new CsvShape(file.path, maxRecordBytes);
  const head: Buffer[] = [];
  let headLength = 0;
  try {
    for await (const chunk of file.compression === "none" ? readPlain(file.path) : (openDecompressed(file) as AsyncIterable<Buffer>)) {
      if (headLength < headerBytes) {
        head.push(Buffer.from(chunk.subarray(0, headerBytes - headLength)));
        headLength += head.at(-1)!.length;
      }
      shape.add(chunk);
      if (file.compression !== "none") release(chunk);
    }
  } catch (error) {
    throw describeStreamError(file, error);
  }
  if (headLength === 0) throw dataError(file.path, "is empty; its first line must name the columns");
  const { records, isRegular } = shape.finish();
  return { isRegular, header: parseHeader(file.path, Buffer.concat(head)), records: records - 1 };
}

/** Small enough for the cache of a core, large enough that the hand-over between threads costs nothing. */
const chunkSize = 262_144;

/** The bytes of a file through one buffer: a chunk is good until the next. Fresh buffers would double the time of a scan's reading. */
async function* readPlain(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(chunkSize);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkSize);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * Gives the memory of a decompressor's chunk back at once. Left to the garbage collector, which runs a full collection for each 32 MB, chunks
 * cost as much as the decompression itself. Kept are a buffer with room left, which is still written to, and one small enough to be
 * Node's pool, which others share.
 */
function release(chunk: Buffer): void {
  const { buffer } = chunk;
  if (buffer.byteLength >= chunkSize && chunk.byteOffset + chunk.length === buffer.byteLength) (buffer as ArrayBuffer).transfer(0);
}

/** The file's bytes without their compression; several gzip members or zstd frames are joined. */
export function openDecompressed(file: InputFile): Readable {
  const source = createReadStream(file.path, { highWaterMark: chunkSize });
  if (file.compression === "none") return source;
  const decompressor = file.compression === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  source.once("error", (error) => decompressor.destroy(error));
  return source.pipe(decompressor);
}

function describeStreamError(file: InputFile, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR")
    return dataError(file.path, `the ${file.compression} data ends too early: the file is cut off; nothing of it was used`);
  if (/incorrect header check|Unknown frame descriptor/.test(message)) {
    return dataError(file.path, `holds bytes that are not ${file.compression} data, against its name`);
  }
  if (code.startsWith("Z_") || code.startsWith("ZSTD_")) {
    return dataError(file.path, `the ${file.compression} data is damaged (${message}); nothing of it was used`);
  }
  if (code === "EACCES" || code === "EIO" || code === "ENOENT") return dataError(file.path, `cannot be read (${code})`);
  throw error;
}
