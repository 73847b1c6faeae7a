import { DAY_MS, HOUR_MS } from "@hashwatt/contracts";
import type { EventBook } from "./event-book.ts";
import type { Interruption, MineKind } from "./mines.ts";
import { mineKinds } from "./mines.ts";
import { type ConfounderKind, confounderKinds, placeConfounder } from "./place-confounders.ts";
import { placeMine } from "./place-mines.ts";
import type { Random } from "./random.ts";

/** How many mines and changes of each kind are put where. */
export interface EventSettings {
  /** Nothing is added in the first days. */
  readonly warmupDays: number;
  readonly mines: Partial<Readonly<Record<MineKind, number>>>;
  readonly confounders: Partial<Readonly<Record<ConfounderKind, number>>>;
  /** Range of a mine's kW relative to its host's mean, percent; undefined = by its kind. */
  readonly minePct?: readonly [low: number, high: number] | undefined;
  /** Share of the mines that are gone before the end of the period. */
  readonly endingShare: number;
  /** Times without network by area; the mines there stop. */
  readonly outages: ReadonlyMap<string, readonly Interruption[]>;
  /** True: what finds no host is left out. False: it throws RangeError. */
  readonly isPartial: boolean;
}

const parentKinds: ReadonlySet<MineKind> = new Set(["bypass", "moved_behind", "many_small"]);
/** At least this long is left to find a mine before the period ends. */
const roomDays = 30;

/** Range of sizes by kind, percent of the host's mean: a theft that shows on a parent only is not the smallest, and none doubles a feeder. */
const sizeRanges: Readonly<Partial<Record<MineKind, readonly [number, number]>>> = {
  many_small: [7, 20],
  moved_behind: [8, 28],
  bypass: [4, 32],
};
const usualSizes = [3, 60] as const;
const hugeSizes = [60, 125] as const;
const hugeShare = 0.08;

function drawPct(kind: MineKind, settings: EventSettings, random: Random): number {
  const isHuge = random.next() < hugeShare;
  const [low, high] = settings.minePct ?? sizeRanges[kind] ?? (isHuge ? hugeSizes : usualSizes);
  return low * (high / low) ** random.next();
}

/** One machine draws 1.3 kW (older units) to 3.5 kW; a site below 1.5 kW is no host: a machine would be most of what it ever used. */
const machineKw = [1.3, 3.5] as const;
const smallestHostKw = 1.5;

/** The load of a mine: whole machines where they are few, at least one (spread over a parent's meters, at least three). */
function drawKw(kind: MineKind, meanKw: number, settings: EventSettings, random: Random): number {
  const kw = (drawPct(kind, settings, random) / 100) * meanKw;
  const unitKw = random.between(...machineKw);
  const machines = kw / unitKw;
  return machines >= 8 ? kw : Math.max(kind === "many_small" ? 3 : 1, Math.round(machines)) * unitKw;
}

function drawOnset(book: EventBook, settings: EventSettings, random: Random): number {
  const { fromMs, toMs } = book.ground;
  const first = settings.warmupDays;
  const last = Math.max(first, (toMs - fromMs) / DAY_MS - roomDays);
  return fromMs + Math.round(random.between(first, last) * 24) * HOUR_MS;
}

/** Months in which a seasonal change begins, northern half; elsewhere half a year later. */
const seasons: Readonly<Partial<Record<ConfounderKind, readonly [fromMonth: number, toMonth: number]>>> = {
  irrigation: [3.5, 6],
  greenhouse: [8, 11],
  vacation: [5, 8],
};
const YEAR_DAYS = 365.25;

/** The onset closest after a drawn one that is in season; the drawn one where the period has no such day. */
function inSeason(book: EventBook, kind: ConfounderKind, meterIndex: number, drawnMs: number, random: Random): number {
  const season = seasons[kind];
  if (season === undefined) return drawnMs;
  const south = (book.ground.meters[meterIndex].latitude ?? 45) < 0 ? 6 : 0;
  const dayOfYear = (((random.between(...season) + south) / 12) * YEAR_DAYS) % YEAR_DAYS;
  const drawnDay = drawnMs / DAY_MS;
  const onsetDay = drawnDay + ((((dayOfYear - drawnDay) % YEAR_DAYS) + YEAR_DAYS) % YEAR_DAYS); // 1970 began with day 0 of a year
  const lastMs = book.ground.toMs - 20 * DAY_MS;
  const candidates = [onsetDay, onsetDay - YEAR_DAYS].map((day) => Math.round(day * 24) * HOUR_MS);
  const firstMs = Math.min(drawnMs, book.ground.fromMs + 40 * DAY_MS);
  return candidates.find((ms) => ms >= firstMs && ms <= lastMs) ?? drawnMs;
}

/** Free meters that can be a host at that time. */
function freeHosts(book: EventBook, wantsParent: boolean, onsetMs: number): number[] {
  const { meters, childrenOf, meanKw, isMetered } = book.ground;
  return meters
    .map((_, index) => index)
    .filter((index) => !book.taken.has(index) && childrenOf[index].length > 0 === wantsParent && meanKw[index] > 0)
    .filter((index) => isMetered === undefined || isMetered(index, onsetMs - 20 * DAY_MS, onsetMs + 20 * DAY_MS));
}

