import { DAY_MS, formatInstant, type GridEvent, HOUR_MS, type Meter, parseInstant, Quality, type Weather } from "@hashwatt/contracts";
import type { FleetBatch } from "./arrival.ts";
import type { NaturalFleet } from "./into-fleet.ts";
import type { LoadColumns } from "./load-columns.ts";
import { zoneOffsets } from "./zone-clock.ts";

/** Saturdays fall on Sundays and the other way round, Mondays on Fridays: a weekday w becomes 11 - w (mod 7; Monday = 0). */
const mirroredWeekdays = 11;

/**
 * Local days counted from the first of a fleet; the mirror swaps day d and day `sum` - d. A fixed offset tells where a day begins, that of the
 * first day: half of the year the clock is then an hour off, which all meters of a zone share.
 */
interface DayMirror {
  readonly fromMs: number;
  readonly sum: number;
  readonly offsetMs: (timeZone: string) => number;
}

function mirrorOf({ fromMs, days }: LoadColumns): DayMirror {
  const weekday = (Math.floor(fromMs / DAY_MS) + 3) % 7; // 1970-01-01 was a Thursday
  const last = days - 1;
  const sum = last + ((((mirroredWeekdays - 2 * weekday - last) % 7) + 7) % 7);
  const offsets = new Map<string, number>();
  const offsetMs = (timeZone: string) => {
    const known = offsets.get(timeZone) ?? zoneOffsets(timeZone, fromMs, 1)[0] * 60_000;
    offsets.set(timeZone, known);
    return known;
  };
  return { fromMs, sum, offsetMs };
}

/** Start of an interval in the mirrored fleet. */
function mirrorMs({ fromMs, sum, offsetMs }: DayMirror, timeZone: string, startMs: number): number {
  const localMs = startMs - fromMs + offsetMs(timeZone);
  const day = Math.floor(localMs / DAY_MS);
  return startMs + (sum - 2 * day) * DAY_MS;
}

/**
 * A fleet whose days run backwards, each with its hours in order and weekends on weekends. What went down goes up: as many innocent moves again to learn
 * from, of loads that are as real. What its labels say of moments does not hold any more and is left out.
 */
export function mirrorFleet(natural: NaturalFleet): NaturalFleet {
  const { load, events, weather, labels } = natural;
  const mirror = mirrorOf(load);
  const days = mirror.sum + 3;
  const mirrored = (rows: readonly Float32Array[]) => rows.map((row, index) => mirrorRow(row, load.meters[index], { load, mirror, days }));
  return {
    name: `${natural.name}-mirrored`,
    load: { ...load, days, kw: mirrored(load.kw), kvar: mirrored(load.kvar) },
    permits: natural.permits,
    events: mirrorHolidays(events, load.meters, mirror),
    weather: mirrorWeather(weather, load.meters, mirror),
    labels: labels?.warmupDays === undefined ? undefined : { warmupDays: labels.warmupDays },
  };
}

function mirrorRow(row: Float32Array, { timeZone }: Meter, to: { load: LoadColumns; mirror: DayMirror; days: number }): Float32Array {
  const slotMs = (to.load.days * DAY_MS) / row.length;
  const mirrored = new Float32Array((to.days * DAY_MS) / slotMs).fill(Number.NaN);
  for (let slot = 0; slot < row.length; slot++) {
    const at = (mirrorMs(to.mirror, timeZone, to.load.fromMs + slot * slotMs) - to.load.fromMs) / slotMs;
    if (at >= 0 && at < mirrored.length) mirrored[at] = row[slot];
  }
  return mirrored;
}

function zoneOf(meters: readonly Meter[], areaId: string | null): string {
  return (meters.find((meter) => meter.areaId === areaId) ?? meters[0]).timeZone;
}

/** Other events belong to loads that have turned round. */
function mirrorHolidays(events: readonly GridEvent[], meters: readonly Meter[], mirror: DayMirror): GridEvent[] {
  return events
    .filter(({ kind, to }) => kind === "holiday" && to !== null)
    .map((event) => {
      const timeZone = zoneOf(meters, event.areaId);
      const [last, first] = [parseInstant(event.from), parseInstant(event.to!) - DAY_MS].map((ms) => mirrorMs(mirror, timeZone, ms));
      return { ...event, from: formatInstant(first), to: formatInstant(last + DAY_MS) };
    });
}

function mirrorWeather(weather: readonly Weather[], meters: readonly Meter[], mirror: DayMirror): Weather[] {
  return weather
    .map((record) => ({ record, ms: mirrorMs(mirror, zoneOf(meters, record.areaId), parseInstant(record.intervalStart)) }))
    .toSorted((a, b) => a.ms - b.ms)
    .map(({ record, ms }) => ({ ...record, intervalStart: formatInstant(ms) }));
}

/** Readings of columns in order of time, a batch an hour, all measured. */
export function* batchesOf({ meters, fromMs, days, kw, kvar }: LoadColumns): Generator<FleetBatch> {
  const perHour = kw.map((row) => row.length / days / 24);
  const most = perHour.reduce((sum, count) => sum + count, 0);
  for (let hour = 0; hour < days * 24; hour++) {
    const batch: FleetBatch = {
      count: 0,
      meterIndex: new Int32Array(most),
      startMs: new Float64Array(most),
      kw: new Float64Array(most),
      kvar: new Float64Array(most),
      quality: new Uint8Array(most).fill(Quality.measured),
      arrivalMs: fromMs + (hour + 1) * HOUR_MS,
    };
    for (let index = 0; index < meters.length; index++)
      fillHour(batch, index, hour, { kw: kw[index], kvar: kvar[index], perHour: perHour[index], fromMs });
    if (batch.count > 0) yield batch;
  }
}

function fillHour(
  batch: FleetBatch,
  meterIndex: number,
  hour: number,
  row: { kw: Float32Array; kvar: Float32Array; perHour: number; fromMs: number },
): void {
  for (let slot = hour * row.perHour; slot < (hour + 1) * row.perHour; slot++) {
    const value = row.kw[slot];
    if (value !== value) continue;
    const at = batch.count++;
    batch.meterIndex[at] = meterIndex;
    batch.startMs[at] = row.fromMs + (slot * HOUR_MS) / row.perHour;
    batch.kw[at] = value;
    batch.kvar[at] = row.kvar[slot];
  }
}
