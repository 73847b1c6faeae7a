import { parseInstant } from "@hashwatt/contracts";
import { textOf } from "./byte-text.ts";

/**
 * A place in the bytes of a message. The scan functions below move `at` past what they accept and leave it anywhere where they do not:
 * whatever they do not know is left to JSON.parse (see decode-json.ts), so they may be strict, never lenient.
 */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Bytes and value of the last timestamp: neighbours in a stream mostly share it (or differ in its last digits only). */
  readonly instantBytes: Uint8Array;
  instantLength: number;
  instantMs: number;
  /** Field codes of the object read last, in order: a producer writes them all alike. */
  readonly shape: Int8Array;
}

/** Fields of an object that are remembered; a reading has seven at most that mean something. */
const shapeLength = 8;

export function createCursor(): Cursor {
  return {
    bytes: new Uint8Array(0),
    at: 0,
    end: 0,
    instantBytes: new Uint8Array(40),
    instantLength: 0,
    instantMs: Number.NaN,
    shape: new Int8Array(shapeLength).fill(-1),
  };
}

export const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;

/** Skips JSON white space and gives the byte after it, or -1 at the end. */
export function peek(cursor: Cursor): number {
  const { bytes, end } = cursor;
  let { at } = cursor;
  if (at < end && bytes[at] > 0x20) return bytes[at];
  while (at < end) {
    const byte = bytes[at];
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
      cursor.at = at;
      return byte;
    }
    at++;
  }
  cursor.at = at;
  return -1;
}

/** With the cursor on an opening quote: the place of the closing one, or -1 where the string has an escape or a control byte, or is open. */
export function closingQuote(cursor: Cursor): number {
  const { bytes, end } = cursor;
  for (let at = cursor.at + 1; at < end; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash || byte < 0x20) return -1;
  }
  return -1;
}

/** True where all bytes from..to are ASCII: others may not be UTF-8, which only the exact road tells. */
export function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] >= 0x80) return false;
  return true;
}

/** True where the bytes from..to are those of `literal`. */
export function equalsBytes(cursor: Cursor, from: number, to: number, literal: Uint8Array): boolean {
  if (to - from !== literal.length) return false;
  const { bytes } = cursor;
  for (let index = 0; index < literal.length; index++) if (bytes[from + index] !== literal[index]) return false;
  return true;
}

/** Moves past `literal` where it stands at the cursor. */
export function skipLiteral(cursor: Cursor, literal: Uint8Array): boolean {
  const { bytes, at } = cursor;
  const { length } = literal;
  if (at + length > cursor.end) return false;
  for (let index = 0; index < length; index++) if (bytes[at + index] !== literal[index]) return false;
  cursor.at = at + length;
  return true;
}

/** 10^0 to 10^22, all exact doubles. A mantissa below 2^53 divided by one of them is rounded once, as JSON.parse rounds. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** 15 digits stay below 2^53 whatever they are, so the sum of digits is exact. */
const exactDigits = 15;

/** The number at the cursor, or NaN where it is none, has an exponent, or more digits than are exact. */
export function scanNumber(cursor: Cursor): number {
  const { bytes, end } = cursor;
  const negative = bytes[cursor.at] === minus;
  if (negative) cursor.at++;
  const first = cursor.at;
  let mantissa = scanDigits(cursor, 0);
  let digits = cursor.at - first;
  if (digits === 0 || digits > exactDigits || (digits > 1 && bytes[first] === zero)) return Number.NaN;
  if (cursor.at < end && bytes[cursor.at] === dot) {
    const point = ++cursor.at;
    mantissa = scanDigits(cursor, mantissa);
    const decimals = cursor.at - point;
    digits += decimals;
    if (decimals === 0 || digits > exactDigits) return Number.NaN;
    mantissa /= powersOfTen[decimals];
  }
  return cursor.at < end && (bytes[cursor.at] | 0x20) === 0x65 ? Number.NaN : negative ? -mantissa : mantissa;
}

/** The digits at the cursor, appended to those of `before`. */
function scanDigits(cursor: Cursor, before: number): number {
  const { bytes, end } = cursor;
  let { at } = cursor;
  let number = before;
  for (; at < end; at++) {
    const digit = bytes[at] - zero;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  cursor.at = at;
  return number;
}

/** Milliseconds of the quoted instant at the cursor, or NaN. */
export function scanInstant(cursor: Cursor): number {
  if (cursor.bytes[cursor.at] !== quote) return Number.NaN;
  const from = cursor.at + 1;
  if (matchesLastInstant(cursor, from)) {
    cursor.at = from + cursor.instantLength + 1;
    return cursor.instantMs;
  }
  const to = closingQuote(cursor);
  const length = to - from;
  if (to < 0 || length > cursor.instantBytes.length || !isAscii(cursor.bytes, from, to)) return Number.NaN;
  const ms = instantOf(cursor.bytes, from, length);
  if (Number.isNaN(ms)) return ms;
  for (let index = 0; index < length; index++) cursor.instantBytes[index] = cursor.bytes[from + index];
  cursor.instantLength = length;
  cursor.instantMs = ms;
  cursor.at = to + 1;
  return ms;
}

function matchesLastInstant(cursor: Cursor, from: number): boolean {
  const { bytes, instantBytes, instantLength } = cursor;
  if (instantLength === 0 || from + instantLength >= cursor.end || bytes[from + instantLength] !== quote) return false;
  // From the end: hours and minutes differ first.
  for (let index = instantLength - 1; index >= 0; index--) if (bytes[from + index] !== instantBytes[index]) return false;
  return true;
}

function digitPair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - zero;
  const ones = bytes[at + 1] - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** YYYY-MM-DDTHH:MM:SSZ without making a string; every other form (and the last days of a month) by the general parser. */
function instantOf(bytes: Uint8Array, from: number, length: number): number {
  const general = () => parseInstant(textOf(bytes.subarray(from, from + length)));
  if (length !== 20 || !hasInstantPunctuation(bytes, from)) return general();
  const year = digitPair(bytes, from) * 100 + digitPair(bytes, from + 2);
  const month = digitPair(bytes, from + 5);
  const day = digitPair(bytes, from + 8);
  const secondOfDay = digitPair(bytes, from + 11) * 3600 + digitPair(bytes, from + 14) * 60 + digitPair(bytes, from + 17);
  const plain = year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && secondOfDay >= 0;
  const inRange = digitPair(bytes, from + 11) <= 23 && digitPair(bytes, from + 14) <= 59 && digitPair(bytes, from + 17) <= 59;
  return plain && inRange ? (daysBefore(year, month, day) * 86_400 + secondOfDay) * 1000 : general();
}

function hasInstantPunctuation(bytes: Uint8Array, from: number): boolean {
  return (
    bytes[from + 4] === minus &&
    bytes[from + 7] === minus &&
    bytes[from + 10] === 0x54 &&
    bytes[from + 13] === 0x3a &&
    bytes[from + 16] === 0x3a &&
    bytes[from + 19] === 0x5a
  );
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, counting years from March so that the leap day is a year's last. */
function daysBefore(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400);
  return fromMarch * 365 + leapDays + dayOfYear - 719_468;
}
