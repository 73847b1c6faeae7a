export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const QUOTE = 0x22;
export const COMMA = 0x2c;

/** Where in a record a scanner is. */
export const At = { cellStart: 0, cell: 1, quoted: 2, afterQuote: 3, broken: 4 } as const;

/**
 * State after a byte that ends no record. As DuckDB reads: a quote opens a quoted cell only at the cell's start (spaces may stand before);
 * inside, two quotes are one; after the closing one only spaces may follow, anything else breaks the record.
 */
export function nextState(state: number, byte: number): number {
  if (state === At.quoted) return byte === QUOTE ? At.afterQuote : At.quoted;
  if (byte === COMMA) return state === At.broken ? At.broken : At.cellStart;
  if (state === At.afterQuote) return byte === QUOTE ? At.quoted : byte === SPACE ? At.afterQuote : At.broken;
  if (state === At.cellStart) return byte === QUOTE ? At.quoted : byte === SPACE ? At.cellStart : At.cell;
  return state;
}
