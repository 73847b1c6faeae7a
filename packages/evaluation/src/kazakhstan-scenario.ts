import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import { assembleFleet } from "./assemble-fleet.ts";
import { defaultArrival } from "./arrival.ts";
import { addEvent, createEventBook, type EventBook, labelSnaps, rounded } from "./event-book.ts";
import type { Fleet } from "./fleet.ts";
import { createKazakhstanGrid, type KazakhstanGrid } from "./kazakhstan-grid.ts";
import { holidays } from "./kazakhstan-regions.ts";
import { campaign, internetShutdown, type SwitchOffSite, switchOffSites, type SwitchOnSite, switchOnSites } from "./kazakhstan-sites.ts";
import type { HiddenSite } from "./labels.ts";
import { type Interruption, machineHall } from "./mines.ts";
import { type ConfounderKind, placeConfounder } from "./place-confounders.ts";
import { placeMine } from "./place-mines.ts";
import { createRandom, type Random } from "./random.ts";
import { type Snap, createAreas } from "./weather.ts";

const scenarioName = "kazakhstan-winter-2022";
const fromMs = parseInstant("2021-09-15T00:00:00Z");
/** To 20 March 2022, four weeks after the last switch-off. */
const days = 187;
const toMs = fromMs + days * DAY_MS;

const north = ["Akmola", "Kostanay", "North Kazakhstan", "Pavlodar", "Nur-Sultan", "Karaganda", "East Kazakhstan"];
const west = ["West Kazakhstan", "Aktobe", "Atyrau", "Mangystau"];
const south = ["Almaty", "Almaty Region", "Zhambyl", "Shymkent", "Turkistan", "Kyzylorda"];

/** Five cold snaps between November and the end of February, one of them over most of the country. */
function drawColdSnaps(random: Random): Snap[] {
  return [[...north], [...west], [...south], [...north, ...south], [...north, ...west]].map((regions, order) => {
    const start = fromMs + Math.round(random.between(52 + 21 * order, 66 + 21 * order)) * DAY_MS;
    return { fromMs: start, toMs: start + random.between(4, 8) * DAY_MS, depthC: random.between(8, 14), regions };
  });
}

/** How one site lives through the shutdown of the internet. */
function drawOutage(random: Random): Interruption {
  return {
    fromMs: internetShutdown.fromMs,
    toMs: internetShutdown.toMs + random.integer(8) * HOUR_MS,
    residual: random.between(0.05, 0.3),
    lagHours: random.between(1, 4),
    restartHours: random.between(4, 12),
  };
}

function hide(book: EventBook, site: SwitchOnSite, host: number, random: Random): HiddenSite {
  const { meters } = book.ground;
  const onsetMs = parseInstant(`${site.day}T00:00:00Z`) + random.integer(49) * HOUR_MS;
  const plan = {
    kind: site.kind,
    meterIndex: host,
    kw: site.kw,
    onsetMs,
    toMs: Number.POSITIVE_INFINITY,
    interruptions: [drawOutage(random)],
  };
  const label = placeMine(book, plan);
  return {
    siteId: label.mineId,
    meterId: meters[host].meterId,
    region: site.region,
    kind: site.kind,
    onset: label.onset,
    kw: site.kw,
    direction: "up",
  };
}

function hideStepDown(book: EventBook, site: SwitchOffSite, host: number, random: Random): HiddenSite {
  const meterId = book.ground.meters[host].meterId;
  const stopMs = parseInstant(site.at) + (random.integer(9) - 4) * HOUR_MS;
  const siteId = `mine-${String(book.mines.length + 1).padStart(3, "0")}`;
  const machines = Math.round(site.kw / 2.8);
  book.effects.push(
    machineHall({
      meterIndex: host,
      kw: site.kw,
      machines,
      stairs: [[fromMs - 90 * DAY_MS, 1]],
      rampHours: 3,
      toMs: stopMs + 2 * HOUR_MS, // the ramp down takes the last two hours
      interruptions: [drawOutage(random)],
      seed: `${siteId}/${book.ground.seed}`,
    }),
  );
  book.taken.add(host);
  book.mines.push({
    mineId: siteId,
    meterIds: [meterId],
    kind: "step_down",
    onset: formatInstant(stopMs),
    end: null,
    kw: site.kw,
    pctOfMean: rounded((100 * site.kw) / book.ground.meanKw[host]),
    machines,
  });
  return { siteId, meterId, region: site.region, kind: "step_down", onset: formatInstant(stopMs), kw: site.kw, direction: "down" };
}

/** How many of each innocent or technical change the winter brings. */
const innocent: Readonly<Partial<Record<ConfounderKind, number>>> = {
  one_shift: 4,
  two_shift: 4,
  greenhouse: 3,
  ev_depot: 2,
  street_light: 2,
  pv_adoption: 2,
  vacation: 2,
  dip_return: 4,
  ct_change: 2,
  unit_error: 3,
  frozen: 5,
  estimated_fill: 5,
  gap: 8,
  rollover_spike: 4,
  clock_shift: 2,
};

