/**
 * Event time crosses boundaries as ISO 8601 in UTC with whole seconds ("2022-01-03T06:00:00Z") and lives inside as
 * milliseconds since 1970. The only file of the pure packages that may touch Date, and only to convert: it never reads a clock.
 */
import { z } from "zod";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Milliseconds since 1970-01-01T00:00:00Z of an ISO 8601 instant with zone; NaN where the text is none. */
export function parseInstant(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return Number.NaN;
  return isDayOfMonth(text) ? Date.parse(text) : Number.NaN;
}

/** Date.parse takes 30 February for 2 March. */
function isDayOfMonth(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}

/** ISO 8601 in UTC with whole seconds. Throws RangeError outside the years 0-9999. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** "2022-01-03" of a day counted since 1970-01-01. */
export function formatDay(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** An instant as text; kept as text, so that what was received is what is stored. */
export const InstantSchema = z.string().refine((text) => !Number.isNaN(parseInstant(text)), {
  error: (issue) => `"${String(issue.input)}" is not an ISO 8601 instant with zone such as 2022-01-03T06:00:00Z`,
});
