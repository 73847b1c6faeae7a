/** Finds the row of a key by its bytes, without making a string: open addressing over one block of key bytes. */
export interface ByteKeyTable {
  /** Row of the key bytes[start..end), -1 where there is none. */
  find(bytes: Uint8Array, start: number, end: number): number;
}

/** FNV-1a with a final mix, because ids that differ in the last digit only would else fill neighbouring cells. */
function hash32(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return hash ^ (hash >>> 15);
}

/** Table of distinct keys; row = position in `keys`. At most half full, so that a search ends after about 1.5 probes. */
export function createByteKeyTable(keys: readonly Uint8Array[]): ByteKeyTable {
  let size = 16;
  while (size < keys.length * 2) size *= 2;
  const mask = size - 1;
  const cells = new Int32Array(size).fill(-1);
  const offsets = new Int32Array(keys.length + 1);
  for (let row = 0; row < keys.length; row++) offsets[row + 1] = offsets[row] + keys[row].length;
  const block = new Uint8Array(offsets[keys.length]);
  for (let row = 0; row < keys.length; row++) {
    block.set(keys[row], offsets[row]);
    let cell = hash32(keys[row], 0, keys[row].length) & mask;
    while (cells[cell] >= 0) cell = (cell + 1) & mask;
    cells[cell] = row;
  }

  const isKey = (row: number, bytes: Uint8Array, start: number, end: number): boolean => {
    const from = offsets[row];
    if (offsets[row + 1] - from !== end - start) return false;
    for (let at = start; at < end; at++) if (block[from + at - start] !== bytes[at]) return false;
    return true;
  };
  return {
    find(bytes, start, end) {
      let cell = hash32(bytes, start, end) & mask;
      for (let row = cells[cell]; row >= 0; row = cells[cell]) {
        if (isKey(row, bytes, start, end)) return row;
        cell = (cell + 1) & mask;
      }
      return -1;
    },
  };
}
