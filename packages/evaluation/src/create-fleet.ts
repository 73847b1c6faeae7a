import { DAY_MS, formatInstant, parseInstant } from "@hashwatt/contracts";
import { assembleFleet } from "./assemble-fleet.ts";
import { type ArrivalOptions, defaultArrival } from "./arrival.ts";
import { type EventSettings, placeConfounders, placeMines } from "./draw-events.ts";
import { addEvent, createEventBook, type EventBook, labelSnaps } from "./event-book.ts";
import { createFleetGrid, type GridOptions } from "./fleet-grid.ts";
import type { Fleet } from "./fleet.ts";
import type { MineKind } from "./mines.ts";
import type { ConfounderKind } from "./place-confounders.ts";
import { createRandom, type Random } from "./random.ts";
import { createAreas, type Snap } from "./weather.ts";

/** A fleet to be simulated; every field has a default. The same options give the same bytes. */
export interface FleetOptions extends Partial<GridOptions> {
  readonly name?: string;
  readonly seed?: number;
  /** First day, midnight UTC. */
  readonly from?: string;
  readonly days?: number;
  /** Nothing is added in the first days. */
  readonly warmupDays?: number;
  /** Rest days as local days "YYYY-MM-DD"; also recorded as events. */
  readonly holidays?: readonly string[];
  readonly coldSnaps?: number;
  readonly heatWaves?: number;
  /** How many mines and changes of each kind. */
  readonly mines?: Partial<Readonly<Record<MineKind, number>>>;
  readonly confounders?: Partial<Readonly<Record<ConfounderKind, number>>>;
  /** Share of the mines that end before the period does. */
  readonly endingShare?: number;
  /** Range of a mine's kW relative to its host's mean, percent; null = by its kind, 3 to 125. */
  readonly minePct?: readonly [low: number, high: number] | null;
  readonly arrival?: Partial<ArrivalOptions>;
  /** True: events that find no host are left out. False: they are an error. */
  readonly isPartial?: boolean;
}

const defaults = {
  name: "simulated",
  seed: 1,
  from: "2023-01-01T00:00:00Z",
  days: 365,
  warmupDays: 60,
  areas: 3,
  substationsPerArea: 8,
  feedersPerSubstation: 0,
  transformersPerFeeder: 0,
  customersPerTransformer: 0,
  intervalMinutes: 60,
  unmeteredShare: 0.3,
  timeZone: "Asia/Almaty",
  climate: { latitude: 49.8, longitude: 73.1, annualMeanC: 4, amplitudeC: 17, synopticC: 5 },
  holidays: [],
  coldSnaps: 3,
  heatWaves: 0,
  mines: { flat: 2, staircase: 1, peak_pause: 1 },
  confounders: { transfer: 2, one_shift: 1, gap: 1, frozen: 1, permitted_load: 1 },
  endingShare: 0,
  isPartial: false,
  minePct: [6, 60],
} as const satisfies FleetOptions;
type Settings = Required<Omit<FleetOptions, "arrival">>;

/** A time of the year (0 to 1) inside the period, or any time where the period has none. */
function drawTime(settings: Settings, season: readonly [number, number], lengthDays: number, random: Random): number {
  const first = parseInstant(settings.from) / DAY_MS;
  const room = Math.max(1, settings.days - lengthDays);
  for (let attempt = 0; attempt < 20; attempt++) {
    const day = first + random.integer(room);
    const ofYear = (day / 365.25) % 1;
    const inSeason = season[0] < season[1] ? ofYear >= season[0] && ofYear < season[1] : ofYear >= season[0] || ofYear < season[1];
    if (inSeason) return day * DAY_MS;
  }
  return (first + random.integer(room)) * DAY_MS;
}

function drawSnaps(settings: Settings, random: Random): Snap[] {
  const snaps = (count: number, season: readonly [number, number], sign: number) =>
    Array.from({ length: count }, () => {
      const fromMs = drawTime(settings, season, 8, random);
      return { fromMs, toMs: fromMs + random.between(4, 8) * DAY_MS, depthC: sign * random.between(8, 14), regions: [""] };
    });
  return [...snaps(settings.coldSnaps, [0.8, 0.25], 1), ...snaps(settings.heatWaves, [0.4, 0.7], -0.7)];
}

function recordHolidays(book: EventBook, settings: Settings): void {
  for (const day of settings.holidays) {
    const from = `${day}T00:00:00Z`;
    const to = formatInstant(parseInstant(from) + DAY_MS);
    addEvent(book, { kind: "holiday", areaId: null, meterId: null, counterpartMeterId: null, from, to });
  }
}

/**
 * A simulated fleet with known mines and innocent changes. Throws RangeError where `from` is not a midnight UTC, or where the grid has
 * too few meters for what is asked.
 */
export function createFleet(options: FleetOptions = {}): Fleet {
  const settings: Settings = { ...defaults, ...options };
  const fromMs = parseInstant(settings.from);
  if (Number.isNaN(fromMs) || fromMs % DAY_MS !== 0) throw new RangeError(`from is "${settings.from}"; a fleet starts at midnight UTC`);
  const toMs = fromMs + settings.days * DAY_MS;
  const random = createRandom(settings.seed, settings.name);
  const grid = createFleetGrid(settings, random.fork("grid"));
  const snaps = drawSnaps(settings, random.fork("snaps"));
  const areas = createAreas(grid.areas, fromMs, settings.days, snaps, random.fork("weather"));
  const book = createEventBook({
    seed: settings.seed,
    name: settings.name,
    fromMs,
    toMs,
    quietUntilMs: fromMs + settings.warmupDays * DAY_MS,
    ...grid,
  });
  const events: EventSettings = { ...settings, minePct: settings.minePct ?? undefined, outages: new Map() };
  placeMines(book, events, random.fork("mines"));
  placeConfounders(book, events, random.fork("confounders"));
  recordHolidays(book, settings);
  return assembleFleet({
    ...grid,
    days: settings.days,
    warmupDays: settings.warmupDays,
    areas,
    holidays: new Set(settings.holidays),
    arrival: { ...defaultArrival, ...options.arrival },
    book,
    confounders: labelSnaps(book, snaps),
    hidden: [],
  });
}
