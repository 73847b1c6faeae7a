import { crc32 } from "node:zlib";

/** Bumped when the layout of the records on the state topic changes. */
const chunkVersion = 2;

/** Largest payload of a record. With its header it stays below Kafka's default limit of 1 MB a message. */
export const chunkBytes = 800_000;

export type PieceKind = "history" | "recent" | "manifest";

/** Says of a record on the state topic what it is; it is written before the payload, so that records explain themselves. */
export interface ChunkHeader {
  readonly version: number;
  readonly snapshotId: string;
  readonly kind: PieceKind;
  /** Peer group; "" for a manifest. */
  readonly group: string;
  /** This record is number `index` of `count` of the piece. */
  readonly index: number;
  readonly count: number;
  /** Of the whole piece: to unpack it into one buffer of the right size. */
  readonly unpackedBytes: number;
  /** Of the payload: kafkajs does not check what it fetches. */
  readonly crc32: number;
}

export interface Chunk {
  readonly header: ChunkHeader;
  readonly payload: Buffer;
}

/** Largest record as it may become: payload and header. */
export const recordBytes = chunkBytes + 2_000;

/** Splits a piece into records: length of the header (4 bytes), header (JSON), payload. An empty piece is one record. */
export function encodeChunks(piece: Pick<ChunkHeader, "snapshotId" | "kind" | "group" | "unpackedBytes">, content: Uint8Array): Buffer[] {
  const count = Math.max(1, Math.ceil(content.length / chunkBytes));
  return Array.from({ length: count }, (_, index) => {
    const payload = content.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    const header: ChunkHeader = { version: chunkVersion, ...piece, index, count, crc32: crc32(payload) };
    const head = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(head.length);
    return Buffer.concat([length, head, payload]);
  });
}

/** Reads a record back; undefined where it is none of ours, of another version, or damaged. */
export function decodeChunk(record: Buffer | null): Chunk | undefined {
  if (record === null || record.length < 4) return undefined;
  const headEnd = 4 + record.readUInt32BE(0);
  if (headEnd > record.length) return undefined;
  let header: ChunkHeader;
  try {
    header = JSON.parse(record.toString("utf8", 4, headEnd)) as ChunkHeader;
  } catch {
    return undefined;
  }
  const payload = record.subarray(headEnd);
  return header.version === chunkVersion && header.crc32 === crc32(payload) ? { header, payload } : undefined;
}
