/**
 * Order statistics of a typed array without sorting it whole: the hot paths take some 10 000 medians a refit, and a full sort of each costs
 * five times as much. Where an array is small or the path is cold, simple-statistics is used instead.
 */

/** k-th smallest (0-based) of the first `count` values; reorders them. Hoare's quickselect; O(count) on average. No NaN allowed. */
export function select(values: Float64Array, count: number, k: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swap = values[i];
      values[i++] = values[j]!;
      values[j--] = swap;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return values[k];
  }
  return values[k];
}

/** Where the median's partitions go, two at a time, while the third is read. Nothing in them outlives a call. */
let rooms = [new Float64Array(0), new Float64Array(0), new Float64Array(0)] as const;
/** Up to so many values a plain insertion sort is the fastest. */
const sortedCount = 8;

/**
 * Median of the first `count` values; reorders them; NaN of none. Even counts: mean of the two middle ones.
 *
 * Quickselect that copies each value to both sides and counts on without a branch: half of a partition's comparisons are guessed wrong by the
 * processor, and a wrong guess costs as much as 5 values copied. No NaN allowed.
 */
export function medianInPlace(values: Float64Array, count: number): number {
  if (count === 0) return Number.NaN;
  if (rooms[0].length < count) rooms = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  let from = values;
  let n = count;
  let k = count >> 1;
  /** Largest of the values that are known to be below the ones still looked at. */
  let floor = Number.NEGATIVE_INFINITY;
  while (n > sortedCount) {
    const [low, high] = otherRooms(from);
    const pivot = takePivot(from, n);
    let below = 0;
    for (let i = 0; i < n - 1; i++) {
      const value = from[i];
      low[below] = value;
      high[i - below] = value;
      below += Number(value < pivot);
    }
    if (k === below) return middleOf(below > 0 ? largest(low, below) : floor, pivot, count);
    if (k < below) {
      from = low;
      n = below;
      continue;
    }
    floor = pivot;
    k -= below + 1;
    from = high;
    n -= below + 1;
    if (below > 0) continue;
    // the pivot was the least: of many equal values all leave at once
    const equal = dropEqual(high, n, pivot);
    if (k < equal) return pivot;
    k -= equal;
    n -= equal;
  }
  sortFew(from, n);
  return middleOf(k > 0 ? from[k - 1] : floor, from[k], count);
}

function otherRooms(used: Float64Array): readonly [Float64Array, Float64Array] {
  if (used === rooms[0]) return [rooms[1], rooms[2]];
  return used === rooms[1] ? [rooms[0], rooms[2]] : [rooms[0], rooms[1]];
}

function middleOf(lower: number, upper: number, count: number): number {
  return count % 2 === 1 ? upper : (lower + upper) / 2;
}

/** The median of the first, the middle and the last of n values; it changes places with the last. */
function takePivot(values: Float64Array, n: number): number {
  const middle = n >> 1;
  const a = values[0];
  const b = values[middle];
  const c = values[n - 1];
  if (a < b === b < c) {
    values[middle] = c;
    values[n - 1] = b;
    return b;
  }
  if (b < a === a < c) {
    values[0] = c;
    values[n - 1] = a;
    return a;
  }
  return c;
}

function largest(values: Float64Array, count: number): number {
  let max = values[0];
  for (let i = 1; i < count; i++) if (values[i] > max) max = values[i];
  return max;
}

/** Closes the gaps of the values that equal `value`; returns how many they were. */
function dropEqual(values: Float64Array, count: number, value: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    values[kept] = values[i];
    kept += Number(values[i] !== value);
  }
  return count - kept;
}

function sortFew(values: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let j = i - 1;
    for (; j >= 0 && values[j] > value; j--) values[j + 1] = values[j];
    values[j + 1] = value;
  }
}

/** 1.4826 x median absolute deviation around `centre`: the standard deviation of normal data, deaf to outliers. Reorders. */
export function robustDeviationInPlace(values: Float64Array, count: number, centre: number): number {
  for (let i = 0; i < count; i++) values[i] = Math.abs(values[i] - centre);
  return 1.4826 * medianInPlace(values, count);
}

/** p-quantile, 0 < p < 1, of the first `count` values, at least one: between two values in proportion, as quantileSorted has it; reorders. */
export function quantileInPlace(values: Float64Array, count: number, p: number): number {
  const index = (count - 1) * p;
  const below = Math.floor(index);
  const lower = select(values, count, below);
  if (below === index) return lower;
  // select leaves nothing smaller behind the place
  let upper = values[below + 1];
  for (let i = below + 2; i < count; i++) if (values[i] < upper) upper = values[i];
  return lower + (index - below) * (upper - lower);
}

export function medianOf3(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Of NaN where one of them is. */
export function medianOf5(a: number, b: number, c: number, d: number, e: number): number {
  const low = Math.max(Math.min(a, b), Math.min(c, d));
  const high = Math.min(Math.max(a, b), Math.max(c, d));
  return medianOf3(low, high, e);
}
