import {
  DAY_MS,
  formatDay,
  formatInstant,
  type GridEvent,
  HOUR_MS,
  type Meter,
  parseInstant,
  type Permit,
  type Weather,
} from "@hashwatt/contracts";
import { drawConfounderCounts, drawMineCounts } from "./draw-counts.ts";
import { type EventSettings, placeConfounders, placeExactMines, placeMines } from "./draw-events.ts";
import { addEvent, createEventBook, earliestMs, type EventBook, type Ground } from "./event-book.ts";
import { injectEvents } from "./inject-events.ts";
import type { FleetLabels } from "./labels.ts";
import { type LoadColumns, usualLoad } from "./load-columns.ts";
import { createMeterClocks } from "./meter-clocks.ts";
import type { Interruption } from "./mines.ts";
import { placeAreaWave } from "./place-confounders.ts";
import { createRandom, type Random } from "./random.ts";
import type { ReadingEdits } from "./reading-edits.ts";
import { childrenOf, createTree } from "./tree.ts";
import { type AreaSeries, type Climate, createAreas, type Snap, snapDepth } from "./weather.ts";

/** A fleet as it was metered, that events are to be put into. */
export interface NaturalFleet {
  readonly name: string;
  readonly load: LoadColumns;
  readonly permits: readonly Permit[];
  readonly events: readonly GridEvent[];
  readonly weather: readonly Weather[];
  /** What is already known to be in the readings; it stays true. */
  readonly labels?: Partial<FleetLabels> | undefined;
}

export interface IntoOptions {
  readonly seed: number;
  /** How many mines and innocent changes; by default one mine for 5 meters and two changes. */
  readonly mines?: number | undefined;
  readonly confounders?: number | undefined;
  /** Nothing is added in the first days; by default 45, less in a fleet of under 150 days. */
  readonly warmupDays?: number | undefined;
  /** Range of sizes, percent of the host's mean: then all mines begin at once and run around the clock (on a parent as a bypass). */
  readonly plainPct?: readonly [low: number, high: number] | undefined;
  /**
   * Size of the mine for each meter, kW: then all mines begin at once and run around the clock at just that size, on meters of the map (on a parent
   * as a bypass), and a meter that is not in it gets none.
   */
  readonly exactKw?: ReadonlyMap<string, number> | undefined;
}

/** A fleet with events in it: its records, and what has to be done to the readings of the natural one. */
export interface EventfulFleet {
  readonly meters: readonly Meter[];
  readonly permits: readonly Permit[];
  readonly events: readonly GridEvent[];
  readonly weather: readonly Weather[];
  readonly labels: FleetLabels;
  readonly edits: ReadingEdits;
}

/** A climate of the latitude, for what the weather file does not tell. */
function climateOf(meters: readonly Meter[]): Climate {
  const known = meters.filter((meter) => meter.latitude !== null && meter.longitude !== null);
  const mean = (pick: (meter: Meter) => number, other: number) =>
    known.length === 0 ? other : known.reduce((sum, meter) => sum + pick(meter), 0) / known.length;
  const latitude = mean((meter) => meter.latitude!, 45);
  const away = Math.abs(latitude);
  return {
    latitude,
    longitude: mean((meter) => meter.longitude!, 0),
    annualMeanC: 29 - 0.45 * away,
    amplitudeC: (latitude < 0 ? -1 : 1) * (1 + 0.25 * away),
    synopticC: 4,
  };
}

/** Weather and daylight by area; temperatures are the measured ones where there are any. */
function areasOf(natural: NaturalFleet, random: Random): Map<string, AreaSeries> {
  const { meters, fromMs, days } = natural.load;
  const areaIds = [...new Set(meters.map((meter) => meter.areaId))];
  const specs = areaIds.map((areaId) => ({ areaId, region: "", climate: climateOf(meters.filter((meter) => meter.areaId === areaId)) }));
  const areas = new Map(createAreas(specs, fromMs, days, [], random).map((area) => [area.areaId, area]));
  for (const { areaId, intervalStart, tempC } of natural.weather) {
    const hour = Math.floor((parseInstant(intervalStart) - fromMs) / HOUR_MS);
    const series = areas.get(areaId)?.tempC;
    if (series !== undefined && hour >= 0 && hour < series.length) series[hour] = tempC;
  }
  return areas;
}

