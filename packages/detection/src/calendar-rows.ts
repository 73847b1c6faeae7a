import type { Block } from "./block.ts";
import { dayTypeOf, type IsHoliday } from "./day-types.ts";
import type { GroupView } from "./group-view.ts";

/** Local time of a block's streams over a range of civil days, as tables: streams of one calendar share a row. */
export interface CalendarRows {
  readonly firstDay: number;
  readonly days: number;
  /** Row of a stream. */
  readonly rowOf: Int32Array;
  /** [row][day * 24 + localHour] -> UTC hour, -1 = skipped by a clock change. */
  readonly utcHours: readonly Int32Array[];
  /** Day type 0-2 of each stream's area: [areaRow][day]. */
  readonly dayTypes: readonly Uint8Array[];
  readonly areaRowOf: Int32Array;
  /** UTC hours that the days cover over all rows: [firstHour, endHour). */
  readonly firstHour: number;
  readonly endHour: number;
}

/** `known`: rows of the same block for other days; what they cover is copied. A week's refit then asks for 7 days rather than for 147. */
export function createCalendarRows(
  view: GroupView,
  block: Block,
  isHoliday: IsHoliday,
  { firstDay, days }: { firstDay: number; days: number },
  known?: CalendarRows,
): CalendarRows {
  const calendars = [...new Set(Array.from(block.slots, (slot) => view.calendarOf[slot]))];
  const fromDay = known === undefined ? 0 : Math.max(firstDay, known.firstDay);
  const toDay = known === undefined ? 0 : Math.min(firstDay + days, known.firstDay + known.days);
  const isKnown = (day: number) => day >= fromDay && day < toDay;
  const utcHours = calendars.map((calendar, row) => {
    const hours = new Int32Array(days * 24);
    if (known !== undefined && toDay > fromDay) {
      const copied = known.utcHours[row].subarray((fromDay - known.firstDay) * 24, (toDay - known.firstDay) * 24);
      hours.set(copied, (fromDay - firstDay) * 24);
    }
    for (let day = firstDay; day < firstDay + days; day++) {
      if (isKnown(day)) continue;
      for (let hour = 0; hour < 24; hour++) hours[(day - firstDay) * 24 + hour] = view.calendars[calendar].utcHour(day, hour);
    }
    return hours;
  });
  const dayTypes = Array.from(block.areas, (area, row) =>
    Uint8Array.from({ length: days }, (_, d) => {
      const day = firstDay + d;
      return known !== undefined && isKnown(day) ? known.dayTypes[row][day - known.firstDay] : dayTypeOf(day, isHoliday(day, area));
    }),
  );
  const starts = utcHours.map((hours) => hours.find((hour) => hour >= 0)!);
  const ends = utcHours.map((hours) => hours.findLast((hour) => hour >= 0)! + 1);
  return {
    firstDay,
    days,
    utcHours,
    dayTypes,
    rowOf: Int32Array.from(block.slots, (slot) => calendars.indexOf(view.calendarOf[slot])),
    areaRowOf: Int32Array.from(block.slots, (slot) => block.areas.indexOf(view.areas[slot])),
    firstHour: Math.min(...starts),
    endHour: Math.max(...ends),
  };
}

/** UTC hours [firstHour, endHour) that a civil day of the table covers over all rows. */
export function hoursOfDay(rows: CalendarRows, civilDay: number): { firstHour: number; endHour: number } {
  const start = (civilDay - rows.firstDay) * 24;
  let firstHour = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const hours of rows.utcHours) {
    for (let i = start; i < start + 24; i++) {
      if (hours[i] < 0) continue;
      if (hours[i] < firstHour) firstHour = hours[i];
      if (hours[i] > last) last = hours[i];
    }
  }
  return { firstHour, endHour: last + 1 };
}

/** Local hour 0-23 of a UTC hour for a stream, from the table; UTC itself outside the range. */
export function localHourIn(rows: CalendarRows, stream: number, utcHour: number): number {
  const hours = rows.utcHours[rows.rowOf[stream]];
  const guess = Math.max(0, Math.min(hours.length - 1, utcHour - rows.firstHour));
  if (hours[guess] === utcHour) return guess % 24;
  for (let i = Math.max(0, guess - 26); i <= Math.min(hours.length - 1, guess + 26); i++) if (hours[i] === utcHour) return i % 24;
  return ((utcHour % 24) + 24) % 24;
}