/** Meters that nothing happens to yet, in random order. */
const freeMeters = (book: EventBook, random: Random) =>
  random.shuffle(book.ground.meters.map((_, index) => index)).filter((index) => !book.taken.has(index));

function placeTransfers(book: EventBook, random: Random): void {
  const { meters, meanKw } = book.ground;
  for (let i = 0; i < 10; i++) {
    const [donor, ...others] = freeMeters(book, random);
    const neighbours = others.filter((index) => meters[index].areaId === meters[donor].areaId);
    const counterpartIndex = neighbours.find((index) => meanKw[index] > 0.4 * meanKw[donor]) ?? neighbours[0];
    if (counterpartIndex === undefined) continue;
    const onsetMs = fromMs + random.between(40, days - 15) * DAY_MS;
    placeConfounder(book, { kind: "transfer", meterIndex: donor, counterpartIndex, onsetMs, recorded: i % 2 === 0 });
  }
}

/** Eight licensed mines and a data hall start with a permit; three licensed mines and a data hall already run. */
function placeLicensed(book: EventBook, random: Random): void {
  for (let i = 0; i < 13; i++) {
    const meterIndex = freeMeters(book, random).find((index) => book.ground.meanKw[index] > 6_000)!;
    const isDataHall = i % 9 === 8;
    const onsetMs = i < 9 ? fromMs + random.between(50, days - 30) * DAY_MS : fromMs - 100 * DAY_MS;
    placeConfounder(book, {
      kind: "permitted_load",
      meterIndex,
      onsetMs,
      holder: isDataHall ? `data hall ${i + 1}` : `licensed mine ${i + 1}`,
      interruptions: isDataHall ? [] : [drawOutage(random)],
    });
  }
}

function placeInnocent(book: EventBook, random: Random): void {
  for (const [kind, count] of Object.entries(innocent) as [ConfounderKind, number][]) {
    for (let i = 0; i < count; i++) {
      const [meterIndex] = freeMeters(book, random);
      placeConfounder(book, { kind, meterIndex, onsetMs: fromMs + random.between(40, days - 12) * DAY_MS });
    }
  }
}

function recordEvents(book: EventBook, grid: KazakhstanGrid): void {
  const everywhere = { areaId: null, meterId: null, counterpartMeterId: null };
  for (const day of holidays) {
    const startMs = parseInstant(`${day}T00:00:00Z`) - 6 * HOUR_MS; // midnight in most of the country
    addEvent(book, { kind: "holiday", ...everywhere, from: formatInstant(startMs), to: formatInstant(startMs + DAY_MS) });
  }
  const reported = new Set([...switchOnSites, ...switchOffSites].map((site) => site.region));
  for (const { areaId, region } of grid.areas) {
    addEvent(book, { kind: "internet_outage", ...everywhere, areaId, from: internetShutdown.from, to: internetShutdown.to });
    if (reported.has(region)) addEvent(book, { kind: "inspection", ...everywhere, areaId, from: campaign.from, to: campaign.to });
  }
}

/**
 * The winter of 2022 in Kazakhstan: 430 substations by the hour, 15 September to 20 March. 13 unauthorised sites (67.43 MW) switch on
 * between November and January; five sites (135 MW) that already ran switch themselves off during the inspectors' campaign in
 * February. Figures by region are those the energy ministry reported; sites, names and loads are invented.
 */
export function createKazakhstanScenario(options: { seed?: number } = {}): Fleet {
  const seed = options.seed ?? 1;
  const random = createRandom(seed, scenarioName);
  const grid = createKazakhstanGrid(random.fork("grid"));
  const snaps = drawColdSnaps(random.fork("snaps"));
  const areas = createAreas(grid.areas, fromMs, days, snaps, random.fork("weather"));
  const book = createEventBook({
    seed,
    name: scenarioName,
    fromMs,
    toMs,
    meters: grid.meters,
    meanKw: grid.sites.map((site) => site.meanKw),
    parentOf: grid.meters.map(() => -1),
    childrenOf: grid.meters.map(() => []),
  });
  const hidden = grid.hosts.map((host, order) => {
    const own = random.fork(`hidden/${order}`);
    const off = order - switchOnSites.length;
    return off < 0 ? hide(book, switchOnSites[order], host, own) : hideStepDown(book, switchOffSites[off], host, own);
  });
  placeTransfers(book, random.fork("transfers"));
  placeLicensed(book, random.fork("licensed"));
  placeInnocent(book, random.fork("innocent"));
  recordEvents(book, grid);
  return assembleFleet({
    days,
    warmupDays: 60,
    meters: grid.meters,
    sites: grid.sites,
    losses: grid.meters.map(() => null),
    areas,
    holidays,
    arrival: defaultArrival,
    book,
    confounders: labelSnaps(book, snaps),
    hidden,
  });
}
