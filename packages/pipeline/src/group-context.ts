import { type GridEvent, HOUR_MS, type Meter, parseInstant, type Weather } from "@hashwatt/contracts";
import type { GroupEvent } from "@hashwatt/detection";

/** Hourly temperatures of one area from `firstHour`; NaN = not known. */
interface TemperatureSeries {
  readonly firstHour: number;
  readonly celsius: Float32Array;
}
export type TemperaturesByArea = ReadonlyMap<string, TemperatureSeries>;

/** Columns of hourly temperatures by area. A second value for an hour replaces the first. */
export function temperaturesByArea(weather: readonly Weather[]): TemperaturesByArea {
  const hours = Float64Array.from(weather, (row) => Math.floor(parseInstant(row.intervalStart) / HOUR_MS));
  const spans = new Map<string, { first: number; last: number }>();
  for (const [row, { areaId }] of weather.entries()) {
    const span = spans.get(areaId) ?? { first: hours[row], last: hours[row] };
    span.first = Math.min(span.first, hours[row]);
    span.last = Math.max(span.last, hours[row]);
    spans.set(areaId, span);
  }
  const series = new Map<string, TemperatureSeries>();
  for (const [areaId, { first, last }] of spans) {
    series.set(areaId, { firstHour: first, celsius: new Float32Array(last - first + 1).fill(Number.NaN) });
  }
  for (const [row, { areaId, tempC }] of weather.entries()) {
    const { firstHour, celsius } = series.get(areaId)!;
    celsius[hours[row] - firstHour] = tempC;
  }
  return series;
}

export function temperatureAt(series: TemperatureSeries | undefined, utcHour: number): number {
  return series?.celsius[utcHour - series.firstHour] ?? Number.NaN;
}

/** The events that concern a group, in group terms and in the order given. `meters` by slot, `areas` as in the view. */
export function groupEvents(events: readonly GridEvent[], meters: readonly Meter[], areas: readonly string[]): GroupEvent[] {
  const slots = new Map(meters.map((meter, slot) => [meter.meterId, slot]));
  return events.flatMap((event) => {
    const place = placeOf(event, slots, areas, meters);
    if (place === undefined) return [];
    const fromHour = Math.floor(parseInstant(event.from) / HOUR_MS);
    const toHour = event.to === null ? Number.POSITIVE_INFINITY : Math.ceil(parseInstant(event.to) / HOUR_MS);
    return [{ kind: event.kind, ...place, fromHour, toHour }];
  });
}

type EventPlace = Pick<GroupEvent, "area" | "slot" | "counterpart">;

/** Where an event is in the group; undefined where it is elsewhere. */
function placeOf(
  { meterId, counterpartMeterId, areaId }: GridEvent,
  slots: ReadonlyMap<string, number>,
  areas: readonly string[],
  meters: readonly Meter[],
): EventPlace | undefined {
  const own = slots.get(meterId ?? "") ?? -1;
  const other = slots.get(counterpartMeterId ?? "") ?? -1;
  if (own >= 0) return { area: areas.indexOf(meters[own].areaId), slot: own, counterpart: other };
  // Load moved to or from a meter of this group: seen from the end that is here.
  if (other >= 0) return { area: areas.indexOf(meters[other].areaId), slot: other, counterpart: -1 };
  if (meterId !== null) return undefined;
  if (areaId === null) return { area: -1, slot: -1, counterpart: -1 };
  const area = areas.indexOf(areaId);
  return area >= 0 ? { area, slot: -1, counterpart: -1 } : undefined;
}
