import { DAY_MS, HOUR_MS, formatDay } from "@hashwatt/contracts";

const MINUTE_MS = 60_000;

/** Minutes that a zone is ahead of UTC at an instant, by the dated rules of the runtime's tz database. */
function readOffset(format: Intl.DateTimeFormat, atMs: number): number {
  const name = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name);
  if (!match) throw new RangeError(`cannot read the zone offset "${name}" of ${format.resolvedOptions().timeZone}`);
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? -minutes : minutes;
}

/**
 * Offset from UTC in minutes for each UTC hour of [fromMs, fromMs + hours). Probed once a day and hour by hour only on a day whose
 * ends differ: Intl costs 2 microseconds a call, 100 times what a reading costs.
 */
export function zoneOffsets(timeZone: string, fromMs: number, hours: number): Int16Array {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const offsets = new Int16Array(hours);
  let atStart = readOffset(format, fromMs);
  for (let first = 0; first < hours; first += 24) {
    const last = Math.min(first + 24, hours);
    const atEnd = readOffset(format, fromMs + last * HOUR_MS);
    for (let hour = first; hour < last; hour++) offsets[hour] = atStart === atEnd ? atStart : readOffset(format, fromMs + hour * HOUR_MS);
    atStart = atEnd;
  }
  return offsets;
}

export const DayType = { working: 0, saturday: 1, restDay: 2 } as const;

/** Local time of the slots of one UTC day in one zone at one cadence. */
export interface DayClock {
  readonly slots: number;
  readonly slotMs: number;
  /** Local hour at the middle of the slot, 0 to 24. */
  readonly localHour: Float64Array;
  /** The two profile hours (profile values stand at half past) a slot lies between, and the weight of the later one. */
  readonly hourBefore: Uint8Array;
  readonly hourAfter: Uint8Array;
  readonly afterWeight: Float64Array;
  /** DayType of the slot's local day. */
  readonly dayType: Uint8Array;
}

export interface ZoneClock {
  readonly timeZone: string;
  /** Clock of the UTC day that starts at `startMs` (a whole day inside the clock's period). */
  dayClock(startMs: number, intervalMinutes: number): DayClock;
}

/**
 * Calendar of a zone over [fromMs, fromMs + hours).
 * @param holidays local days "YYYY-MM-DD" that are rest days everywhere
 */
export function createZoneClock(timeZone: string, fromMs: number, hours: number, holidays: ReadonlySet<string>): ZoneClock {
  const offsets = zoneOffsets(timeZone, fromMs, hours);
  const dayTypes = new Map<number, number>();
  const dayTypeOf = (localDay: number) => {
    let type = dayTypes.get(localDay);
    if (type === undefined) {
      const weekday = (localDay + 3) % 7; // 1970-01-01 was a Thursday; Monday = 0
      const rest = weekday === 6 || holidays.has(formatDay(localDay));
      type = rest ? DayType.restDay : weekday === 5 ? DayType.saturday : DayType.working;
      dayTypes.set(localDay, type);
    }
    return type;
  };
  const dayClock = (startMs: number, intervalMinutes: number): DayClock => {
    const slots = 1440 / intervalMinutes;
    const slotMs = intervalMinutes * MINUTE_MS;
    const clock = {
      slots,
      slotMs,
      localHour: new Float64Array(slots),
      hourBefore: new Uint8Array(slots),
      hourAfter: new Uint8Array(slots),
      afterWeight: new Float64Array(slots),
      dayType: new Uint8Array(slots),
    };
    for (let slot = 0; slot < slots; slot++) {
      const middleMs = startMs + (slot + 0.5) * slotMs;
      const localMs = middleMs + offsets[Math.floor((middleMs - fromMs) / HOUR_MS)] * MINUTE_MS;
      const localDay = Math.floor(localMs / DAY_MS);
      const hour = (localMs - localDay * DAY_MS) / HOUR_MS;
      const before = Math.floor(hour - 0.5);
      clock.localHour[slot] = hour;
      clock.hourBefore[slot] = (before + 24) % 24;
      clock.hourAfter[slot] = (before + 25) % 24;
      clock.afterWeight[slot] = hour - 0.5 - before;
      clock.dayType[slot] = dayTypeOf(localDay);
    }
    return clock;
  };
  return { timeZone, dayClock };
}
