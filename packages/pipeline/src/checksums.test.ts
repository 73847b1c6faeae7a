import { crc32 as zlibCrc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { crc32 } from "./crc32.ts";
import { hash64 } from "./hash64.ts";

function reference(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    for (const byte of [text.charCodeAt(at) & 255, text.charCodeAt(at) >> 8]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

describe("checksums", () => {
  it("CRC-32 is that of zlib, wherever in memory the bytes begin", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (all, from) => {
        const bytes = all.subarray(from);
        return crc32(bytes) === zlibCrc32(bytes);
      }),
    );
  });

  it("the 64-bit hash is FNV-1a over the UTF-16 code units", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => hash64(text) === reference(text)));
  });
});
