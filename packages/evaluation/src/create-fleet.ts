import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import { assembleFleet } from "./assemble-fleet.ts";
import { type ArrivalOptions, defaultArrival } from "./arrival.ts";
import { addEvent, createEventBook, type EventBook, labelColdSnaps } from "./event-book.ts";
import { createFleetGrid, type GridOptions } from "./fleet-grid.ts";
import type { Fleet } from "./fleet.ts";
import { type MineKind, mineKinds } from "./mines.ts";
import { type ConfounderKind, confounderKinds, placeConfounder } from "./place-confounders.ts";
import { placeMine } from "./place-mines.ts";
import { createRandom, type Random } from "./random.ts";
import { type ColdSnap, createAreas } from "./weather.ts";

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
  /** How many mines and changes of each kind. */
  readonly mines?: Partial<Readonly<Record<MineKind, number>>>;
  readonly confounders?: Partial<Readonly<Record<ConfounderKind, number>>>;
  /** Range of a mine's kW relative to its host's mean, percent. */
  readonly minePct?: readonly [low: number, high: number];
  readonly arrival?: Partial<ArrivalOptions>;
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
  mines: { flat: 2, staircase: 1, peak_pause: 1 },
  confounders: { transfer: 2, one_shift: 1, gap: 1, frozen: 1, permitted_load: 1 },
  minePct: [6, 60],
} as const satisfies FleetOptions;
type Settings = Required<Omit<FleetOptions, "arrival">>;

const parentKinds: ReadonlySet<MineKind> = new Set(["bypass", "moved_behind", "many_small"]);

function drawOnset(settings: Settings, random: Random): number {
  const fromMs = parseInstant(settings.from);
  const first = settings.warmupDays;
  const last = Math.max(first, settings.days - 30); // at least 30 days are left to find it
  return fromMs + Math.round(random.between(first, last) * 24) * HOUR_MS;
}

function drawHost(book: EventBook, wantsParent: boolean, what: string, random: Random): number {
  const { meters, childrenOf } = book.ground;
  const free = meters.map((_, index) => index).filter((index) => !book.taken.has(index) && childrenOf[index].length > 0 === wantsParent);
  if (free.length === 0) {
    const kind = wantsParent ? "parents with metered children" : "meters without children";
    throw new RangeError(
      `no host is left for ${what}: all ${kind} are taken (of ${meters.length} meters); ask for less or for a larger grid`,
    );
  }
  return random.pick(free);
}

function placeMines(book: EventBook, settings: Settings, random: Random): void {
  const [low, high] = settings.minePct;
  for (const kind of mineKinds) {
    for (let i = 0; i < (settings.mines[kind] ?? 0); i++) {
      const meterIndex = drawHost(book, parentKinds.has(kind), `mine ${kind}`, random);
      const pct = low * (high / low) ** random.next();
      const onsetMs = drawOnset(settings, random);
      const kw = (pct / 100) * book.ground.meanKw[meterIndex];
      placeMine(book, { kind, meterIndex, kw, onsetMs, toMs: Number.POSITIVE_INFINITY, interruptions: [] });
    }
  }
}

/** Free leaves of the donor's area. */
function neighboursOf(book: EventBook, donor: number): number[] {
  const { meters, childrenOf } = book.ground;
  return meters
    .map((_, index) => index)
    .filter((index) => index !== donor && !book.taken.has(index) && childrenOf[index].length === 0)
    .filter((index) => meters[index].areaId === meters[donor].areaId);
}

function placeTransfer(book: EventBook, onsetMs: number, random: Random): void {
  const donors = book.ground.meters
    .map((_, index) => index)
    .filter((index) => !book.taken.has(index) && book.ground.childrenOf[index].length === 0);
  const donor = random.shuffle(donors).find((index) => neighboursOf(book, index).length > 0);
  if (donor === undefined) throw new RangeError("no two neighbours are left for a transfer; ask for less or for a larger grid");
  placeConfounder(book, { kind: "transfer", meterIndex: donor, counterpartIndex: random.pick(neighboursOf(book, donor)), onsetMs });
}

function placeConfounders(book: EventBook, settings: Settings, random: Random): void {
  for (const kind of confounderKinds) {
    for (let i = 0; i < (settings.confounders[kind] ?? 0); i++) {
      const onsetMs = drawOnset(settings, random);
      if (kind === "transfer") placeTransfer(book, onsetMs, random);
      else placeConfounder(book, { kind, meterIndex: drawHost(book, false, `confounder ${kind}`, random), onsetMs });
    }
  }
}

function drawColdSnaps(settings: Settings, random: Random): ColdSnap[] {
  return Array.from({ length: settings.coldSnaps }, () => {
    const fromMs = parseInstant(settings.from) + random.integer(Math.max(1, settings.days - 8)) * DAY_MS;
    return { fromMs, toMs: fromMs + random.between(4, 8) * DAY_MS, depthC: random.between(8, 14), regions: [""] };
  });
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
  const snaps = drawColdSnaps(settings, random.fork("snaps"));
  const areas = createAreas(grid.areas, fromMs, settings.days, snaps, random.fork("weather"));
  const book = createEventBook({ seed: settings.seed, name: settings.name, fromMs, toMs, ...grid });
  placeMines(book, settings, random.fork("mines"));
  placeConfounders(book, settings, random.fork("confounders"));
  recordHolidays(book, settings);
  return assembleFleet({
    ...grid,
    days: settings.days,
    warmupDays: settings.warmupDays,
    areas,
    holidays: new Set(settings.holidays),
    arrival: { ...defaultArrival, ...options.arrival },
    book,
    confounders: labelColdSnaps(book, snaps),
    hidden: [],
  });
}
