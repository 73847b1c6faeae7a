import { DAY_MS, HOUR_MS, formatInstant, type GridEvent, type Meter } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import type { NaturalFleet } from "./into-fleet.ts";
import { batchesOf, mirrorFleet } from "./mirror-fleet.ts";
import { zoneOffsets } from "./zone-clock.ts";

const fromMs = Date.parse("2022-02-01T00:00:00Z");
const days = 24;
const meterIn = (meterId: string, timeZone: string, intervalMinutes = 60) =>
  ({ meterId, timeZone, intervalMinutes, areaId: timeZone }) as Meter;

/** A load that tells its local hour, its weekday (Monday = 0) and, by 1000 kW, whether it is from the 15th local day on. */
function tellingLoad({ timeZone, intervalMinutes }: Meter): Float32Array {
  const offsetMs = zoneOffsets(timeZone, fromMs, 1)[0] * 60_000;
  const slotMs = intervalMinutes * 60_000;
  return Float32Array.from({ length: (days * DAY_MS) / slotMs }, (_, slot) => {
    const localMs = fromMs + slot * slotMs + offsetMs;
    const weekday = (Math.floor(localMs / DAY_MS) + 3) % 7;
    return (localMs % DAY_MS) / HOUR_MS + 100 * weekday + (localMs >= fromMs + 14 * DAY_MS ? 1000 : 0);
  });
}

function fleetOf(meters: readonly Meter[], events: readonly GridEvent[] = []): NaturalFleet {
  const kw = meters.map(tellingLoad);
  const kvar = kw.map((row) => row.map(() => Number.NaN));
  return { name: "told", load: { meters, fromMs, days, kw, kvar }, permits: [], events, weather: [], labels: { warmupDays: 5 } };
}

describe("a mirrored fleet", () => {
  it.each([
    ["America/Denver", 60],
    ["Asia/Almaty", 15],
    ["UTC", 30],
  ])("in %s keeps every hour of the day, and weekends on weekends", (timeZone, intervalMinutes) => {
    const meter = meterIn("m", timeZone, intervalMinutes);
    const natural = fleetOf([meter]);
    const { load } = mirrorFleet(natural);
    const offsetMs = zoneOffsets(timeZone, fromMs, 1)[0] * 60_000;
    let seen = 0;
    load.kw[0].forEach((value, slot) => {
      if (Number.isNaN(value)) return;
      seen += 1;
      const localMs = load.fromMs + slot * intervalMinutes * 60_000 + offsetMs;
      expect(value % 100).toBeCloseTo((localMs % DAY_MS) / HOUR_MS, 2);
      const weekday = Math.floor((value % 1000) / 100);
      expect((Math.floor(localMs / DAY_MS) + 3) % 7).toBe((11 - weekday) % 7);
    });
    // a zone ahead of UTC may lose the hours before the first midnight
    expect(seen).toBeGreaterThanOrEqual(natural.load.kw[0].length - (24 * 60) / intervalMinutes);
  });

  it("has what went up go down, and the day before first after the last", () => {
    const { load } = mirrorFleet(fleetOf([meterIn("m", "UTC")]));
    const levels = load.kw[0].map((value) => Math.floor(value / 1000)).filter((level) => !Number.isNaN(level));
    expect([levels[0], levels.at(-1)]).toEqual([1, 0]);
    expect(levels.findIndex((level) => level === 0)).toBe(levels.lastIndexOf(1) + 1);
  });

  it("has its holidays on the days that they became, and no other events", () => {
    const record = { areaId: "UTC", meterId: null, counterpartMeterId: null };
    const holiday: GridEvent = { ...record, eventId: "h", kind: "holiday", from: "2022-02-14T00:00:00Z", to: "2022-02-16T00:00:00Z" };
    const outage: GridEvent = { ...record, eventId: "o", kind: "outage", from: "2022-02-03T00:00:00Z", to: "2022-02-03T05:00:00Z" };
    const meter = meterIn("m", "UTC");
    const natural = fleetOf([meter], [holiday, outage]);
    const { load, events } = mirrorFleet(natural);
    expect(events.map(({ eventId }) => eventId)).toEqual(["h"]);
    const first = (Date.parse(events[0].from) - load.fromMs) / HOUR_MS;
    const length = (Date.parse(events[0].to!) - Date.parse(events[0].from)) / HOUR_MS;
    // Monday 14 and Tuesday 15 have become a Thursday and a Friday, in turn: told by their weekday, and by the level of the days before the 15th
    expect(length).toBe(48);
    expect([load.kw[0][first], load.kw[0][first + 24]].map((value) => Math.floor(value / 100))).toEqual([11, 0]);
  });

  it("gives its readings in order of time, each once", () => {
    const meters = [meterIn("a", "America/Denver"), meterIn("b", "America/Denver", 15)];
    const { load } = mirrorFleet(fleetOf(meters));
    const seen = load.kw.map((row) => row.map(() => Number.NaN));
    let latest = -Infinity;
    for (const batch of batchesOf(load)) {
      for (let row = 0; row < batch.count; row++) {
        expect(Math.floor(batch.startMs[row] / HOUR_MS), formatInstant(batch.startMs[row])).toBeGreaterThanOrEqual(latest);
        const index = batch.meterIndex[row];
        const slot = (batch.startMs[row] - load.fromMs) / (meters[index].intervalMinutes * 60_000);
        expect(seen[index][slot]).toBeNaN();
        seen[index][slot] = batch.kw[row];
      }
      latest = Math.floor(batch.startMs[0] / HOUR_MS);
    }
    expect(seen).toEqual(load.kw);
  });
});
