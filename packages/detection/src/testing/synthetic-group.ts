import type { GroupView } from "../group-view.ts";

/** A civil day that begins a week of refits. */
export const syntheticFirstDay = 2700 * 7;

export interface SyntheticGroup {
  readonly meterCount: number;
  readonly days: number;
  readonly seed: number;
  /** Own change of a meter's hour; `hour` counts from the first hour of the group. Default: none. */
  readonly change?: (slot: number, hour: number, kw: number) => number;
  /** What moves all meters on a day, beside the factor that they share; each follows it as it follows that one. Default: nothing. */
  readonly commonMove?: (day: number) => number;
}

/** Uniform in [0, 1): Mulberry32. */
function createUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function createNormal(uniform: () => number): () => number {
  return () => Array.from({ length: 12 }, uniform).reduce((sum, one) => sum + one, -6);
}

/** What each meter does on its own from day to day, in deviations: a part `kept` of the day before, and something new. */
export function createDayMoves(
  { meterCount, days, seed }: Pick<SyntheticGroup, "meterCount" | "days" | "seed">,
  kept: number,
): (slot: number, hour: number) => number {
  const normal = createNormal(createUniform(seed));
  const moves = Array.from({ length: meterCount }, () => {
    const own = [normal()];
    while (own.length < days) own.push(kept * own.at(-1)! + Math.sqrt(1 - kept ** 2) * normal());
    return own;
  });
  return (slot, hour) => moves[slot][Math.floor(hour / 24)];
}

/**
 * Substations of one area in UTC: means of 2 to 6 MW, a shape of the day that swings by 40 to 60 %, a slow season, a factor of the
 * day that all share, and 1.5 % of hourly noise of their own.
 */
export function createSyntheticGroup({
  meterCount,
  days,
  seed,
  change = (_, __, kw) => kw,
  commonMove = () => 0,
}: SyntheticGroup): GroupView {
  const uniform = createUniform(seed);
  const normal = createNormal(uniform);
  const meters = Array.from({ length: meterCount }, () => ({
    meanKw: 2000 + 4000 * uniform(),
    swing: 0.2 + 0.1 * uniform(),
    peak: 15 + 4 * uniform(),
    response: 0.8 + 0.4 * uniform(),
  }));
  let common = 0;
  const pages = Array.from({ length: days }, (_, day) => {
    common = 0.7 * common + 0.02 * normal();
    const season = 0.1 * Math.sin((2 * Math.PI * day) / 365) + commonMove(day);
    const page = new Float32Array(24 * meterCount);
    for (let hour = 0; hour < 24; hour++) {
      meters.forEach(({ meanKw, swing, peak, response }, slot) => {
        const shape = 1 + swing * Math.cos((2 * Math.PI * (hour - peak)) / 24);
        const kw = meanKw * shape * (1 + response * (season + common)) * (1 + 0.015 * normal());
        page[hour * meterCount + slot] = change(slot, day * 24 + hour, kw);
      });
    }
    return page;
  });
  return {
    meterCount,
    levels: new Uint8Array(meterCount),
    parents: new Int32Array(meterCount).fill(-1),
    ratedKw: new Float64Array(meterCount).fill(Number.NaN),
    areas: new Int32Array(meterCount),
    areaCount: 1,
    calendars: [{ utcHour: (civilDay, localHour) => civilDay * 24 + localHour }],
    calendarOf: new Int32Array(meterCount),
    hourPage: (utcDay) => pages[utcDay - syntheticFirstDay],
    estimatedPage: () => undefined,
    temperatureC: () => Number.NaN,
    events: [],
  };
}
