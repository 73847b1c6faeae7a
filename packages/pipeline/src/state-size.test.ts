import { historyLimitDays } from "@hashwatt/detection";
import { describe, expect, it } from "vitest";
import { detectionApi } from "./detection-api.ts";
import { createGroupCalendar } from "./group-calendar.ts";
import { createFleetLayout } from "./group-layout.ts";
import { openHourPage } from "./hour-store.ts";
import { pageAt, shiftPages } from "./interval-pages.ts";
import { createMeterRegistry } from "./meter-registry.ts";
import { createPeerGroup, heldDays } from "./peer-group.ts";
import { settingsOf } from "./pipeline-settings.ts";
import { testMeter } from "./testing/rows.ts";

/** Bytes of all columns that hang on a value. */
function columnBytes(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return value.byteLength;
  const inner = value instanceof Map ? [...value.values()] : Object.values(value);
  return inner.reduce<number>((sum, one) => sum + columnBytes(one, seen), 0);
}

describe("state", () => {
  it("takes at most 24 KB a meter at 15 minutes, 14 late days and 400 days of daily history", () => {
    const meters = Array.from({ length: 1000 }, (_, row) => testMeter(`m${row}`, { intervalMinutes: 15 }));
    const registry = createMeterRegistry(meters, "area");
    const settings = settingsOf({});
    const calendar = createGroupCalendar(meters, new Map());
    const idle = { pageChanged: () => undefined, judge: () => [], follow: () => [] };
    const [layout] = createFleetLayout(registry).groups;
    const group = createPeerGroup({ layout, calendar, settings, detection: detectionApi }, () => idle);
    const [pages] = group.pages;
    for (let day = 0; day <= heldDays(settings); day++) {
      // One day more than is held: a page that was given back waits for the next day.
      if (day === heldDays(settings)) shiftPages(pages);
      pageAt(pages, Math.min(day, heldDays(settings) - 1), 19_000 + day);
      group.lostHours.set(day, new Uint32Array(meters.length));
    }
    for (let day = 0; day < settings.historyDays; day++) openHourPage(group.hours, 19_000 + day);
    for (let day = 0; day < historyLimitDays; day++) group.state.pages.push(new Float32Array(meters.length));
    const { layout: _, calendar: __, ...state } = group;
    const perMeter = columnBytes(state) / meters.length;
    expect(perMeter).toBeGreaterThan(20_000);
    expect(perMeter).toBeLessThanOrEqual(24 * 1024);
  });
});
