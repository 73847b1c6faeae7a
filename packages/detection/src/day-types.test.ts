import { describe, expect, it } from "vitest";
import { createHolidays, dayTypeOf } from "./day-types.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import { createSyntheticGroup } from "./testing/synthetic-group.ts";

/** Local noon is 7 UTC, as five hours east of Greenwich. */
function viewWith(...events: Partial<GroupEvent>[]): GroupView {
  const all = events.map((event) => ({
    kind: "holiday" as const,
    area: -1,
    slot: -1,
    counterpart: -1,
    fromHour: 0,
    toHour: Infinity,
    ...event,
  }));
  const calendars = [{ utcHour: (civilDay: number, hour: number) => civilDay * 24 + hour - 5 }];
  return { ...createSyntheticGroup({ meterCount: 1, days: 1, seed: 1 }), events: all, calendars };
}

describe("dayTypeOf", () => {
  it("tells working days, Saturdays and Sundays from the Thursday of 1970-01-01 on, and before", () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((day) => dayTypeOf(day, false))).toEqual([0, 0, 1, 2, 0, 0, 0]);
    expect([-7, -6, -5, -4, -3].map((day) => dayTypeOf(day, false))).toEqual([0, 0, 1, 2, 0]);
  });

  it("counts a holiday as a Sunday", () => {
    expect([0, 1, 2, 3].map((day) => dayTypeOf(day, true))).toEqual([2, 2, 2, 2]);
  });
});

describe("createHolidays", () => {
  it("gives a holiday to its area, or to all", () => {
    const isHoliday = createHolidays(viewWith({ area: 3, fromHour: 100 * 24, toHour: 101 * 24 }, { fromHour: 200 * 24, toHour: 201 * 24 }));
    expect([isHoliday(100, 3), isHoliday(100, 4), isHoliday(99, 3), isHoliday(101, 3)]).toEqual([true, false, false, false]);
    expect([isHoliday(200, 0), isHoliday(200, 4)]).toEqual([true, true]);
  });

  it("goes by local noon and takes no other event", () => {
    const isHoliday = createHolidays(
      viewWith({ fromHour: 100 * 24 - 5, toHour: 101 * 24 - 5 }, { kind: "outage", fromHour: 300 * 24, toHour: 301 * 24 }),
    );
    expect([99, 100, 101, 300].map((day) => isHoliday(day, 0))).toEqual([false, true, false, false]);
  });

  it("makes no year of holidays of an event without end", () => {
    const isHoliday = createHolidays(viewWith({ fromHour: 100 * 24 }));
    expect(Array.from({ length: 400 }, (_, day) => day).filter((day) => isHoliday(day, 0)).length).toBeLessThanOrEqual(33);
  });
});