/** Nine of ten readings of a span are there. */
function isMeteredIn(load: LoadColumns): NonNullable<Ground["isMetered"]> {
  return (meterIndex, fromMs, toMs) => {
    const row = load.kw[meterIndex];
    const perMs = row.length / (load.days * DAY_MS);
    const first = Math.max(0, Math.floor((fromMs - load.fromMs) * perMs));
    const last = Math.min(row.length, Math.ceil((toMs - load.fromMs) * perMs));
    let known = 0;
    for (let slot = first; slot < last; slot++) if (row[slot] > 0) known++;
    return known >= 0.9 * (last - first);
  };
}

function groundOf(natural: NaturalFleet, seed: number, warmupDays: number): Ground {
  const { load } = natural;
  const tree = createTree(load.meters);
  return {
    seed,
    name: natural.name,
    fromMs: load.fromMs,
    toMs: load.fromMs + load.days * DAY_MS,
    quietUntilMs: load.fromMs + warmupDays * DAY_MS,
    meters: load.meters,
    meanKw: load.kw.map((row) => usualLoad(row).meanKw),
    parentOf: [...tree.parentOf],
    childrenOf: childrenOf(tree),
    isMetered: isMeteredIn(load),
  };
}

/** Half of the areas lose their network once; most of that is known. Mines there stop, and not all at the same minute. */
function drawOutages(book: EventBook, areaIds: readonly string[], random: Random): Map<string, Interruption[]> {
  const { fromMs, toMs } = book.ground;
  const outages = new Map<string, Interruption[]>();
  for (const areaId of areaIds) {
    if (random.next() < 0.5) continue;
    const startMs = Math.round(random.between(fromMs / HOUR_MS, toMs / HOUR_MS - 48)) * HOUR_MS;
    const endMs = startMs + (6 + random.integer(34)) * HOUR_MS;
    outages.set(areaId, [{ fromMs: startMs, toMs: endMs, residual: 0.1, lagHours: 2, restartHours: random.between(3, 10) }]);
    if (random.next() < 0.8) {
      const span = { from: formatInstant(startMs), to: formatInstant(endMs) };
      addEvent(book, { kind: "internet_outage", areaId, meterId: null, counterpartMeterId: null, ...span });
    }
  }
  return outages;
}

/** Air that is colder than the weather file says. */
interface Wave {
  readonly areaId: string;
  readonly snap: Snap;
}

/** One cold snap or heat wave for every three areas and year, at its time of the year. */
function placeWaves(book: EventBook, areaIds: readonly string[], random: Random): Wave[] {
  const { toMs, meters } = book.ground;
  const fromMs = earliestMs(book.ground);
  const years = (toMs - fromMs) / (365.25 * DAY_MS);
  const waves: Wave[] = [];
  for (const areaId of areaIds) {
    if (random.next() >= years / 3) continue;
    const meterIndices = meters.map((_, index) => index).filter((index) => meters[index].areaId === areaId);
    const startMs = fromMs + random.integer(Math.max(1, Math.floor((toMs - fromMs) / DAY_MS) - 16)) * DAY_MS;
    const ofYear = ((startMs / DAY_MS / 365.25 + ((meters[meterIndices[0]].latitude ?? 45) < 0 ? 0.5 : 0)) % 1) * 12;
    const kind = ofYear > 4.5 && ofYear < 9 ? "heat_wave" : "cold_snap";
    const span = { fromMs: startMs, toMs: startMs + (5 + random.integer(9)) * DAY_MS };
    const depthC = placeAreaWave(book, { kind, meterIndices, ...span });
    waves.push({ areaId, snap: { ...span, depthC, regions: [] } });
  }
  return waves;
}

/** The weather file, colder or hotter in the waves. */
function weatherWith(weather: readonly Weather[], waves: readonly Wave[]): Weather[] {
  return weather.map((record) => {
    const atMs = parseInstant(record.intervalStart);
    const here = waves.filter(({ areaId, snap }) => areaId === record.areaId && atMs >= snap.fromMs && atMs < snap.toMs);
    if (here.length === 0) return record;
    const tempC = here.reduce((sum, { snap }) => sum - snapDepth(snap, atMs), record.tempC);
    return { ...record, tempC: Math.max(-90, Math.min(65, Math.round(tempC * 10) / 10)) };
  });
}

/** Changes of whole areas leave their meters free for others. */
const areaWide = 4;