/** A free host, every level as likely as another. Returns undefined, or throws RangeError, where none is left. */
function drawHost(book: EventBook, hosts: readonly number[], what: string, settings: EventSettings, random: Random): number | undefined {
  const { meters } = book.ground;
  if (hosts.length > 0) {
    const level = random.pick([...new Set(hosts.map((index) => meters[index].level))]);
    return random.pick(hosts.filter((index) => meters[index].level === level));
  }
  if (settings.isPartial) return undefined;
  throw new RangeError(`no host is left for ${what} of ${meters.length} meters are taken; ask for less or for a larger grid`);
}

/** 60 to 300 days, or to the end. */
function drawEnd(kind: MineKind, onsetMs: number, settings: EventSettings, random: Random): number {
  const days = random.between(60, 300) + (kind === "slow_buildup" ? 140 : 0);
  return random.next() < settings.endingShare ? onsetMs + Math.round(days * 24) * HOUR_MS : Number.POSITIVE_INFINITY;
}

export function placeMines(book: EventBook, settings: EventSettings, random: Random): void {
  for (const kind of mineKinds) {
    for (let i = 0; i < (settings.mines[kind] ?? 0); i++) {
      const onsetMs = drawOnset(book, settings, random);
      const wantsParent = parentKinds.has(kind);
      const what = `mine ${kind}: all ${wantsParent ? "parents with metered children" : "meters without children"}`;
      const hosts = freeHosts(book, wantsParent, onsetMs).filter((index) => book.ground.meanKw[index] >= smallestHostKw);
      const meterIndex = drawHost(book, hosts, what, settings, random);
      if (meterIndex === undefined) continue;
      const endMs = drawEnd(kind, onsetMs, settings, random);
      const kw = drawKw(kind, book.ground.meanKw[meterIndex], settings, random);
      const outages = settings.outages.get(book.ground.meters[meterIndex].areaId) ?? [];
      const interruptions = outages.map((outage) => ({ ...outage, residual: random.between(0.03, 0.3), lagHours: random.between(0.5, 4) }));
      placeMine(book, { kind, meterIndex, kw, onsetMs, toMs: endMs < book.ground.toMs ? endMs : Number.POSITIVE_INFINITY, interruptions });
    }
  }
}

/** Puts loads of given sizes on `count` of the meters that have one, as far as their readings have room. */
export function placeExactMines(
  book: EventBook,
  settings: EventSettings & { readonly count: number; readonly exactKw: ReadonlyMap<string, number> },
  random: Random,
): void {
  const { meters, childrenOf } = book.ground;
  const asked = random.shuffle(meters.map((_, index) => index)).filter((index) => settings.exactKw.has(meters[index].meterId));
  let left = settings.count;
  for (const meterIndex of asked) {
    if (left === 0) return;
    const onsetMs = drawOnset(book, settings, random);
    const isParent = childrenOf[meterIndex].length > 0;
    if (!freeHosts(book, isParent, onsetMs).includes(meterIndex)) continue;
    const kw = settings.exactKw.get(meters[meterIndex].meterId)!;
    placeMine(book, { kind: isParent ? "bypass" : "flat", meterIndex, kw, onsetMs, toMs: Infinity, interruptions: [] });
    left--;
  }
}

/** Free neighbours of the donor, those of its own size first choice: a substation's load does not fit on a transformer. */
function neighboursOf(book: EventBook, hosts: readonly number[], donor: number): number[] {
  const { meters, meanKw } = book.ground;
  const near = hosts.filter((index) => index !== donor && meters[index].areaId === meters[donor].areaId);
  const alike = near.filter((index) => meters[index].level === meters[donor].level && meanKw[index] > 0.3 * meanKw[donor]);
  return alike.length > 0 ? alike : near;
}

function placeTransfer(book: EventBook, onsetMs: number, settings: EventSettings, random: Random): void {
  const hosts = freeHosts(book, false, onsetMs);
  const donor = random.shuffle(hosts).find((index) => neighboursOf(book, hosts, index).length > 0);
  if (donor !== undefined) {
    const counterpartIndex = random.pick(neighboursOf(book, hosts, donor));
    placeConfounder(book, { kind: "transfer", meterIndex: donor, counterpartIndex, onsetMs });
  } else if (!settings.isPartial) {
    throw new RangeError("no two neighbours are left for a transfer; ask for less or for a larger grid");
  }
}

export function placeConfounders(book: EventBook, settings: EventSettings, random: Random): void {
  for (const kind of confounderKinds) {
    for (let i = 0; i < (settings.confounders[kind] ?? 0); i++) {
      const drawnMs = drawOnset(book, settings, random);
      if (kind === "transfer") {
        placeTransfer(book, drawnMs, settings, random);
        continue;
      }
      const what = `confounder ${kind}: all meters without children`;
      const meterIndex = drawHost(book, freeHosts(book, false, drawnMs), what, settings, random);
      if (meterIndex !== undefined) placeConfounder(book, { kind, meterIndex, onsetMs: inSeason(book, kind, meterIndex, drawnMs, random) });
    }
  }
}
