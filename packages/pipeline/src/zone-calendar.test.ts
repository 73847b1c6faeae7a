import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createGroupCalendar } from "./group-calendar.ts";
import { testMeter } from "./testing/rows.ts";
import { createZoneCalendar } from "./zone-calendar.ts";

const day = (text: string): number => parseInstant(`${text}T00:00:00Z`) / DAY_MS;
const instant = (utcHour: number): string => formatInstant(utcHour * HOUR_MS);

describe("zone calendar", () => {
  it("knows that Kazakhstan went from UTC+6 to UTC+5 on 1 March 2024 at local midnight", () => {
    const calendar = createZoneCalendar("Asia/Almaty");
    expect(instant(calendar.utcHour(day("2024-02-29"), 0))).toBe("2024-02-28T18:00:00Z");
    // 23:00 came twice: the last hour of February is an hour longer.
    expect(instant(calendar.utcHour(day("2024-02-29"), 23))).toBe("2024-02-29T17:00:00Z");
    expect(instant(calendar.dayEndHour(day("2024-02-29")))).toBe("2024-02-29T19:00:00Z");
    expect(instant(calendar.utcHour(day("2024-03-01"), 0))).toBe("2024-02-29T19:00:00Z");
    expect(instant(calendar.utcHour(day("2024-03-01"), 12))).toBe("2024-03-01T07:00:00Z");
  });

  it("leaves the western regions of Kazakhstan at UTC+5 throughout", () => {
    const calendar = createZoneCalendar("Asia/Aqtobe");
    expect(instant(calendar.utcHour(day("2024-02-29"), 12))).toBe("2024-02-29T07:00:00Z");
    expect(instant(calendar.utcHour(day("2024-03-02"), 12))).toBe("2024-03-02T07:00:00Z");
  });

  it("gives -1 for the hour that summer time skips and the first of the two that it repeats", () => {
    const calendar = createZoneCalendar("Europe/Berlin");
    expect(calendar.utcHour(day("2022-03-27"), 2)).toBe(-1);
    expect(instant(calendar.utcHour(day("2022-03-27"), 3))).toBe("2022-03-27T01:00:00Z");
    expect(instant(calendar.utcHour(day("2022-10-30"), 2))).toBe("2022-10-30T00:00:00Z");
    expect(instant(calendar.utcHour(day("2022-10-30"), 3))).toBe("2022-10-30T02:00:00Z");
    expect(calendar.dayEndHour(day("2022-03-27")) - calendar.dayEndHour(day("2022-03-26"))).toBe(23);
    expect(calendar.dayEndHour(day("2022-10-30")) - calendar.dayEndHour(day("2022-10-29"))).toBe(25);
  });

  it("skips midnight where summer time begins at midnight", () => {
    const calendar = createZoneCalendar("America/Santiago");
    expect(calendar.utcHour(day("2022-09-11"), 0)).toBe(-1);
    expect(instant(calendar.dayEndHour(day("2022-09-10")))).toBe(instant(calendar.utcHour(day("2022-09-11"), 1)));
  });

  it("gives the UTC hour in which a half-hour zone's hour starts", () => {
    expect(instant(createZoneCalendar("Asia/Kolkata").utcHour(day("2022-01-03"), 0))).toBe("2022-01-02T18:00:00Z");
    expect(instant(createZoneCalendar("America/St_Johns").utcHour(day("2022-01-03"), 0))).toBe("2022-01-03T03:00:00Z");
  });

  it("agrees with Intl in every hour of two years, in zones of every kind", () => {
    for (const timeZone of [
      "Asia/Almaty",
      "Europe/London",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
      "Pacific/Apia",
      "UTC",
    ]) {
      const calendar = createZoneCalendar(timeZone);
      const format = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "short" });
      for (let civilDay = day("2023-01-01"); civilDay < day("2025-01-01"); civilDay += 7) {
        for (let hour = 0; hour < 24; hour++) {
          const start = calendar.utcHour(civilDay, hour);
          if (start < 0) continue;
          // The last minute of the UTC hour lies in the local hour, whatever the zone's minutes.
          const local = format.format((start + 1) * HOUR_MS - 60_000);
          expect(local.slice(0, 13)).toBe(
            formatInstant(civilDay * DAY_MS + hour * HOUR_MS)
              .slice(0, 13)
              .replace("T", " "),
          );
        }
      }
    }
  });

  it("throws on a zone that nobody knows", () => {
    expect(() => createZoneCalendar("Asia/Nowhere")).toThrow(RangeError);
  });
});

describe("group calendar", () => {
  it("ends a day with the last of the group's zones and dates an hour by the zone that is furthest behind", () => {
    const meters = [testMeter("east", { timeZone: "Asia/Almaty" }), testMeter("west", { timeZone: "Asia/Aqtobe" })];
    const calendar = createGroupCalendar(meters, new Map());
    expect(instant(calendar.endHour(day("2022-01-03")))).toBe("2022-01-03T19:00:00Z");
    for (let hour = day("2022-01-01") * 24; hour < day("2022-01-04") * 24; hour++) {
      const civilDay = calendar.dayOf(hour);
      expect(calendar.endHour(civilDay)).toBeGreaterThan(hour);
      expect(calendar.endHour(civilDay - 1)).toBeLessThanOrEqual(hour);
    }
  });
});
