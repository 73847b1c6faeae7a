/**
 * Seeded generator (xoshiro128** over a splitmix32 start). A fork depends on the seed and its label only, never on how much was
 * drawn before, so that adding one event to a fleet changes nothing else in it.
 */
export interface Random {
  /** Uniform whole number in [0, 2^32). */
  bits(): number;
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform whole number in [0, count). */
  integer(count: number): number;
  /** Standard normal. */
  normal(): number;
  /** One item. Throws RangeError on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** An independent generator of the same seed. */
  fork(label: string): Random;
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** xoshiro128**, as a closure over its four words. */
function createBits(seed: string): () => number {
  let start = hashText(seed);
  const word = () => {
    start = (start + 0x9e3779b9) | 0;
    let mixed = Math.imul(start ^ (start >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let a = word();
  let b = word();
  let c = word();
  let d = word();
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

/** Generator of a seed. The same seed and label give the same numbers on every machine. */
export function createRandom(seed: number | string, label = ""): Random {
  const bits = createBits(`${seed}/${label}`);
  const next = () => bits() / 4294967296;
  let spare = Number.NaN;
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    let x: number;
    let y: number;
    let square: number;
    do {
      x = 2 * next() - 1;
      y = 2 * next() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * scale;
    return x * scale;
  };
  const integer = (count: number) => Math.floor(next() * count);
  return {
    bits,
    next,
    normal,
    integer,
    between: (low, high) => low + (high - low) * next(),
    pick: (items) => {
      if (items.length === 0) throw new RangeError("cannot pick from an empty list");
      return items[integer(items.length)];
    },
    shuffle: (items) => {
      const copy = items.slice();
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [copy[i], copy[j]] = [copy[j], copy[i]];
      }
      return copy;
    },
    fork: (child) => createRandom(seed, `${label}/${child}`),
  };
}
