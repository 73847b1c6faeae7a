import { type MineKind, mineKinds } from "./mines.ts";
import { type ConfounderKind, confounderKinds } from "./place-confounders.ts";
import type { Random } from "./random.ts";

/** How often a kind comes up beside the others. What is rare in the field is not rare here: every kind must be seen. */
const mineWeights: Readonly<Record<MineKind, number>> = {
  flat: 5,
  peak_pause: 4,
  staircase: 3.5,
  night_only: 2.5,
  stop_start: 2.5,
  permit_abuse: 2.5,
  slow_buildup: 2.5,
  bypass: 2,
  moved_behind: 2,
  many_small: 1.5,
};
const confounderWeights: Readonly<Record<ConfounderKind, number>> = {
  transfer: 4,
  ct_change: 2.5,
  permitted_load: 3,
  estimated_fill: 2,
  gap: 2,
  frozen: 1.5,
  vacation: 1.5,
  unit_error: 1,
  rollover_spike: 1,
  clock_shift: 1,
  one_shift: 1.3,
  two_shift: 1.3,
  greenhouse: 1.3,
  ev_depot: 1.3,
  street_light: 1.3,
  irrigation: 1.3,
  pv_adoption: 1,
  organic_growth: 1,
  dip_return: 1.2,
};
const parentKinds: readonly MineKind[] = ["bypass", "moved_behind", "many_small"];

/** Draws a number of kinds without favouring any beyond its weight: each kind once in a round before one comes twice as often. */
function drawKinds<K extends string>(kinds: readonly K[], weights: Readonly<Record<K, number>>, total: number, random: Random) {
  const counts: Partial<Record<K, number>> = {};
  for (let i = 0; i < total; i++) {
    // the kind that is furthest behind its share, with a random head start
    const behind = kinds.map((kind) => ((counts[kind] ?? 0) + random.next()) / weights[kind]);
    const kind = kinds[behind.indexOf(Math.min(...behind))];
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Kinds of mines for a fleet of this many meters; loads that only a parent shows need parents, and each takes several meters. */
export function drawMineCounts(total: number, parentCount: number, random: Random): Partial<Record<MineKind, number>> {
  const onParents = Math.min(parentCount, Math.round(total * 0.25));
  const single = mineKinds.filter((kind) => !parentKinds.includes(kind));
  return { ...drawKinds(single, mineWeights, total - onParents, random), ...drawKinds(parentKinds, mineWeights, onParents, random) };
}

export function drawConfounderCounts(total: number, random: Random): Partial<Record<ConfounderKind, number>> {
  return drawKinds(confounderKinds, confounderWeights, total, random);
}
