import { promisify } from "node:util";
import { zstdDecompress, zstdDecompressSync } from "node:zlib";
import { decodeChunk, type PieceKind } from "./chunk.ts";
import { type Manifest, ManifestSchema, type PieceRef } from "./manifest.ts";

const decompress = promisify(zstdDecompress);

/** zlib's lower limit. */
const smallestChunk = 64;

interface Piece {
  readonly payloads: Buffer[];
  readonly unpackedBytes: number;
  missing: number;
}

export interface GroupSnapshot {
  readonly group: string;
  readonly history: Uint8Array;
  readonly recent: Uint8Array;
}

/**
 * Collects the records of a state partition and finds the snapshots that are whole. Records of dead writers, of snapshots that were
 * never finished and damaged ones are passed over: only what a manifest names counts.
 */
export interface SnapshotAssembly {
  readonly add: (record: Buffer | null) => void;
  /** Manifests whose pieces are all there and undamaged, the latest reading first. */
  readonly completeManifests: () => Manifest[];
  /** How many manifests were seen, whole or not. */
  readonly manifestCount: number;
  /** Unpacks. Throws Error where a piece does not unpack. */
  readonly load: (manifest: Manifest) => Promise<GroupSnapshot[]>;
}

export function createSnapshotAssembly(): SnapshotAssembly {
  const pieces = new Map<string, Piece>();
  const manifests: Manifest[] = [];
  let manifestCount = 0;

  const pieceOf = (kind: PieceKind, group: string, ref: PieceRef) => pieces.get(pieceKey(ref.snapshotId, kind, group));
  const isWhole = (piece: Piece | undefined) => piece !== undefined && piece.missing === 0;

  return {
    add(record) {
      const chunk = decodeChunk(record);
      if (chunk === undefined) return;
      const { header, payload } = chunk;
      if (header.kind === "manifest") {
        manifestCount++;
        const manifest = parseManifest(payload);
        if (manifest !== undefined) manifests.push(manifest);
        return;
      }
      const key = pieceKey(header.snapshotId, header.kind, header.group);
      const piece = pieces.get(key) ?? { payloads: [], unpackedBytes: header.unpackedBytes, missing: header.count };
      if (piece.payloads[header.index] === undefined) piece.missing--;
      piece.payloads[header.index] = payload;
      pieces.set(key, piece);
    },
    completeManifests: () =>
      manifests
        .filter(({ groups }) =>
          Object.entries(groups).every(
            ([group, { history, recent }]) => isWhole(pieceOf("recent", group, recent)) && isWhole(pieceOf("history", group, history)),
          ),
        )
        // The sort is stable: of two at the same reading the one written later is first.
        .toReversed()
        .toSorted((a, b) => b.nextOffset - a.nextOffset),
    get manifestCount() {
      return manifestCount;
    },
    // All at once: zlib unpacks on threads of its own.
    load: (manifest) =>
      Promise.all(
        Object.entries(manifest.groups).map(async ([group, { history, recent }]) => {
          const packed = [pieceOf("history", group, history)!, pieceOf("recent", group, recent)!];
          const [unpackedHistory, unpackedRecent] = await Promise.all(packed.map(unpack));
          return { group, history: unpackedHistory, recent: unpackedRecent };
        }),
      ),
  };
}

function pieceKey(snapshotId: string, kind: PieceKind, group: string): string {
  return `${snapshotId}/${kind}/${group}`;
}

function parseManifest(payload: Buffer): Manifest | undefined {
  try {
    const parsed = ManifestSchema.safeParse(JSON.parse(zstdDecompressSync(payload).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Into one buffer, with room to spare (a full one would make zlib ask for a second and join the two): pieces of 16 KB, zlib's own size, cost
 * a third of a restore in collecting garbage. Not as a Buffer, whose `slice` does not copy.
 */
async function unpack({ payloads, unpackedBytes }: Piece): Promise<Uint8Array> {
  const packed = payloads.length === 1 ? payloads[0] : Buffer.concat(payloads);
  const unpacked = await decompress(packed, { chunkSize: unpackedBytes + smallestChunk });
  return new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
}
