import { DAY_MS, Quality } from "@hashwatt/contracts";
import { addRow, type GridDay, type LoadEffect, type MeteredDay, type MeterFault } from "./grid-day.ts";
import { type LoadColumns, usualLoad } from "./load-columns.ts";
import type { Random } from "./random.ts";
import { Action, type Correction, type MeterEdits, type ReadingEdits } from "./reading-edits.ts";
import { createTree, type Tree } from "./tree.ts";
import type { AreaSeries } from "./weather.ts";
import type { DayClock } from "./zone-clock.ts";

/** Events to be put into a metered fleet. */
export interface InjectionPlan {
  readonly load: LoadColumns;
  readonly effects: readonly LoadEffect[];
  readonly faults: readonly MeterFault[];
  readonly clocks: (dayIndex: number) => readonly DayClock[];
  /** By meter index. */
  readonly areas: readonly AreaSeries[];
  /** Extra loss for each added kW on the way to the next level. */
  readonly marginalLoss: number;
  readonly random: Random;
}

type Rows = Float64Array[];
const rowsLike = (load: LoadColumns): Rows => load.kw.map((column) => new Float64Array(column.length / load.days));

/** Decimal places that 64 of a meter's readings have, at most 4. */
function decimalsOf(row: Float32Array): number {
  let most = 0;
  let seen = 0;
  for (const value of row) {
    if (Number.isNaN(value)) continue;
    for (let decimals = most + 1; decimals <= 4; decimals++) {
      const scaled = value * 10 ** (decimals - 1);
      if (Math.abs(scaled - Math.round(scaled)) > 1e-6 * Math.abs(scaled) + 1e-4) most = decimals;
    }
    if (++seen === 64) break;
  }
  return most;
}

/** The load that effects take their shares of: gaps and impossible values are filled with what was there a day before. */
function createFiller(load: LoadColumns): (dayIndex: number, totals: Rows, totalKvar: Rows) => void {
  const usual = load.kw.map(usualLoad);
  const last = load.kw.map((column, index) => new Float64Array(column.length / load.days).fill(usual[index].meanKw));
  return (dayIndex, totals, totalKvar) => {
    load.kw.forEach((column, index) => {
      const slots = last[index].length;
      for (let slot = 0; slot < slots; slot++) {
        const value = column[dayIndex * slots + slot];
        if (value >= 0 && value <= usual[index].ceilingKw) last[index][slot] = value;
        totals[index][slot] = last[index][slot];
        const kvar = load.kvar[index][dayIndex * slots + slot];
        totalKvar[index][slot] = Number.isNaN(kvar) ? 0 : kvar;
      }
    });
  };
}

/** What each point has beside its metered children, from totals. */
function subtractChildren(totals: Rows, tree: Tree): Rows {
  const own = totals.map((row) => row.slice());
  for (const index of tree.upward) {
    const parent = tree.parentOf[index];
    if (parent >= 0)
      addRow(
        totals[index].map((value) => -value),
        own[parent],
      );
  }
  return own;
}

/** Differences of own load as differences of metered load: up the tree, a little loss at each level. */
function spreadUpward(delta: Rows, tree: Tree, marginalLoss: number): void {
  for (const index of tree.upward) {
    const parent = tree.parentOf[index];
    if (parent < 0 || delta[index].every((value) => value === 0)) continue;
    addRow(
      delta[index].map((value) => value * (1 + marginalLoss)),
      delta[parent],
    );
  }
}

interface EditsInHand {
  readonly edits: (MeterEdits | undefined)[];
  readonly corrections: Correction[];
}

function editsOf(hand: EditsInHand, load: LoadColumns, index: number): MeterEdits {
  const length = load.kw[index].length;
  hand.edits[index] ??= {
    action: new Uint8Array(length),
    kw: new Float32Array(length),
    kvar: new Float32Array(length),
    decimals: decimalsOf(load.kw[index]),
  };
  return hand.edits[index];
}

function recordDelta(hand: EditsInHand, load: LoadColumns, dayIndex: number, delta: { kw: Rows; kvar: Rows }): void {
  delta.kw.forEach((row, index) => {
    if (row.every((value) => value === 0)) return;
    const edits = editsOf(hand, load, index);
    const first = dayIndex * row.length;
    edits.kw.set(row, first);
    edits.kvar.set(delta.kvar[index], first);
    edits.action.fill(Action.add, first, first + row.length);
  });
}

