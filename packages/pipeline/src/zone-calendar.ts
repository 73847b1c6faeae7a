import { HOUR_MS } from "@hashwatt/contracts";
import type { LocalCalendar } from "@hashwatt/detection";

/** Local time of one zone by the dated rules of the runtime's tz database. */
export interface ZoneCalendar extends LocalCalendar {
  /** UTC hour at which the civil day is over: the first whose local time is past it. */
  dayEndHour(civilDay: number): number;
}

/** Days kept of what Intl said; one judging looks at about 170 in a row. */
const CACHED_DAYS = 512;

/** Throws RangeError on a zone name the runtime does not know. */
export function createZoneCalendar(timeZone: string): ZoneCalendar {
  const offsets = createOffsets(timeZone);
  const days = createDayCache((civilDay) => {
    const hours = new Int32Array(25);
    for (let hour = 0; hour < 24; hour++) hours[hour] = hourStart(offsets, civilDay * 24 + hour);
    hours[24] = firstAtOrPast(offsets, civilDay * 24 + 24);
    return hours;
  });
  return {
    utcHour: (civilDay, localHour) => days(civilDay)[localHour],
    dayEndHour: (civilDay) => days(civilDay)[24],
  };
}

/** Hours that local time is ahead of UTC, at a UTC hour. */
type Offsets = (utcHour: number) => number;

/** UTC hour in which the local hour (counted since 1970-01-01 local) starts for the first time; -1 where a clock change skips it. */
function hourStart(offsets: Offsets, localHour: number): number {
  // Every zone is within 26 h of UTC, and no zone changes twice within two days: one of these two offsets is the right one.
  const before = localHour - offsets(localHour - 26);
  const after = localHour - offsets(localHour + 26);
  const first = Math.min(before, after);
  if (first + offsets(first) === localHour) return first;
  const second = Math.max(before, after);
  return second + offsets(second) === localHour ? second : -1;
}

function firstAtOrPast(offsets: Offsets, localHour: number): number {
  let hour = localHour - Math.max(offsets(localHour - 26), offsets(localHour + 26));
  while (hour + offsets(hour) < localHour) hour++;
  return hour;
}

/**
 * Whole hours, half hours rounded up: local midnight of a half-hour zone lies in the middle of a UTC hour, and the whole of that hour is
 * given to the new day. Asked of Intl once for a UTC day, hour by hour only where the offset changes within it.
 */
function createOffsets(timeZone: string): Offsets {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const ask = (utcHour: number): number => {
    const name = format.formatToParts(utcHour * HOUR_MS).find((part) => part.type === "timeZoneName")!.value;
    const match = /^GMT([+-])(\d\d):(\d\d)/.exec(name);
    if (match === null) return 0;
    const hours = Number(match[2]) + Number(match[3]) / 60;
    return Math.ceil(match[1] === "+" ? hours : -hours);
  };
  const days = createDayCache((utcDay) => {
    const hours = new Int32Array(25).fill(ask(utcDay * 24));
    if (ask(utcDay * 24 + 24) !== hours[0]) for (let hour = 1; hour < 24; hour++) hours[hour] = ask(utcDay * 24 + hour);
    return hours;
  });
  return (utcHour) => {
    const day = Math.floor(utcHour / 24);
    return days(day)[utcHour - day * 24];
  };
}

/** Remembers the last CACHED_DAYS days' answers, so that memory does not grow with the length of the input. */
function createDayCache(compute: (day: number) => Int32Array): (day: number) => Int32Array {
  const tags = new Int32Array(CACHED_DAYS).fill(-1);
  const kept: Int32Array[] = [];
  return (day) => {
    const cell = ((day % CACHED_DAYS) + CACHED_DAYS) % CACHED_DAYS;
    if (tags[cell] !== day) {
      kept[cell] = compute(day);
      tags[cell] = day;
    }
    return kept[cell];
  };
}
