import { HOUR_MS, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createZoneClock, DayType, zoneOffsets } from "./zone-clock.ts";

const change = parseInstant("2024-02-29T19:00:00Z"); // midnight of 1 March by the new offset
const dayBefore = parseInstant("2024-02-28T00:00:00Z");
const offsetsAround = (zone: string) => {
  const offsets = zoneOffsets(zone, dayBefore, 72);
  const at = (change - dayBefore) / HOUR_MS;
  return { before: offsets[at - 2], after: offsets[at + 1], list: [...offsets] };
};

describe("zone clock", () => {
  it("moves Almaty and Kostanay from UTC+6 to UTC+5 on 1 March 2024 and leaves the west alone", () => {
    for (const zone of ["Asia/Almaty", "Asia/Qostanay"]) {
      expect(offsetsAround(zone)).toMatchObject({ before: 360, after: 300 });
      expect(new Set(offsetsAround(zone).list)).toEqual(new Set([360, 300]));
    }
    for (const zone of ["Asia/Oral", "Asia/Aqtobe", "Asia/Qyzylorda", "Asia/Aqtau", "Asia/Atyrau"]) {
      expect(new Set(offsetsAround(zone).list)).toEqual(new Set([300]));
    }
  });

  it("changes the offset at the hour of the change, not at the end of its UTC day", () => {
    const offsets = zoneOffsets("Asia/Almaty", dayBefore, 72);
    const hours = offsets.findIndex((offset) => offset === 300);
    expect(dayBefore + hours * HOUR_MS).toBe(parseInstant("2024-02-29T18:00:00Z")); // 24:00 by the old offset
  });

  it("repeats an hour of the local day when the clock goes back", () => {
    const clock = createZoneClock("Asia/Almaty", dayBefore, 72, new Set());
    const hours = [...clock.dayClock(parseInstant("2024-02-29T00:00:00Z"), 60).localHour];
    expect(hours.slice(16, 20)).toEqual([22.5, 23.5, 23.5, 0.5]);
  });

  it("knows weekends and holidays of the local day", () => {
    const from = parseInstant("2021-12-16T00:00:00Z"); // a Thursday
    const clock = createZoneClock("Asia/Almaty", from, 96, new Set(["2021-12-16", "2021-12-17"]));
    const thursday = clock.dayClock(from, 60);
    expect(thursday.dayType[0]).toBe(DayType.restDay);
    const friday = clock.dayClock(from + 24 * HOUR_MS, 60);
    expect(friday.dayType[17]).toBe(DayType.restDay);
    expect(friday.dayType[18]).toBe(DayType.saturday); // 00:00 local
    expect(createZoneClock("Asia/Almaty", from, 24, new Set()).dayClock(from, 60).dayType[0]).toBe(DayType.working);
  });

  it("places quarter hours and half-hour zones between the hours of the profile", () => {
    const from = parseInstant("2022-06-01T00:00:00Z");
    const quarter = createZoneClock("UTC", from, 24, new Set()).dayClock(from, 15);
    expect(quarter.slots).toBe(96);
    expect([quarter.hourBefore[0], quarter.hourAfter[0], quarter.afterWeight[0]]).toEqual([23, 0, 0.625]);
    const india = createZoneClock("Asia/Kolkata", from, 24, new Set()).dayClock(from, 60);
    expect([india.localHour[0], india.hourBefore[0], india.afterWeight[0]]).toEqual([6, 5, 0.5]);
  });
});
