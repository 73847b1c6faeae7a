import type { GridDay, LoadEffect } from "./grid-day.ts";
import { createRandom } from "./random.ts";

export const mineKinds = [
  "flat",
  "staircase",
  "peak_pause",
  "night_only",
  "stop_start",
  "slow_buildup",
  "permit_abuse",
  "bypass",
  "moved_behind",
  "many_small",
] as const;
export type MineKind = (typeof mineKinds)[number];

/** A time without work (internet outage, own pause): lag, a fall within the hour, what fans still draw, and a staggered restart. */
export interface Interruption {
  readonly fromMs: number;
  readonly toMs: number;
  /** Share of the load that stays. */
  readonly residual: number;
  /** Hours that the machines go on heating after `fromMs`, and hours of the restart after `toMs`. */
  readonly lagHours: number;
  readonly restartHours: number;
}

/** Many machines in one place: the same kW day and night, but for its schedule. */
export interface MachineHall {
  readonly meterIndex: number;
  readonly kw: number;
  readonly machines: number;
  /** Levels (share of kw) from each instant on, in order; each is reached by a ramp of rampHours. */
  readonly stairs: readonly (readonly [atMs: number, level: number])[];
  readonly rampHours: number;
  /** End with a ramp down of 2 h; Infinity = runs on. */
  readonly toMs: number;
  /** Local hours [from, to) in which the machines rest, over midnight where from > to. */
  readonly dailyRest?: readonly [number, number];
  /** Machines stop and start over this many hours, and an operator is not punctual: the rest shifts by up to half of it from day to day. */
  readonly restEdgeHours?: number;
  readonly interruptions: readonly Interruption[];
  readonly seed: string;
}

const HOUR_MS = 3_600_000;
const stopHours = 2;
/** Power draw rises slightly with the outside temperature (fans, leakage) until the machines throttle in the heat. */
const heatPerC = 0.0012;
const throttleAboveC = 32;
const sagPerC = 0.006;
/** Fans and network of a hall whose machines sleep. */
const restResidual = 0.04;

const clamp = (value: number) => Math.min(1, Math.max(0, value));

function stairLevel(hall: MachineHall, atMs: number): number {
  let level = 0;
  for (const [fromMs, target] of hall.stairs) {
    if (atMs < fromMs) break;
    level += (target - level) * clamp((atMs - fromMs) / (hall.rampHours * HOUR_MS));
  }
  return level * clamp((hall.toMs - atMs) / (stopHours * HOUR_MS));
}

function interruptedShare(interruption: Interruption, atMs: number): number {
  const stopMs = interruption.fromMs + interruption.lagHours * HOUR_MS;
  if (atMs <= stopMs) return 1;
  const fall = 1 - clamp((atMs - stopMs) / HOUR_MS) * (1 - interruption.residual);
  if (atMs <= interruption.toMs) return fall;
  return fall + (1 - fall) * clamp((atMs - interruption.toMs) / (interruption.restartHours * HOUR_MS));
}

/** Share of a slot (by its local hour, `width` hours long) that lies in the daily rest. */
function restShare(rest: readonly [number, number], hour: number, width: number): number {
  const length = (rest[1] - rest[0] + 24) % 24;
  const since = (hour - width / 2 - rest[0] + 48) % 24; // start of the slot, hours after the rest began
  const inRest = Math.max(0, Math.min(since + width, length) - since);
  const wrapped = Math.max(0, since + width - 24);
  return Math.min(1, (inRest + Math.min(wrapped, length)) / width);
}

/** Mean rest over the slot when the edges are `soft` hours wide: the rest of three staggered thirds of the machines. */
function softRestShare(rest: readonly [number, number], hour: number, width: number, soft: number): number {
  const thirds = [-soft / 2, 0, soft / 2].map((shift) => restShare(rest, (hour - shift + 24) % 24, width));
  return (thirds[0] + thirds[1] + thirds[2]) / 3;
}

const heatFactor = (tempC: number) => heatPerC * Math.min(tempC, throttleAboveC) - sagPerC * Math.max(0, tempC - throttleAboveC);

/** Share of full load at an instant, without ripple. `width` = slot length in hours. */
export function hallLevel(hall: MachineHall, atMs: number, localHour: number, width: number): number {
  let level = stairLevel(hall, atMs);
  for (const interruption of hall.interruptions) level *= interruptedShare(interruption, atMs);
  if (hall.dailyRest) level *= 1 - (1 - restResidual) * softRestShare(hall.dailyRest, localHour, width, hall.restEdgeHours ?? 0);
  return level;
}

/**
 * The hall as an addition to its meter's load. Ripple: hourly 0.4 % plus 20 %/sqrt(machines) (1.6 % at 300 machines, 2.4 % at 100), and
 * machines that fail and are repaired, 1 % by the day. Power factor 0.99.
 */
export function machineHall(hall: MachineHall): LoadEffect {
  const start = () => {
    const random = createRandom(hall.seed, "hall");
    const hourlySigma = Math.min(0.08, 0.004 + 0.2 / Math.sqrt(hall.machines));
    let ripple = 0;
    let failed = 0.01 * random.normal();
    return (day: GridDay) => {
      const clock = day.clockOf(hall.meterIndex);
      const area = day.areaOf(hall.meterIndex);
      const kw = day.kw[hall.meterIndex];
      const kvar = day.kvar[hall.meterIndex];
      const width = clock.slotMs / HOUR_MS;
      const rho = 0.5 ** width;
      const late = hall.restEdgeHours === undefined ? 0 : hall.restEdgeHours * (random.next() - 0.5);
      failed = 0.85 * failed + 0.0053 * random.normal();
      for (let slot = 0; slot < clock.slots; slot++) {
        ripple = rho * ripple + hourlySigma * Math.sqrt(1 - rho * rho) * random.normal();
        const level = hallLevel(hall, day.startMs + (slot + 0.5) * clock.slotMs, (clock.localHour[slot] - late + 24) % 24, width);
        if (level <= 0) continue;
        const temperature = area.tempC[day.firstHour + Math.floor(slot * width)];
        const power = hall.kw * level * (1 + failed + ripple + heatFactor(temperature));
        kw[slot] += power;
        kvar[slot] += 0.14 * power;
      }
    };
  };
  return { stage: "addition", fromMs: hall.stairs[0][0], toMs: hall.toMs, start };
}
