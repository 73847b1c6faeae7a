import type { Meter } from "@hashwatt/contracts";
import { createZoneCalendar, type ZoneCalendar } from "./zone-calendar.ts";

/** Civil days of a whole group: a day is over when it is over in the last of its zones. */
export interface GroupCalendar {
  readonly zones: readonly ZoneCalendar[];
  /** Row of `zones` for each slot. */
  readonly zoneOf: Int32Array;
  /** UTC hour at which the civil day is over in every zone. */
  endHour(civilDay: number): number;
  /** The first civil day that has the UTC hour in some zone. */
  dayOf(utcHour: number): number;
}

/** One calendar a zone for a whole run, because each remembers what Intl said. */
export type ZoneCalendars = Map<string, ZoneCalendar>;

export function createGroupCalendar(meters: readonly Meter[], calendars: ZoneCalendars): GroupCalendar {
  const names = [...new Set(meters.map((meter) => meter.timeZone))];
  const zones = names.map((name) => {
    const calendar = calendars.get(name) ?? createZoneCalendar(name);
    calendars.set(name, calendar);
    return calendar;
  });
  const endHour = (civilDay: number): number => {
    let end = zones[0].dayEndHour(civilDay);
    for (const zone of zones) end = Math.max(end, zone.dayEndHour(civilDay));
    return end;
  };
  return {
    zones,
    zoneOf: Int32Array.from(meters, (meter) => names.indexOf(meter.timeZone)),
    endHour,
    dayOf(utcHour) {
      // Local dates are at most one day behind the UTC date.
      let day = Math.floor(utcHour / 24) - 1;
      while (endHour(day) <= utcHour) day++;
      return day;
    },
  };
}
