import { createRequire } from "node:module";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import kafkajs from "kafkajs";

/** Both come without types. */
const require = createRequire(import.meta.url);
const snappy = require("snappyjs") as { uncompress(block: Buffer): Buffer; compress(block: Buffer): Buffer };
const lz4 = require("lz4js") as { decompress(frame: Uint8Array): Uint8Array; compress(content: Uint8Array): Uint8Array };

const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);

/**
 * kafkajs has only gzip built in and ends the consumer on any other compression: one producer that compresses otherwise would stop
 * a partition for good. Zstd is Node's own.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => compressZstd(buffer),
    decompress: (buffer: Buffer) => decompressZstd(buffer),
  });
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => snappy.compress(buffer),
    decompress: async (buffer: Buffer) => uncompressSnappy(buffer),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => viewOf(lz4.compress(buffer)),
    decompress: async (buffer: Buffer) => viewOf(lz4.decompress(buffer)),
  });
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}

/** What Java clients put before the blocks: magic, version, lowest compatible version. Others send one bare block. */
const javaMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const javaHeaderBytes = javaMagic.length + 8;

function uncompressSnappy(buffer: Buffer): Buffer {
  if (!buffer.subarray(0, javaMagic.length).equals(javaMagic)) return snappy.uncompress(buffer);
  const blocks: Buffer[] = [];
  for (let at = javaHeaderBytes; at < buffer.length; ) {
    const size = buffer.readUInt32BE(at);
    blocks.push(snappy.uncompress(buffer.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}