/** Takes over what the readings hold already, and its meters with it. */
function takeOver(book: EventBook, labels: Partial<FleetLabels>): void {
  const indexOf = new Map(book.ground.meters.map((meter, index) => [meter.meterId, index]));
  const occupy = (meterIds: readonly string[]) => {
    for (const meterId of meterIds) {
      const index = indexOf.get(meterId);
      if (index !== undefined) book.taken.add(index);
    }
  };
  for (const mine of labels.mines ?? []) {
    book.mines.push(mine);
    occupy(mine.meterIds);
  }
  for (const confounder of labels.confounders ?? []) {
    book.confounders.push(confounder);
    if (confounder.meterIds.length < areaWide) occupy(confounder.meterIds);
  }
}

function holidaysOf(events: readonly GridEvent[]): Set<string> {
  const days = events
    .filter((event) => event.kind === "holiday")
    .map((event) => Math.floor((parseInstant(event.from) + 12 * HOUR_MS) / DAY_MS));
  return new Set(days.map(formatDay));
}

function defaultWarmupDays(days: number): number {
  return Math.min(45, Math.floor(0.3 * days));
}

/**
 * Draws mines and innocent changes for a metered fleet, and says what they do to its readings. The same fleet and seed give the same.
 * What finds no free meter is left out.
 */
export function planInto(natural: NaturalFleet, options: IntoOptions): EventfulFleet {
  const { load } = natural;
  const random = createRandom(options.seed, `into/${natural.name}`);
  const warmupDays = options.warmupDays ?? natural.labels?.warmupDays ?? defaultWarmupDays(load.days);
  const ground = groundOf(natural, options.seed, warmupDays);
  const book = createEventBook(ground);
  book.events.push(...natural.events);
  takeOver(book, natural.labels ?? {});
  const areas = areasOf(natural, random.fork("weather"));
  const areaIds = [...areas.keys()];
  const parents = ground.childrenOf.filter((children) => children.length > 0).length;
  const mines = options.mines ?? Math.max(1, Math.round(load.meters.length / 5));
  const confounders = options.confounders ?? Math.max(1, Math.round((2 * load.meters.length) / 5));
  const counts = random.fork("counts");
  const onParents = Math.round((mines * parents) / load.meters.length);
  const settings: EventSettings = {
    warmupDays,
    mines: options.plainPct ? { flat: mines - onParents, bypass: onParents } : drawMineCounts(mines, parents, counts),
    minePct: options.plainPct,
    confounders: drawConfounderCounts(confounders, counts),
    endingShare: 0.3,
    outages: drawOutages(book, areaIds, random.fork("outages")),
    isPartial: true,
  };
  if (options.exactKw) placeExactMines(book, { ...settings, count: mines, exactKw: options.exactKw }, random.fork("exact"));
  else placeMines(book, settings, random.fork("mines"));
  placeConfounders(book, settings, random.fork("confounders"));
  const waves = placeWaves(book, areaIds, random.fork("waves"));
  const edits = injectEvents({
    load,
    effects: book.effects,
    faults: book.faults,
    clocks: createMeterClocks({ meters: load.meters, fromMs: load.fromMs, days: load.days, holidays: holidaysOf(natural.events) }),
    areas: load.meters.map((meter) => areas.get(meter.areaId)!),
    marginalLoss: random.fork("loss").between(0.02, 0.06),
    random: random.fork("corrections"),
  });
  return {
    meters: load.meters,
    permits: [...natural.permits, ...book.permits.map((permit) => ({ ...permit, permitId: `into-${permit.permitId}` }))],
    events: numbered(book.events),
    weather: weatherWith(natural.weather, waves),
    labels: labelsOf(book, warmupDays, natural.labels),
    edits,
  };
}

/** Ids of given events may clash with new ones: all are numbered in order of time. */
function numbered(events: readonly GridEvent[]): GridEvent[] {
  return events
    .toSorted((a, b) => parseInstant(a.from) - parseInstant(b.from))
    .map((event, order) => ({ ...event, eventId: `event-${String(order + 1).padStart(4, "0")}` }));
}

function labelsOf(book: EventBook, warmupDays: number, known: Partial<FleetLabels> | undefined): FleetLabels {
  return {
    fleet: `${book.ground.name}-seed-${book.ground.seed}`,
    from: formatInstant(book.ground.fromMs),
    to: formatInstant(book.ground.toMs),
    warmupDays,
    mines: book.mines,
    confounders: book.confounders,
    unscored: known?.unscored ?? [],
    lookalikes: known?.lookalikes ?? [],
    hidden: [],
  };
}
