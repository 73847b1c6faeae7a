import type { GroupView, LocalCalendar } from "./group-view.ts";

/** Kinds of day with a load profile of their own: 0 Monday to Friday, 1 Saturday, 2 Sunday and holidays. */
export const dayTypeCount = 3;

/** Whether a civil day is a holiday in an area: an event of that kind that begins within the local day. */
export type IsHoliday = (civilDay: number, area: number) => boolean;

export function createHolidays(view: GroupView): IsHoliday {
  const holidays = view.events.filter((event) => event.kind === "holiday");
  const days = new Set(
    holidays.flatMap((event) => civilDaysOf(event.fromHour, event.toHour, view.calendars[0]).map((day) => `${day}/${event.area}`)),
  );
  return (civilDay, area) => days.has(`${civilDay}/-1`) || days.has(`${civilDay}/${area}`);
}

/** Day type 0-2 of a civil day. 1970-01-01 was a Thursday. */
export function dayTypeOf(civilDay: number, holiday: boolean): number {
  const weekday = (((civilDay + 4) % 7) + 7) % 7;
  if (holiday || weekday === 0) return 2;
  return weekday === 6 ? 1 : 0;
}

/** Civil days whose local noon lies in [fromHour, toHour); at most 31, so that a typing error cannot make a year of holidays. */
function civilDaysOf(fromHour: number, toHour: number, calendar: LocalCalendar): number[] {
  const first = Math.floor(fromHour / 24) - 1;
  return Array.from({ length: 33 }, (_, i) => first + i).filter((day) => {
    const noon = calendar.utcHour(day, 12);
    return noon >= fromHour && noon < toHour;
  });
}
