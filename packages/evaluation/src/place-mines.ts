import { DAY_MS, formatInstant } from "@hashwatt/contracts";
import { ancestorsSeeing, earliestMs, entryRandom, type EventBook, instantOrNull, nextNumber, rounded, wholeHour } from "./event-book.ts";
import type { MineLabel } from "./labels.ts";
import { transfer } from "./load-confounders.ts";
import { type Interruption, type MachineHall, machineHall, type MineKind } from "./mines.ts";
import type { Random } from "./random.ts";

/** A mine to put into a fleet. */
export interface MinePlan {
  readonly kind: MineKind;
  /** Where the load is; bypass, moved_behind and many_small: a parent with metered children. */
  readonly meterIndex: number;
  readonly kw: number;
  readonly onsetMs: number;
  /** Infinity = to the end. */
  readonly toMs: number;
  /** Network outages of the area. */
  readonly interruptions: readonly Interruption[];
}

const smallestMachineKw = 1.3;

/** Power of one machine, kW: older units 1.4, today's 3.5. */
const machineKw = (random: Random) => random.between(2.2, 3.4);

type Shape = Pick<MachineHall, "stairs" | "rampHours" | "dailyRest" | "restEdgeHours"> & {
  readonly pause?: readonly [fromMs: number, toMs: number];
  /** When full load is reached, where that takes longer than a ramp. */
  readonly buildupEndMs?: number;
};

function stairs(onsetMs: number, steps: number, spanMs: number, random: Random): Shape {
  const offsets = Array.from({ length: steps - 1 }, () => random.between(0.1, 1)).toSorted((a, b) => a - b);
  const list = [0, ...offsets].map((offset, step) => [onsetMs + wholeHour(offset * spanMs), (step + 1) / steps] as const);
  return { stairs: list, rampHours: random.between(1, 4), buildupEndMs: list[list.length - 1][0] };
}

/** `roomMs` = what is left of the period: a build-up must end, and a pause begin, inside it. */
type ShapeDraw = (onsetMs: number, random: Random, roomMs: number) => Shape;

/** Rests from `from` on for `hours`, local time. */
const rest = (from: number, hours: number, random: Random) => ({
  dailyRest: [from % 24, (from + hours) % 24] as const,
  restEdgeHours: random.between(0.3, 1.5),
});

const flat = (onsetMs: number, random: Random): Shape => ({ stairs: [[onsetMs, 1]], rampHours: random.between(1, 6) });

const shapes: Readonly<Record<MineKind, ShapeDraw>> = {
  flat,
  staircase: (onsetMs, random, roomMs) =>
    stairs(onsetMs, 3 + random.integer(3), Math.min(random.between(1, 18) * DAY_MS, 0.6 * roomMs), random),
  slow_buildup: (onsetMs, random, roomMs) => stairs(onsetMs, 18, Math.min(random.between(60, 145) * DAY_MS, 0.8 * roomMs), random),
  peak_pause: (onsetMs, random) => ({ ...flat(onsetMs, random), ...rest(random.pick([16, 17, 18, 19]), 3 + random.integer(3), random) }),
  night_only: (onsetMs, random) => ({ ...flat(onsetMs, random), ...rest(random.pick([6, 7, 8]), 14 + random.integer(5), random) }),
  stop_start: (onsetMs, random, roomMs) => {
    const from = onsetMs + wholeHour(Math.min(random.between(20, 40) * DAY_MS, 0.5 * roomMs));
    return { ...flat(onsetMs, random), pause: [from, from + wholeHour(Math.min(random.between(4, 20) * DAY_MS, 0.3 * roomMs))] };
  },
  permit_abuse: flat,
  bypass: flat,
  moved_behind: flat,
  many_small: flat,
};

