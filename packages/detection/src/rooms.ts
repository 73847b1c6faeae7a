/**
 * Columns of fits that were dropped, for the next ones: a refit of ten meters fills 270 KB, and a year's refits of 100 groups would
 * allocate 1.5 GB outside the heap, which keeps the garbage collector marking all the time (1 of 12 CPU-seconds).
 */
const spares = new Map<string, (Float32Array | Float64Array)[]>();
/** Kept of each kind and length: more than this a week's refit of a group never gives back at once. */
const sparesKept = 4;

/** A column with whatever it held before. */
export function takeFloat32(length: number): Float32Array {
  return (spares.get(`32/${length}`)?.pop() as Float32Array | undefined) ?? new Float32Array(length);
}

/** A column with whatever it held before. */
export function takeFloat64(length: number): Float64Array {
  return (spares.get(`64/${length}`)?.pop() as Float64Array | undefined) ?? new Float64Array(length);
}

/** Nobody may look at the column any more. */
export function giveBack(column: Float32Array | Float64Array): void {
  const key = `${column.BYTES_PER_ELEMENT * 8}/${column.length}`;
  const kept = spares.get(key) ?? [];
  if (kept.length < sparesKept) kept.push(column);
  spares.set(key, kept);
}
