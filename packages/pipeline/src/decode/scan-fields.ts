import { parseQuality, Quality } from "@hashwatt/contracts";
import { asciiBytes } from "./byte-text.ts";
import { closingQuote, type Cursor, equalsBytes, isAscii, peek, quote, scanNumber, skipLiteral } from "./cursor.ts";

/** Fields of a reading (and, in the plural, of columns) that the scanner knows by their bytes. */
export const Field = {
  meterId: 0,
  meterIds: 1,
  intervalStart: 2,
  kw: 3,
  kwh: 4,
  kwhRegister: 5,
  kvar: 6,
  quality: 7,
  other: 8,
  unknown: -1,
};
/** One of the codes of `Field`. */
export type FieldCode = number;

const colon = 0x3a;
const names: readonly (readonly [FieldCode, Uint8Array])[] = Object.entries(Field)
  .filter(([, code]) => code >= 0 && code < Field.other)
  .map(([name, code]) => [code, asciiBytes(name)]);
/** The field names that begin with a byte. */
const namesByFirstByte: readonly (readonly (readonly [FieldCode, Uint8Array])[])[] = Array.from({ length: 128 }, (_, byte) =>
  names.filter(([, name]) => name[0] === byte),
);

/** The names as they mostly stand in a message: quoted, with the colon. */
const quotedNames: readonly Uint8Array[] = names.map(([, name]) => Uint8Array.of(quote, ...name, quote, colon));

/**
 * The name and colon at the cursor, the `place`-th of its object. `other` is a name that means nothing here; `unknown` what this scanner leaves
 * to JSON.parse.
 */
export function scanField(cursor: Cursor, place: number): FieldCode {
  if (peek(cursor) !== quote) return Field.unknown;
  const { shape } = cursor;
  const expected = place < shape.length ? shape[place] : Field.unknown;
  if (expected >= 0 && expected < Field.other && skipLiteral(cursor, quotedNames[expected])) {
    return peek(cursor) < 0 ? Field.unknown : expected;
  }
  const from = cursor.at + 1;
  const to = closingQuote(cursor);
  if (to < 0) return Field.unknown;
  const field = fieldOf(cursor, from, to);
  if (place < shape.length) shape[place] = field;
  cursor.at = to + 1;
  if (field === Field.unknown || peek(cursor) !== colon) return Field.unknown;
  cursor.at++;
  return peek(cursor) < 0 ? Field.unknown : field;
}

function fieldOf(cursor: Cursor, from: number, to: number): FieldCode {
  for (const [code, name] of namesByFirstByte[cursor.bytes[from]] ?? []) if (equalsBytes(cursor, from, to, name)) return code;
  return isAscii(cursor.bytes, from, to) ? Field.other : Field.unknown;
}

const literals = { nothing: asciiBytes("null"), yes: asciiBytes("true"), no: asciiBytes("false") };

/** Skips `null`. */
export function skipNull(cursor: Cursor): boolean {
  return skipLiteral(cursor, literals.nothing);
}

/** Skips a value of a field that means nothing here: a plain string, a plain number, true, false or null. */
export function skipPlainValue(cursor: Cursor): boolean {
  switch (cursor.bytes[cursor.at]) {
    case quote: {
      const to = closingQuote(cursor);
      if (to < 0 || !isAscii(cursor.bytes, cursor.at, to)) return false;
      cursor.at = to + 1;
      return true;
    }
    case 0x6e:
      return skipNull(cursor);
    case 0x74:
      return skipLiteral(cursor, literals.yes);
    case 0x66:
      return skipLiteral(cursor, literals.no);
    default:
      return !Number.isNaN(scanNumber(cursor));
  }
}

/** The words with their quotes. */
const qualityWords: readonly (readonly [number, Uint8Array])[] = [
  [Quality.measured, asciiBytes('"measured"')],
  [Quality.estimated, asciiBytes('"estimated"')],
  [Quality.revised, asciiBytes('"revised"')],
];
/** Green Button codes 0 to 19 as numbers; -1 = not known. */
const qualityCodes = Array.from({ length: 20 }, (_, code) => parseQuality(code) ?? -1);

/** Quality code of the value at the cursor (null = measured), or -1. */
export function scanQuality(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === quote) {
    for (const [code, word] of qualityWords) if (skipLiteral(cursor, word)) return code;
    return -1;
  }
  if (byte === 0x6e) return skipNull(cursor) ? Quality.measured : -1;
  const code = scanNumber(cursor);
  return Number.isInteger(code) && code >= 0 && code < qualityCodes.length && !Object.is(code, -0) ? qualityCodes[code] : -1;
}
