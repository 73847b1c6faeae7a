import { addRow, type GridDay, type LoadEffect } from "./grid-day.ts";
import { createRandom } from "./random.ts";

export interface Span {
  readonly fromMs: number;
  /** Infinity = to the end. */
  readonly toMs: number;
}

/** Share of the slot that lies in the span. */
export function overlap(span: Span, slotStartMs: number, slotMs: number): number {
  return Math.max(0, Math.min(span.toMs, slotStartMs + slotMs) - Math.max(span.fromMs, slotStartMs)) / slotMs;
}

/** Load moved to a neighbour: what the donor loses, the receiver gains, slot by slot. */
export interface Transfer extends Span {
  readonly donorIndex: number;
  readonly receiverIndex: number;
  /** Share of the donor's load. */
  readonly share: number;
}

export function transfer(plan: Transfer): LoadEffect {
  const start = () => (day: GridDay) => {
    const clock = day.clockOf(plan.donorIndex);
    for (const rows of [day.kw, day.kvar]) {
      const donor = rows[plan.donorIndex];
      const moved = donor.map((value, slot) => value * plan.share * overlap(plan, day.startMs + slot * clock.slotMs, clock.slotMs));
      for (let slot = 0; slot < clock.slots; slot++) donor[slot] -= moved[slot];
      addRow(moved, rows[plan.receiverIndex]);
    }
  };
  return { stage: "share", fromMs: plan.fromMs, toMs: plan.toMs, start };
}

/** Ordinary load that stays away and comes back (a plant stops, people leave); edges of `edgeHours`. */
export interface Absence extends Span {
  readonly meterIndex: number;
  readonly share: number;
  readonly edgeHours: number;
}

export function absence(plan: Absence): LoadEffect {
  const edgeMs = plan.edgeHours * 3_600_000;
  const start = () => (day: GridDay) => {
    const clock = day.clockOf(plan.meterIndex);
    for (let slot = 0; slot < clock.slots; slot++) {
      const atMs = day.startMs + (slot + 0.5) * clock.slotMs;
      const depth = Math.min(1, Math.max(0, (atMs - plan.fromMs) / edgeMs), Math.max(0, (plan.toMs - atMs) / edgeMs));
      day.kw[plan.meterIndex][slot] *= 1 - plan.share * depth;
      day.kvar[plan.meterIndex][slot] *= 1 - plan.share * depth;
    }
  };
  return { stage: "share", fromMs: plan.fromMs, toMs: plan.toMs, start };
}

/** Ordinary load that grows by a rate, without an edge. */
export interface Growth extends Span {
  readonly meterIndex: number;
  readonly perYear: number;
}

const YEAR_MS = 365.25 * 86_400_000;

export function growth(plan: Growth): LoadEffect {
  const start = () => (day: GridDay) => {
    const clock = day.clockOf(plan.meterIndex);
    for (let slot = 0; slot < clock.slots; slot++) {
      const years = Math.max(0, day.startMs + slot * clock.slotMs - plan.fromMs) / YEAR_MS;
      day.kw[plan.meterIndex][slot] *= 1 + plan.perYear * years;
      day.kvar[plan.meterIndex][slot] *= 1 + plan.perYear * years;
    }
  };
  return { stage: "share", fromMs: plan.fromMs, toMs: plan.toMs, start };
}

/** Cold or hot air over an area, seen in what its customers heat or cool with. */
export interface AreaWave extends Span {
  readonly kind: "cold_snap" | "heat_wave";
  readonly meterIndices: readonly number[];
  /** Rise of the mean load where the wave is deepest; each meter has 0.3 to 1.7 times that. */
  readonly rise: number;
  readonly seed: string;
}

/** Heating runs all day, a little more at night; cooling follows the afternoon. */
const waveProfile = {
  cold_snap: (localHour: number) => 1 + 0.15 * Math.cos(((localHour - 5) * Math.PI) / 12),
  heat_wave: (localHour: number) => Math.max(0.15, 0.9 + 0.9 * Math.cos(((localHour - 16) * Math.PI) / 12)),
} as const;

/** The daily depth: a day to come, two to go, uneven in between. */
export function areaWave(plan: AreaWave): LoadEffect {
  const start = () => {
    const random = createRandom(plan.seed, plan.kind);
    const share = plan.meterIndices.map(() => plan.rise * random.between(0.3, 1.7));
    const profile = waveProfile[plan.kind];
    let uneven = 1;
    return (day: GridDay) => {
      uneven = 1 + 0.5 * (uneven - 1) + 0.12 * random.normal();
      plan.meterIndices.forEach((index, order) => {
        const clock = day.clockOf(index);
        for (let slot = 0; slot < clock.slots; slot++) {
          const atMs = day.startMs + (slot + 0.5) * clock.slotMs;
          const coming = (atMs - plan.fromMs) / 86_400_000;
          const going = (plan.toMs - atMs) / (2 * 86_400_000);
          const depth = uneven * Math.min(1, Math.max(0, coming), Math.max(0, going));
          const own = day.kw[index][slot];
          if (own > 0) day.kw[index][slot] = own * (1 + share[order] * depth * profile(clock.localHour[slot]));
        }
      });
    };
  };
  return { stage: "share", fromMs: plan.fromMs, toMs: plan.toMs, start };
}
