/**
 * What detection sees of a peer group: columns of numbers, read only. Slots are the rows of the group's meters, 0 to meterCount - 1.
 * Hours are counted in UTC since 1970; a *civil day* is a local date counted since 1970-01-01 and means the same date in every zone.
 */
export interface GroupView {
  readonly meterCount: number;
  /** 0 substation, 1 feeder, 2 transformer, 3 customer. */
  readonly levels: Uint8Array;
  /** Slot of the meter one level up; -1 = none, or in another group. */
  readonly parents: Int32Array;
  /** NaN = unknown. */
  readonly ratedKw: Float64Array;
  readonly areas: Int32Array;
  readonly areaCount: number;
  readonly calendars: readonly LocalCalendar[];
  /** Row of `calendars` for each slot. */
  readonly calendarOf: Int32Array;
  /**
   * Hourly mean kW of one UTC day, hour-major: [hour * meterCount + slot]; NaN = no hour of measured data (missing, estimated, partial).
   * undefined = nothing held for the day.
   */
  hourPage(utcDay: number): Float32Array | undefined;
  /** Hours of the UTC day that were lost to estimated values, for each slot. */
  estimatedPage(utcDay: number): Uint8Array | undefined;
  /** Mean air temperature of an area, degrees C; NaN = not known. */
  temperatureC(area: number, utcHour: number): number;
  readonly events: readonly GroupEvent[];
}

/** Mean kW of a meter's hour; NaN = no hour of measured data. */
export function hourKw(view: GroupView, slot: number, utcHour: number): number {
  const utcDay = Math.floor(utcHour / 24);
  return view.hourPage(utcDay)?.[(utcHour - utcDay * 24) * view.meterCount + slot] ?? Number.NaN;
}

/** As `hourKw` for hours that follow on each other: a page is looked up once, not for each of its hours. */
export function meterHours(view: GroupView, slot: number): (utcHour: number) => number {
  const { meterCount } = view;
  let first = Number.NaN;
  let page: Float32Array | undefined;
  return (utcHour) => {
    if (!(utcHour >= first && utcHour < first + 24)) {
      const utcDay = Math.floor(utcHour / 24);
      first = utcDay * 24;
      page = view.hourPage(utcDay);
    }
    return page === undefined ? Number.NaN : page[(utcHour - first) * meterCount + slot];
  };
}

/** Local time by the dated rules of one zone. */
export interface LocalCalendar {
  /** UTC hour in which local hour 0-23 of a civil day starts (the first where a clock change repeats it); -1 where the change skips it. */
  utcHour(civilDay: number, localHour: number): number;
}

/** An event of the grid or the calendar, in group terms. */
export interface GroupEvent {
  readonly kind: "switching" | "outage" | "curtailment" | "internet_outage" | "inspection" | "holiday";
  /** -1 = every area. */
  readonly area: number;
  /** -1 = the whole area. */
  readonly slot: number;
  readonly counterpart: number;
  readonly fromHour: number;
  /** Infinity = open. */
  readonly toHour: number;
}
