import { DAY_MS, formatInstant, type Meter } from "@hashwatt/contracts";
import type { ArrivalOptions } from "./arrival.ts";
import type { EventBook } from "./event-book.ts";
import { type Fleet, type FleetPlan, type LossModel, planBatches } from "./fleet.ts";
import type { ConfounderLabel, HiddenSite } from "./labels.ts";
import type { SiteModel } from "./load-model.ts";
import { type AreaSeries, weatherRecords } from "./weather.ts";

/** The parts of a fleet, once all events are in the book. */
export interface FleetParts {
  readonly days: number;
  readonly warmupDays: number;
  readonly meters: readonly Meter[];
  readonly sites: readonly (SiteModel | null)[];
  readonly losses: readonly (LossModel | null)[];
  readonly areas: readonly AreaSeries[];
  readonly holidays: ReadonlySet<string>;
  readonly arrival: ArrivalOptions;
  readonly book: EventBook;
  /** Changes that are not in the book (the weather). */
  readonly confounders: readonly ConfounderLabel[];
  readonly hidden: HiddenSite[];
}

/** Puts records, labels and the generator of readings together. */
export function assembleFleet(parts: FleetParts): Fleet {
  const { book, days } = parts;
  const { name, seed, fromMs } = book.ground;
  const toMs = fromMs + days * DAY_MS;
  const plan: FleetPlan = { name, seed, fromMs, ...parts, effects: book.effects, faults: book.faults };
  return {
    name,
    seed,
    fromMs,
    toMs,
    meters: [...parts.meters],
    permits: book.permits,
    events: book.events,
    weather: weatherRecords(parts.areas, fromMs),
    labels: {
      fleet: name,
      from: formatInstant(fromMs),
      to: formatInstant(toMs),
      warmupDays: parts.warmupDays,
      mines: book.mines,
      confounders: [...book.confounders, ...parts.confounders],
      unscored: [],
      lookalikes: [],
      hidden: parts.hidden,
    },
    batches: () => planBatches(plan),
  };
}