/** The meter's day with what was added, before a fault makes something else of it. */
function meteredDay(plan: InjectionPlan, hand: EditsInHand, dayIndex: number, index: number, clock: DayClock): MeteredDay {
  const { load } = plan;
  const first = dayIndex * clock.slots;
  const kw = Float64Array.from(load.kw[index].subarray(first, first + clock.slots));
  const kvar = Float64Array.from(load.kvar[index].subarray(first, first + clock.slots));
  const edits = hand.edits[index];
  if (edits !== undefined) {
    for (let slot = 0; slot < clock.slots; slot++) {
      if (edits.action[first + slot] !== Action.add) continue;
      kw[slot] += edits.kw[first + slot];
      kvar[slot] += edits.kvar[first + slot];
    }
  }
  return {
    startMs: load.fromMs + dayIndex * DAY_MS,
    clock,
    kw,
    kvar,
    quality: new Uint8Array(clock.slots).fill(Quality.measured),
    correctedKw: new Float64Array(clock.slots).fill(Number.NaN),
  };
}

/** What the faults made of a day; `before` = its kW without them. */
function recordFault(plan: InjectionPlan, hand: EditsInHand, day: MeteredDay, before: Float64Array, index: number): void {
  const edits = editsOf(hand, plan.load, index);
  const first = Math.round((day.startMs - plan.load.fromMs) / day.clock.slotMs);
  const dueMs = day.startMs + (4 + plan.random.integer(16)) * DAY_MS;
  for (let slot = 0; slot < day.clock.slots; slot++) {
    const estimated = day.quality[slot] === Quality.estimated;
    if (Number.isNaN(before[slot]) || (day.kw[slot] === before[slot] && !estimated)) continue;
    const at = first + slot;
    edits.kw[at] = day.kw[slot];
    edits.kvar[at] = day.kvar[slot];
    edits.action[at] = Number.isNaN(day.kw[slot]) ? Action.drop : estimated ? Action.estimate : Action.replace;
    const corrected = day.correctedKw[slot];
    if (!Number.isNaN(corrected)) {
      hand.corrections.push({ dueMs, meterIndex: index, startMs: day.startMs + slot * day.clock.slotMs, kw: corrected });
    }
  }
}

/** Runs the effects over the metered load, day by day, and then the faults over what the meters would have read. */
export function injectEvents(plan: InjectionPlan): ReadingEdits {
  const { load, areas } = plan;
  const tree = createTree(load.meters);
  const hand: EditsInHand = { edits: load.meters.map(() => undefined), corrections: [] };
  const fill = createFiller(load);
  const totals = rowsLike(load);
  const totalKvar = rowsLike(load);
  const effects = (["share", "addition"] as const).flatMap((stage) =>
    plan.effects.filter((effect) => effect.stage === stage).map((effect) => ({ effect, apply: effect.start() })),
  );
  const faults = plan.faults.map((fault) => ({ fault, apply: fault.start() }));
  for (let dayIndex = 0; dayIndex < load.days; dayIndex++) {
    const startMs = load.fromMs + dayIndex * DAY_MS;
    const clocks = plan.clocks(dayIndex);
    fill(dayIndex, totals, totalKvar);
    const active = effects.filter(({ effect }) => effect.fromMs < startMs + DAY_MS && effect.toMs > startMs);
    if (active.length > 0) {
      const before = { kw: subtractChildren(totals, tree), kvar: subtractChildren(totalKvar, tree) };
      const kw = before.kw.map((row) => row.slice());
      const kvar = before.kvar.map((row) => row.slice());
      const day: GridDay = { startMs, firstHour: dayIndex * 24, kw, kvar, clockOf: (i) => clocks[i], areaOf: (i) => areas[i] };
      for (const { apply } of active) apply(day);
      const subtract = (rows: Rows, from: Rows) =>
        rows.forEach((row, i) => row.forEach((value, slot) => (row[slot] = value - from[i][slot])));
      subtract(kw, before.kw);
      subtract(kvar, before.kvar);
      spreadUpward(kw, tree, plan.marginalLoss);
      spreadUpward(kvar, tree, 0);
      recordDelta(hand, load, dayIndex, { kw, kvar });
    }
    for (const { fault, apply } of faults) {
      const day = meteredDay(plan, hand, dayIndex, fault.meterIndex, clocks[fault.meterIndex]);
      const before = day.kw.slice();
      apply(day);
      if (startMs < fault.toMs && startMs + DAY_MS > fault.fromMs) recordFault(plan, hand, day, before, fault.meterIndex);
    }
  }
  return { fromMs: load.fromMs, days: load.days, meters: hand.edits, corrections: hand.corrections.toSorted((a, b) => a.dueMs - b.dueMs) };
}
