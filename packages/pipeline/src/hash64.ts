/**
 * 64-bit FNV-1a as 16 hex digits, over the UTF-16 code units of a text, low byte first. Two 32-bit halves, because a BigInt
 * multiplication costs about 50 times as much. Prime 2^40 + 0x1b3: the first term only reaches the high half.
 */
export function hash64(text: string): string {
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  for (let at = 0; at < text.length * 2; at++) {
    const unit = text.charCodeAt(at >> 1);
    low = (low ^ (at & 1 ? unit >>> 8 : unit & 255)) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return hex8(high) + hex8(low);
}

function hex8(word: number): string {
  return word.toString(16).padStart(8, "0");
}
