import { levels } from "@hashwatt/contracts";
import type { GridEvent } from "@hashwatt/contracts";
import type { GroupView } from "@hashwatt/detection";
import { groupEvents, temperatureAt, type TemperaturesByArea } from "./group-context.ts";
import { type HourPage, hourPageAt, oldestHeldDay } from "./hour-store.ts";
import type { PeerGroup } from "./peer-group.ts";

/** What detection sees of a group: its hour pages up to `visible.hour`, so that a day judged again sees no more than it did at first. */
export function createGroupView(group: Omit<PeerGroup, "detector">, events: readonly GridEvent[], weather: TemperaturesByArea): GroupView {
  const { layout, calendar, visible, hours } = group;
  const { meters } = layout;
  const areas = [...new Set(meters.map((meter) => meter.areaId))];
  const slots = new Map(meters.map((meter, slot) => [meter.meterId, slot]));
  const areaRows = new Map(areas.map((areaId, area) => [areaId, area]));
  // After a gap the ring still has pages that a stream without one would have written over.
  const heldPage = (utcDay: number): HourPage | undefined =>
    utcDay >= oldestHeldDay(hours, group.days.horizonHour) ? hourPageAt(hours, utcDay) : undefined;
  const series = areas.map((areaId) => weather.get(areaId));
  // A page that is shown in part is asked for a few times a judging, and changes only where a day closes, which moves the horizon.
  const partial = { utcDay: -1, shown: 0, horizonHour: 0, kw: new Float32Array(0) };
  const shownPart = (page: HourPage, shown: number): Float32Array => {
    const { horizonHour } = group.days;
    if (partial.utcDay !== page.utcDay || partial.shown !== shown || partial.horizonHour !== horizonHour)
      Object.assign(partial, { utcDay: page.utcDay, shown, horizonHour, kw: page.kw.slice().fill(Number.NaN, shown * meters.length) });
    return partial.kw;
  };
  return {
    meterCount: meters.length,
    levels: Uint8Array.from(meters, (meter) => levels.indexOf(meter.level)),
    parents: Int32Array.from(meters, (meter) => (meter.parentId === null ? -1 : (slots.get(meter.parentId) ?? -1))),
    ratedKw: Float64Array.from(meters, (meter) => meter.ratedKw ?? Number.NaN),
    areas: Int32Array.from(meters, (meter) => areaRows.get(meter.areaId)!),
    areaCount: areas.length,
    calendars: calendar.zones,
    calendarOf: calendar.zoneOf,
    hourPage(utcDay) {
      const page = heldPage(utcDay);
      const shown = visible.hour - utcDay * 24;
      if (page === undefined || shown <= 0) return undefined;
      // Hours past the horizon are not in the page yet: only a day that is judged again needs the copy.
      if (shown >= 24 || visible.hour >= group.days.horizonHour) return page.kw;
      return shownPart(page, shown);
    },
    estimatedPage(utcDay) {
      const page = heldPage(utcDay);
      const shown = visible.hour - utcDay * 24;
      if (page === undefined || shown <= 0) return undefined;
      const lost = group.lostHours.get(utcDay);
      if (shown >= 24 || visible.hour >= group.days.horizonHour || lost === undefined) return page.estimated;
      return Uint8Array.from(lost, (bits) => bitCount(bits & ((1 << shown) - 1)));
    },
    temperatureC: (area, utcHour) => temperatureAt(series[area], utcHour),
    events: groupEvents(events, meters, areas),
  };
}

export function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
