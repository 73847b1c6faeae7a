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

/** Median of the first `count` values; reorders them; NaN of none. Even counts: mean of the two middle ones. */
export function medianInPlace(values: Float64Array, count: number): number {
  if (count === 0) return Number.NaN;
  const middle = count >> 1;
  const upper = select(values, count, middle);
  if (count % 2 === 1) return upper;
  let lower = values[0];
  for (let i = 1; i < middle; i++) if (values[i] > lower) lower = values[i]!;
  return (lower + upper) / 2;
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
