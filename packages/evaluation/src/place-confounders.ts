import { DAY_MS, formatInstant, HOUR_MS } from "@hashwatt/contracts";
import { addEvent, entryRandom, type EventBook, instantOrNull, nextNumber, rounded, wholeHour, withAncestors } from "./event-book.ts";
import type { ConfounderLabel } from "./labels.ts";
import { absence, areaWave, growth, transfer } from "./load-confounders.ts";
import { type FaultKind, faultKinds, meterFault } from "./meter-faults.ts";
import { type Interruption, machineHall } from "./mines.ts";
import type { Random } from "./random.ts";
import { scheduledLoad, scheduledLoads, type ScheduledLoadKind } from "./scheduled-loads.ts";

/** Kinds that happen at a meter. */
export const confounderKinds = [
  "transfer",
  ...faultKinds,
  ...scheduledLoads,
  "permitted_load",
  "vacation",
  "dip_return",
  "organic_growth",
] as const;
export type ConfounderKind = (typeof confounderKinds)[number];

export interface ConfounderPlan {
  readonly kind: ConfounderKind;
  readonly meterIndex: number;
  readonly onsetMs: number;
  /** transfer: where the load goes. */
  readonly counterpartIndex?: number;
  /** transfer: a switching event is in the records. */
  readonly recorded?: boolean;
  /** permitted_load: kW (else a share of the mean), holder, and the network outages it shares with other mines. */
  readonly kw?: number;
  readonly holder?: string;
  readonly interruptions?: readonly Interruption[];
}

/** What a kind adds to the label. */
type Outcome = Pick<ConfounderLabel, "kw"> & Partial<ConfounderLabel> & { readonly toMs: number };

const open = Number.POSITIVE_INFINITY;
const isFault = (kind: ConfounderKind): kind is FaultKind => (faultKinds as readonly string[]).includes(kind);
const isScheduled = (kind: ConfounderKind): kind is ScheduledLoadKind => (scheduledLoads as readonly string[]).includes(kind);

/** How long a fault lasts in hours, and its parameters. */
const faultShapes: Readonly<
  Record<FaultKind, (random: Random) => { hours: number; factor?: number; shiftSlots?: number; revisedLater?: boolean }>
> = {
  ct_change: (random) => ({
    hours: random.next() < 0.6 ? open : random.between(10, 60) * 24,
    factor: random.next() < 0.6 ? random.pick([0.5, 0.8, 1.2, 1.25, 1.5, 2]) : Number(random.between(1.1, 1.8).toFixed(3)),
  }),
  unit_error: (random) => ({ hours: random.between(3, 40), factor: random.pick([1000, 0.001]) }),
  frozen: (random) => ({ hours: random.between(12, 260) }),
  estimated_fill: (random) => ({ hours: random.between(48, 320), revisedLater: random.next() < 0.5 }),
  gap: (random) => ({ hours: random.between(8, 260) }),
  rollover_spike: (random) => ({ hours: 1, factor: random.between(6, 60) }),
  clock_shift: (random) => ({ hours: random.between(20, 60) * 24, shiftSlots: random.pick([1, 2]) }),
};

function placeFault(book: EventBook, plan: ConfounderPlan, kind: FaultKind, random: Random): Outcome {
  const { hours, ...shape } = faultShapes[kind](random);
  const toMs = plan.onsetMs + (hours === open ? open : wholeHour(hours * HOUR_MS));
  book.faults.push(meterFault({ kind, meterIndex: plan.meterIndex, fromMs: plan.onsetMs, toMs, ...shape }));
  return {
    toMs,
    kw: shape.factor === undefined ? 0 : rounded(book.ground.meanKw[plan.meterIndex] * (shape.factor - 1)),
    ...(shape.factor !== undefined && { factor: shape.factor }),
    ...(shape.revisedLater !== undefined && { revised: shape.revisedLater }),
    ...(kind === "clock_shift" && { drift: true }),
  };
}

function placeTransfer(book: EventBook, plan: ConfounderPlan, random: Random): Outcome {
  const { meters, meanKw } = book.ground;
  const receiverIndex = plan.counterpartIndex;
  if (receiverIndex === undefined) throw new RangeError(`the transfer from ${meters[plan.meterIndex].meterId} needs a counterpart`);
  // what arrives must be load that the receiver could carry: at most 60 % of its own
  const share = Math.min(random.between(0.1, 0.35), (0.6 * meanKw[receiverIndex]) / Math.max(meanKw[plan.meterIndex], 1e-9));
  const toMs = random.next() < 0.5 ? open : plan.onsetMs + wholeHour(random.between(7, 40) * DAY_MS);
  book.effects.push(transfer({ donorIndex: plan.meterIndex, receiverIndex, share, fromMs: plan.onsetMs, toMs }));
  book.taken.add(receiverIndex);
  const recorded = plan.recorded ?? random.next() < 0.5;
  if (recorded) {
    addEvent(book, {
      kind: "switching",
      areaId: meters[plan.meterIndex].areaId,
      meterId: meters[plan.meterIndex].meterId,
      counterpartMeterId: meters[receiverIndex].meterId,
      from: formatInstant(plan.onsetMs),
      to: instantOrNull(toMs),
    });
  }
  return { toMs, kw: rounded(share * meanKw[plan.meterIndex]), recorded };
}

