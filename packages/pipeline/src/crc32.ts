/** Eight tables of the reflected polynomial 0xedb88320: eight bytes a step, about ten times one table's speed. */
const tables = createTables();

function createTables(): Uint32Array[] {
  const all = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    all[0][byte] = crc;
  }
  for (let table = 1; table < 8; table++) {
    for (let byte = 0; byte < 256; byte++) all[table][byte] = (all[table - 1][byte] >>> 8) ^ all[0][all[table - 1][byte] & 255];
  }
  return all;
}

/** CRC-32 (that of zip and Ethernet) as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  const from = -bytes.byteOffset & 3;
  if (bytes.length < from + 8) return (crcOfBytes(-1, bytes, 0, bytes.length) ^ -1) >>> 0;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + from, ((bytes.length - from) >>> 3) * 2);
  const crc = crcOfWords(crcOfBytes(-1, bytes, 0, from), words);
  return (crcOfBytes(crc, bytes, from + words.byteLength, bytes.length) ^ -1) >>> 0;
}

function crcOfBytes(begun: number, bytes: Uint8Array, from: number, to: number): number {
  const t0 = tables[0];
  let crc = begun;
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]) & 255];
  return crc;
}

/** Two words a step, which must be little-endian, as on all machines that Node runs on: a load each, where bytes would take four. */
function crcOfWords(begun: number, words: Uint32Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = begun;
  for (let at = 0; at < words.length; at += 2) {
    const low = crc ^ words[at];
    const high = words[at + 1];
    crc =
      t7[low & 255] ^
      t6[(low >>> 8) & 255] ^
      t5[(low >>> 16) & 255] ^
      t4[low >>> 24] ^
      t3[high & 255] ^
      t2[(high >>> 8) & 255] ^
      t1[(high >>> 16) & 255] ^
      t0[high >>> 24];
  }
  return crc;
}
