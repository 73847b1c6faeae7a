/**
 * Penalised least-squares segmentation: the piecewise constant mean with the least (sum of squares + penalty x number of changes), found by
 * exact dynamic programming; starts that can never be best again are pruned, so that its time is about linear where there are changes.
 * @param values no NaN
 * @param shortest least length of a segment
 * @returns starts of the segments, the first is 0
 */
export function segment(values: ArrayLike<number>, penalty: number, shortest: number): number[] {
  const count = values.length;
  const sums = new Float64Array(count + 1);
  const squares = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    sums[i + 1] = sums[i] + values[i];
    squares[i + 1] = squares[i] + values[i] * values[i];
  }
  const cost = (from: number, to: number) => squares[to] - squares[from] - (sums[to] - sums[from]) ** 2 / (to - from);
  const best = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const startOf = new Int32Array(count + 1);
  const beatenAt = new Int32Array(count + 1);
  best[0] = -penalty;
  let starts = [0];
  for (let end = shortest; end <= count; end++) {
    for (const from of starts) {
      const value = best[from] + cost(from, end) + penalty;
      if (value < best[end]) {
        best[end] = value;
        startOf[end] = from;
      }
    }
    for (const from of starts) if (beatenAt[from] === 0 && best[from] + cost(from, end) > best[end]) beatenAt[from] = end;
    // from `shortest` values after it was beaten on, a change at that place is better than this start, whatever comes
    starts = starts.filter((from) => beatenAt[from] === 0 || end - beatenAt[from] < shortest);
    if (end - shortest + 1 >= shortest) starts.push(end - shortest + 1);
  }
  const changes: number[] = [];
  for (let end = count; end > 0; end = startOf[end]) changes.unshift(startOf[end]);
  return changes;
}
