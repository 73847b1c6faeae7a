/**
 * Physical line of a record. The reader delivers records one after the other without saying where each stood, so the line is
 * found by counting the lines that carry no delivered record: the header, blank ones, continuations, malformed ones.
 * Asked for ascending records; each answer moves on from the last.
 */
export class LineFinder {
  private readonly skipped: Float64Array;
  private position = 0;

  /** `skippedLines`: all lines without a delivered record but the header's (line 1), in any order, repeats allowed. */
  constructor(skippedLines: Iterable<number>) {
    this.skipped = Float64Array.from(new Set(skippedLines)).toSorted();
  }

  /** Line (from 1) of delivered record `record` (from 0), which must not be before the last one asked for. */
  lineOf(record: number): number {
    let line = record + 2 + this.position;
    while (this.position < this.skipped.length && this.skipped[this.position] <= line) {
      this.position++;
      line++;
    }
    return line;
  }
}

/** Line of a record as DuckDB counts (line breaks inside quotes not counted) -> physical line. `continuationLines` ascending. */
export function physicalLine(duckLine: number, continuationLines: readonly number[]): number {
  let line = duckLine;
  for (const continuation of continuationLines) {
    if (continuation > line) break;
    line++;
  }
  return line;
}
