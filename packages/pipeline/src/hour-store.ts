/** Hourly means of one UTC day of a whole group, and what they lost to estimated values. */
export interface HourPage {
  readonly utcDay: number;
  /** Mean kW, hour-major: [hour * meterCount + slot]; NaN = no hour of measured data. */
  readonly kw: Float32Array;
  /** Hours lost to estimated values, by slot. */
  readonly estimated: Uint8Array;
}

/** Hour pages in a ring by UTC day: a new day takes the cell, and the memory, of the day `heldDays` before it. */
export interface HourStore {
  readonly meterCount: number;
  readonly heldDays: number;
  readonly cells: (HourPage | undefined)[];
}

export function createHourStore(meterCount: number, heldDays: number): HourStore {
  return { meterCount, heldDays, cells: Array.from({ length: heldDays }, () => undefined) };
}

/** Page of a UTC day, undefined where nothing is held. */
export function hourPageAt(store: HourStore, utcDay: number): HourPage | undefined {
  const page = store.cells[utcDay % store.heldDays];
  return page?.utcDay === utcDay ? page : undefined;
}

/** Oldest UTC day of the history as of an hour that is past its end. */
export function oldestHeldDay(store: HourStore, endHour: number): number {
  return Math.floor((endHour - 1) / 24) - store.heldDays + 1;
}

/** Page of a UTC day, made of NaN where there was none. */
export function openHourPage(store: HourStore, utcDay: number): HourPage {
  const held = hourPageAt(store, utcDay);
  if (held !== undefined) return held;
  const cell = utcDay % store.heldDays;
  const old = store.cells[cell];
  const page: HourPage = {
    utcDay,
    kw: (old?.kw ?? new Float32Array(24 * store.meterCount)).fill(Number.NaN),
    estimated: (old?.estimated ?? new Uint8Array(store.meterCount)).fill(0),
  };
  store.cells[cell] = page;
  return page;
}
