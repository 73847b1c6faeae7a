/** Five significant digits: far below what a meter measures, and a third of the bytes. Never -0, which JSON would write as 0. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5)) + 0;
}
