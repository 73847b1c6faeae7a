import { crc32 } from "./crc32.ts";
import { textOfUtf8, utf8Bytes } from "./utf8.ts";

/**
 * Bytes of a snapshot. Header of 48 bytes: "HWGH" (history) or "HWGR" (recent), format version, body length and CRC-32 of the body (uint32),
 * registry digest and settings digest (16 hex digits each). Little-endian throughout; columns are copied raw, as the machine holds them.
 */
export interface SnapshotHeader {
  readonly kind: "history" | "recent";
  /** Of the group's part of the registry, and of all settings that decide results. */
  readonly registryDigest: string;
  readonly settingsDigest: string;
}

/** A snapshot that must not be used here. The message says what differs. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}

const formatVersion = 1;
const headerBytes = 48;
const magics = { history: "HWGH", recent: "HWGR" } as const;

/** Collects columns without copying them; `finish` copies each once. */
export interface SnapshotWriter {
  /** Float64 numbers. */
  numbers(...values: number[]): void;
  /** Length, then the bytes. */
  bytes(bytes: Uint8Array): void;
  text(text: string): void;
  /** A column of known length, raw. It must not change until `finish`. */
  column(column: ArrayBufferView): void;
  finish(header: SnapshotHeader): Uint8Array;
}

export function createSnapshotWriter(): SnapshotWriter {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    parts.push(part);
    length += part.length;
  };
  const numbers = (...values: number[]): void => add(new Uint8Array(Float64Array.from(values).buffer));
  const bytes = (block: Uint8Array): void => {
    numbers(block.length);
    add(block);
  };
  return {
    numbers,
    bytes,
    text: (text) => bytes(utf8Bytes(text)),
    column: (column) => add(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
    finish({ kind, registryDigest, settingsDigest }) {
      const all = new Uint8Array(headerBytes + length);
      let at = headerBytes;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      all.set(utf8Bytes(magics[kind]));
      all.set(utf8Bytes(registryDigest + settingsDigest), 16);
      const words = new DataView(all.buffer);
      words.setUint32(4, formatVersion, true);
      words.setUint32(8, length, true);
      words.setUint32(12, crc32(all.subarray(headerBytes)), true);
      return all;
    },
  };
}

/** Reads in the order of writing. */
export interface SnapshotReader {
  number(): number;
  bytes(): Uint8Array;
  text(): string;
  /** Fills a column of the length that was written. */
  column(column: ArrayBufferView): void;
  /** Throws SnapshotError where something is left over. */
  end(): void;
}

/** Throws SnapshotError where the bytes are damaged or were written by another version, for another registry or other settings. */
export function createSnapshotReader(snapshot: Uint8Array, expected: SnapshotHeader): SnapshotReader {
  const fail = (what: string): never => {
    throw new SnapshotError(`This ${expected.kind} snapshot cannot be restored: ${what}.`);
  };
  if (snapshot.length < headerBytes) fail(`it has ${snapshot.length} bytes, fewer than its header of ${headerBytes}`);
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  const magic = textOfUtf8(snapshot.subarray(0, 4));
  if (magic !== magics[expected.kind]) fail(`it begins with "${magic}" where "${magics[expected.kind]}" is expected`);
  const version = view.getUint32(4, true);
  if (version !== formatVersion) fail(`its format version is ${version}, this program reads ${formatVersion}`);
  const registry = textOfUtf8(snapshot.subarray(16, 32));
  if (registry !== expected.registryDigest) fail(`its meters (digest ${registry}) are not the registry's (${expected.registryDigest})`);
  const settings = textOfUtf8(snapshot.subarray(32, 48));
  if (settings !== expected.settingsDigest) fail(`its settings (digest ${settings}) are not the present ones (${expected.settingsDigest})`);
  const length = view.getUint32(8, true);
  if (snapshot.length !== headerBytes + length) fail(`it has ${snapshot.length - headerBytes} bytes of content, its header says ${length}`);
  if (crc32(snapshot.subarray(headerBytes)) !== view.getUint32(12, true)) fail("its content is damaged (CRC-32 differs)");

  let at = headerBytes;
  const take = (size: number): number => {
    if (!(size >= 0 && at + size <= snapshot.length)) fail(`its content ends before the ${size} bytes that are due at ${at}`);
    at += size;
    return at - size;
  };
  const number = (): number => view.getFloat64(take(8), true);
  const bytes = (): Uint8Array => {
    const size = number();
    const from = take(size);
    return snapshot.subarray(from, from + size);
  };
  return {
    number,
    bytes,
    text: () => textOfUtf8(bytes()),
    column(column) {
      const from = take(column.byteLength);
      new Uint8Array(column.buffer, column.byteOffset, column.byteLength).set(snapshot.subarray(from, from + column.byteLength));
    },
    end() {
      if (at !== snapshot.length) fail(`${snapshot.length - at} bytes are left over`);
    },
  };
}
