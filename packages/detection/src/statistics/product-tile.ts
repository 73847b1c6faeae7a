/** Sums of the last tile, [row * 4 + column]. One buffer for all: read it before the next tile. */
export const tile = new Float64Array(8);

/**
 * Products of two successive rows of `left` (from leftAt) with four of `right` (from rightAt), all of `length` numbers, into `tile`. Six numbers
 * read serve eight products, and eight sums hide each other's latency.
 */
export function multiplyTile(left: Float64Array, leftAt: number, right: Float64Array, rightAt: number, length: number): void {
  const a1 = leftAt + length;
  const b1 = rightAt + length;
  const b2 = b1 + length;
  const b3 = b2 + length;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let t = 0; t < length; t++) {
    const first = left[leftAt + t];
    const second = left[a1 + t];
    const v0 = right[rightAt + t];
    const v1 = right[b1 + t];
    const v2 = right[b2 + t];
    const v3 = right[b3 + t];
    s00 += first * v0;
    s01 += first * v1;
    s02 += first * v2;
    s03 += first * v3;
    s10 += second * v0;
    s11 += second * v1;
    s12 += second * v2;
    s13 += second * v3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
}