function hallOf(plan: MinePlan, shape: Shape, machines: number, seed: string): MachineHall {
  const pause = shape.pause && { fromMs: shape.pause[0], toMs: shape.pause[1], residual: 0, lagHours: 0, restartHours: 3 };
  return {
    meterIndex: plan.meterIndex,
    kw: plan.kw,
    machines,
    stairs: shape.stairs,
    rampHours: shape.rampHours,
    toMs: plan.toMs,
    ...(shape.dailyRest && { dailyRest: shape.dailyRest }),
    ...(shape.restEdgeHours !== undefined && { restEdgeHours: shape.restEdgeHours }),
    interruptions: pause ? [...plan.interruptions, pause] : plan.interruptions,
    seed,
  };
}

/** How long the mine has within the period. */
const roomMsOf = (book: EventBook, plan: MinePlan): number => Math.min(book.ground.toMs, plan.toMs) - plan.onsetMs;

function childrenOf(book: EventBook, plan: MinePlan): readonly number[] {
  const children = book.ground.childrenOf[plan.meterIndex];
  if (children.length === 0) {
    throw new RangeError(
      `a ${plan.kind} mine needs a parent with metered children; ${book.ground.meters[plan.meterIndex].meterId} has none`,
    );
  }
  return children;
}

/** The load of one child moves to the parent's unmetered side. Returns the child and what it loses, kW. */
function moveBehind(book: EventBook, plan: MinePlan, random: Random): [childIndex: number, kw: number] {
  const children = childrenOf(book, plan);
  const free = children.filter((child) => !book.taken.has(child));
  const child = random.pick(free.length > 0 ? free : children);
  const share = random.between(0.5, 0.9);
  book.effects.push(transfer({ donorIndex: child, receiverIndex: plan.meterIndex, share, fromMs: plan.onsetMs, toMs: plan.toMs }));
  book.taken.add(child);
  return [child, rounded(share * book.ground.meanKw[child])];
}

/** A mine spread over the children of a parent, one after the other within 18 days. */
function spread(book: EventBook, plan: MinePlan, label: MineLabel, random: Random): void {
  const { meters } = book.ground;
  const shuffled = random.shuffle(childrenOf(book, plan));
  const free = shuffled.filter((child) => !book.taken.has(child));
  // at most 6 places, and none without a machine
  const places = Math.max(2, Math.min(6, Math.floor(plan.kw / smallestMachineKw)));
  const children = (free.length > 1 ? free : shuffled).slice(0, places);
  const parts = children.map(() => random.between(0.6, 1.4));
  const sum = parts.reduce((total, part) => total + part, 0);
  const onsets = children.map((_, order) =>
    order === 0 ? plan.onsetMs : plan.onsetMs + wholeHour(random.between(0, Math.min(18 * DAY_MS, 0.4 * roomMsOf(book, plan)))),
  );
  const kwByMeter: Record<string, number> = {};
  const onsetByMeter: Record<string, string> = {};
  children.forEach((child, order) => {
    const kw = (plan.kw * parts[order]) / sum;
    const onsetMs = onsets[order];
    const part = { ...plan, meterIndex: child, kw, onsetMs };
    const machines = Math.max(1, Math.round(kw / machineKw(random)));
    book.effects.push(machineHall(hallOf(part, flat(onsetMs, random), machines, `${label.mineId}/${order}/${book.ground.seed}`)));
    book.taken.add(child);
    label.meterIds.push(meters[child].meterId);
    kwByMeter[meters[child].meterId] = rounded(kw);
    onsetByMeter[meters[child].meterId] = formatInstant(onsetMs);
  });
  Object.assign(label, { kwByMeter, onsetByMeter, machines: null, buildupEnd: formatInstant(Math.max(...onsets)) });
}

function addPermit(book: EventBook, plan: MinePlan, label: MineLabel, permit: { maxKw: number; fromMs: number }): void {
  book.permits.push({
    permitId: `permit-${nextNumber(book.permits)}`,
    meterId: book.ground.meters[plan.meterIndex].meterId,
    maxKw: permit.maxKw,
    validFrom: formatInstant(permit.fromMs),
    validTo: null,
    holder: `holder of ${label.mineId}`,
  });
  label.permitKw = permit.maxKw;
}