function placePermittedLoad(book: EventBook, plan: ConfounderPlan, random: Random): Outcome {
  const { meters, meanKw, seed } = book.ground;
  const kw = plan.kw ?? random.between(0.12, 0.45) * meanKw[plan.meterIndex];
  const number = nextNumber(book.permits);
  book.effects.push(
    machineHall({
      meterIndex: plan.meterIndex,
      kw,
      machines: Math.max(1, Math.round(kw / 3)),
      stairs: [[plan.onsetMs, 1]],
      rampHours: random.between(2, 10),
      toMs: open,
      interruptions: plan.interruptions ?? [],
      seed: `permit-${number}/${seed}`,
    }),
  );
  book.permits.push({
    permitId: `permit-${number}`,
    meterId: meters[plan.meterIndex].meterId,
    maxKw: rounded(kw * random.between(1.08, 1.3)),
    validFrom: formatInstant(plan.onsetMs - wholeHour(random.between(5, 60) * DAY_MS)),
    validTo: null,
    holder: plan.holder ?? `holder ${number}`,
  });
  return { toMs: open, kw: rounded(kw) };
}

/** Most new loads stay, greenhouses light up for half a year, irrigation lasts a summer. */
function scheduledEnd(plan: ConfounderPlan, kind: ScheduledLoadKind, random: Random): number {
  if (kind === "irrigation") return plan.onsetMs + wholeHour(random.between(100, 150) * DAY_MS);
  return kind === "greenhouse" && random.next() < 0.4 ? plan.onsetMs + wholeHour(random.between(120, 190) * DAY_MS) : open;
}

function placeScheduled(book: EventBook, plan: ConfounderPlan, kind: ScheduledLoadKind, random: Random): Outcome {
  const kw = plan.kw ?? 0.04 * (0.35 / 0.04) ** random.next() * book.ground.meanKw[plan.meterIndex];
  const seed = `${nextNumber(book.confounders)}/${book.ground.seed}`;
  const toMs = scheduledEnd(plan, kind, random);
  book.effects.push(scheduledLoad({ kind, meterIndex: plan.meterIndex, kw, seed, fromMs: plan.onsetMs, toMs }));
  return kind === "pv_adoption" ? { toMs, kw: rounded(-kw), drift: true } : { toMs, kw: rounded(kw) };
}

function placeGrowth(book: EventBook, plan: ConfounderPlan, random: Random): Outcome {
  const perYear = random.between(0.05, 0.18);
  book.effects.push(growth({ meterIndex: plan.meterIndex, perYear, fromMs: plan.onsetMs, toMs: open }));
  const years = (book.ground.toMs - plan.onsetMs) / (365.25 * DAY_MS);
  return { toMs: open, kw: rounded(perYear * years * book.ground.meanKw[plan.meterIndex]), drift: true };
}

function placeAbsence(book: EventBook, plan: ConfounderPlan, random: Random): Outcome {
  const share = random.between(0.1, 0.3);
  const toMs = plan.onsetMs + wholeHour((plan.kind === "vacation" ? random.between(12, 34) : random.between(6, 24)) * DAY_MS);
  const edgeHours = plan.kind === "vacation" ? random.between(24, 72) : random.between(0.5, 6);
  book.effects.push(absence({ meterIndex: plan.meterIndex, share, edgeHours, fromMs: plan.onsetMs, toMs }));
  return { toMs, kw: rounded(-share * book.ground.meanKw[plan.meterIndex]) };
}

function placeKind(book: EventBook, plan: ConfounderPlan, random: Random): Outcome {
  if (isFault(plan.kind)) return placeFault(book, plan, plan.kind, random);
  if (isScheduled(plan.kind)) return placeScheduled(book, plan, plan.kind, random);
  if (plan.kind === "transfer") return placeTransfer(book, plan, random);
  if (plan.kind === "organic_growth") return placeGrowth(book, plan, random);
  return plan.kind === "permitted_load" ? placePermittedLoad(book, plan, random) : placeAbsence(book, plan, random);
}

/** Puts an innocent or technical change into the book and labels it. Throws RangeError on a transfer without counterpart. */
export function placeConfounder(book: EventBook, given: ConfounderPlan): ConfounderLabel {
  const plan = { ...given, onsetMs: wholeHour(given.onsetMs) };
  const confounderId = `conf-${nextNumber(book.confounders)}`;
  const { toMs, ...outcome } = placeKind(book, plan, entryRandom(book, confounderId));
  book.taken.add(plan.meterIndex);
  const own = plan.counterpartIndex === undefined ? [plan.meterIndex] : [plan.meterIndex, plan.counterpartIndex];
  const indices = isFault(plan.kind) ? own : withAncestors(book.ground, own, outcome.kw); // a fault is on one meter, load is on all above
  const label = {
    confounderId,
    kind: plan.kind,
    meterIds: indices.map((index) => book.ground.meters[index].meterId),
    from: formatInstant(plan.onsetMs),
    to: toMs < book.ground.toMs ? formatInstant(toMs) : null,
    ...outcome,
  };
  book.confounders.push(label);
  return label;
}

export interface AreaWavePlan {
  readonly kind: "cold_snap" | "heat_wave";
  readonly meterIndices: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Degrees of a wave for each part of its rise in load: 1.5 % more load a degree. */
const degreesPerRise = 1 / 0.015;

/**
 * Puts cold or hot days into the load of an area's meters and labels them; the meters stay free for other events.
 * Returns how much the air is colder (negative: hotter) where the wave is deepest.
 */
export function placeAreaWave(book: EventBook, plan: AreaWavePlan): number {
  const confounderId = `conf-${nextNumber(book.confounders)}`;
  const rise = entryRandom(book, confounderId).between(0.08, 0.25);
  book.effects.push(areaWave({ ...plan, rise, seed: `${confounderId}/${book.ground.seed}` }));
  book.confounders.push({
    confounderId,
    kind: plan.kind,
    meterIds: plan.meterIndices.map((index) => book.ground.meters[index].meterId),
    from: formatInstant(plan.fromMs),
    to: formatInstant(plan.toMs),
    kw: 0,
  });
  return (plan.kind === "cold_snap" ? 1 : -1) * rise * degreesPerRise;
}