/** A load that stands on a permit from the start, but is larger than it allows. */
function oversize(book: EventBook, plan: MinePlan, label: MineLabel, random: Random): void {
  const fromMs = Math.max(earliestMs(book.ground), plan.onsetMs - wholeHour(random.between(10, 45) * DAY_MS));
  addPermit(book, plan, label, { maxKw: rounded(plan.kw * random.between(0.3, 0.65)), fromMs });
  label.totalKw = rounded(plan.kw);
}

/** A licensed load that appears at `fromMs` with its permit; the mine at the onset goes beyond it. */
function licence(book: EventBook, plan: MinePlan, label: MineLabel, random: Random): void {
  const permitKw = rounded(plan.kw * random.between(0.5, 1.5));
  const meterId = book.ground.meters[plan.meterIndex].meterId;
  const fromMs = Math.max(earliestMs(book.ground), plan.onsetMs - wholeHour(random.between(30, 60) * DAY_MS));
  const machines = Math.max(1, Math.round(permitKw / machineKw(random)));
  const licensed: MinePlan = { ...plan, kind: "flat", kw: permitKw * 0.96, onsetMs: fromMs };
  book.effects.push(machineHall(hallOf(licensed, flat(fromMs, random), machines, `${label.mineId}/licensed/${book.ground.seed}`)));
  addPermit(book, plan, label, { maxKw: permitKw, fromMs });
  book.confounders.push({
    confounderId: `conf-${nextNumber(book.confounders)}`,
    kind: "permitted_load",
    meterIds: [meterId],
    from: formatInstant(fromMs),
    to: formatInstant(plan.onsetMs),
    kw: rounded(permitKw * 0.96),
  });
  label.totalKw = rounded(permitKw * 0.96 + plan.kw);
}

function addHall(book: EventBook, plan: MinePlan, label: MineLabel, random: Random): void {
  const shape = shapes[plan.kind](plan.onsetMs, random, roomMsOf(book, plan));
  const machines = Math.max(1, Math.round(plan.kw / machineKw(random)));
  book.effects.push(machineHall(hallOf(plan, shape, machines, `${label.mineId}/${book.ground.seed}`)));
  label.machines = machines;
  if (shape.buildupEndMs !== undefined) label.buildupEnd = formatInstant(shape.buildupEndMs);
  if (shape.pause) label.pause = { from: formatInstant(shape.pause[0]), to: formatInstant(shape.pause[1]) };
}

/**
 * Puts a mine into the book and labels it. Throws RangeError where the kind needs metered children and the meter has none.
 * The onset is taken to the hour: ramps and ripple start there.
 */
export function placeMine(book: EventBook, given: MinePlan): MineLabel {
  const { ground } = book;
  const plan = { ...given, onsetMs: wholeHour(given.onsetMs) };
  const mineId = `mine-${nextNumber(book.mines)}`;
  const random = entryRandom(book, mineId);
  const label: MineLabel = {
    mineId,
    meterIds: [ground.meters[plan.meterIndex].meterId],
    kind: plan.kind,
    onset: formatInstant(plan.onsetMs),
    end: instantOrNull(plan.toMs),
    kw: rounded(plan.kw),
    pctOfMean: rounded((100 * plan.kw) / ground.meanKw[plan.meterIndex]),
    machines: null,
  };
  book.taken.add(plan.meterIndex);
  if (plan.kind === "many_small") spread(book, plan, label, random);
  else addHall(book, plan, label, random);
  if (plan.kind === "moved_behind") {
    const [child, movedKw] = moveBehind(book, plan, random);
    label.meterIds.push(ground.meters[child].meterId);
    label.kwAlso = [movedKw, rounded(plan.kw + movedKw)]; // the child's fall, and the rise of the parent's loss
  }
  if (plan.kind === "bypass") childrenOf(book, plan);
  if (plan.kind === "permit_abuse") (random.next() < 0.5 ? licence : oversize)(book, plan, label, random);
  for (const up of ancestorsSeeing(ground, plan.meterIndex, plan.kw)) label.meterIds.push(ground.meters[up].meterId);
  book.mines.push(label);
  return label;
}
