import { HOUR_MS, Quality, parseInstant, type RejectReason } from "@hashwatt/contracts";
import { binRow } from "./bin-readings.ts";
import { passHour, startDays } from "./close-days.ts";
import { Count, countReject } from "./counters.ts";
import { aheadLimitHours, isBehind, stepHour } from "./group-clock.ts";
import type { JudgedDays } from "./judge-days.ts";
import { evictOldest, type ParkedReading, parkCapacity, parkedRows, parkReading, releaseParked } from "./parking.ts";
import { type PeerGroup, setLimits } from "./peer-group.ts";
import { createReadingBatch, Quantity, type ReadingBatch } from "./reading-batch.ts";
import { agreedHour, startRound, voteAhead } from "./time-votes.ts";
import { Binned, type BinnedCode, maxPowerKw } from "./written-cells.ts";

/** A reading that was not used, with the reason in words. */
export interface Reject {
  readonly reason: RejectReason;
  readonly detail: string;
  /** "" where the ordinal is none of the registry. */
  readonly meterId: string;
  readonly startMs: number;
  readonly value: number;
  /** Row in the batch; -1 for a parked reading that was rejected later. */
  readonly row: number;
}

/** Where a group's results go. */
export interface GroupSinks {
  readonly onReject: (reject: Reject) => void;
  readonly onJudged: (group: PeerGroup, judged: JudgedDays) => void;
}

/** The reasons that this step finds; the others are found where messages and files are read. */
type UsedReason =
  | "invalid_time"
  | "unaligned_interval"
  | "unknown_quality"
  | "invalid_reading"
  | "invalid_value"
  | "clock_ahead"
  | "register_backwards";

/** Where a row belongs that binRow did not take, and why not. */
interface UnbinnedPlace {
  readonly slot: number;
  readonly code: BinnedCode;
}

/**
 * A clock that lost the time says 1970 or 1980, or one of the last years that two digits can name, 2079 to 2099. Such a reading is rejected at
 * once: parked, it would wait for its time for good. No bound can lie nearer, since there is no wall clock here.
 */
const earliestMs = parseInstant("2000-01-01T00:00:00Z");
const latestMs = parseInstant("2070-01-01T00:00:00Z");

/** One row of a batch that was not simply binned: says why, or parks it and asks whether the group's time is wrong. */
export function admitOther(group: PeerGroup, place: UnbinnedPlace, batch: ReadingBatch, row: number, sinks: GroupSinks): void {
  const { slot, code } = place;
  const reading: ParkedReading = {
    slot,
    startMs: batch.startMs[row],
    value: batch.values[row],
    quantity: batch.quantities[row],
    quality: batch.qualities[row],
  };
  const reason = rejectionOf(group, reading, code);
  if (reason !== undefined) reject(group, reading, row, reason, sinks);
  else if (group.clock.started && reading.startMs < group.lateLimitMs) group.counts[Count.late]++;
  else park(group, reading, sinks);
}

/** Group time follows its meters, hour by hour; days close and parked readings come in on the way. */
export function advance(group: PeerGroup, sinks: GroupSinks): void {
  while (isBehind(group.clock)) passNextHour(group, sinks);
}

function passNextHour(group: PeerGroup, sinks: GroupSinks): void {
  stepHour(group.clock);
  passHour(group, (judged) => sinks.onJudged(group, judged));
  releaseDue(group, sinks);
}

function park(group: PeerGroup, reading: ParkedReading, sinks: GroupSinks): void {
  const { parking, votes, clock } = group;
  const { slot } = reading;
  const capacity = parkCapacity(cadenceOf(group, slot).rowsPerDay, group.settings.lateDays);
  if (parkedRows(parking, slot) >= capacity) {
    group.counts[Count.parked]--;
    reject(group, evictOldest(parking, slot), -1, "clock_ahead", sinks);
  }
  group.counts[Count.parked]++;
  const endMs = endOf(group, reading);
  parkReading(parking, reading, endMs);
  voteAhead(votes, slot, Math.floor(endMs / HOUR_MS), clock.latestHours[slot] === 0);
  const hour = agreedHour(votes, clock, votes.claims[slot] >= capacity);
  if (hour < 0) return;
  startRound(votes);
  if (clock.started) {
    while (clock.hour < hour) passNextHour(group, sinks);
  } else {
    clock.started = true;
    clock.hour = hour;
    // Readings that are to come may be a day older than the ones that were parked first.
    startDays(group, hour - aheadLimitHours);
    setLimits(group);
    releaseDue(group, sinks);
  }
  advance(group, sinks);
}

const single = createReadingBatch(1);

function releaseDue(group: PeerGroup, sinks: GroupSinks): void {
  const limitMs = (group.clock.hour + aheadLimitHours) * HOUR_MS;
  if (group.parking.earliestEndMs > limitMs) return;
  for (const reading of releaseParked(group.parking, limitMs, (parked) => endOf(group, parked))) {
    group.counts[Count.parked]--;
    binParked(group, reading, sinks);
  }
}

function binParked(group: PeerGroup, reading: ParkedReading, sinks: GroupSinks): void {
  single.startMs[0] = reading.startMs;
  single.values[0] = reading.value;
  single.quantities[0] = reading.quantity;
  single.qualities[0] = reading.quality;
  const classRow = group.layout.classes.findIndex((cadence) => reading.slot < cadence.firstSlot + cadence.meterCount);
  const code = binRow(group, classRow, reading.slot - group.layout.classes[classRow].firstSlot, single, 0);
  if (code === Binned.done) return;
  const reason = rejectionOf(group, reading, code);
  if (reason !== undefined) reject(group, reading, -1, reason, sinks);
  else group.counts[Count.late]++;
}

function cadenceOf(group: PeerGroup, slot: number) {
  return group.layout.classes.find((cadence) => slot < cadence.firstSlot + cadence.meterCount)!;
}

function endOf(group: PeerGroup, reading: ParkedReading): number {
  return reading.startMs + cadenceOf(group, reading.slot).intervalMs;
}

/** A row outside the limits was not looked at any further by binRow; nothing that cannot be used is ever parked. */
function rejectionOf(group: PeerGroup, reading: ParkedReading, code: BinnedCode): UsedReason | undefined {
  if (code === Binned.registerBackwards) return "register_backwards";
  const { startMs, value, quantity, quality, slot } = reading;
  if (!(startMs >= earliestMs && startMs < latestMs)) return "invalid_time";
  const { intervalMs, rowsPerHour } = cadenceOf(group, slot);
  if (startMs % intervalMs !== 0) return "unaligned_interval";
  if (quality > Quality.revised) return "unknown_quality";
  if (quantity > Quantity.kwhRegister) return "invalid_reading";
  const isPower = Math.abs(quantity === Quantity.kwh ? value * rowsPerHour : value) <= maxPowerKw;
  const isUsable = quantity === Quantity.kwhRegister ? value >= 0 && Number.isFinite(value) : isPower;
  return isUsable ? undefined : "invalid_value";
}

function reject(group: PeerGroup, reading: ParkedReading, row: number, reason: UsedReason, sinks: GroupSinks): void {
  countReject(group.counts, reason);
  const { meterId, intervalMinutes } = group.layout.meters[reading.slot];
  const { startMs, value } = reading;
  sinks.onReject({ reason, detail: details[reason](reading, intervalMinutes), meterId, startMs, value, row });
}

const details: Record<UsedReason, (reading: ParkedReading, intervalMinutes: number) => string> = {
  invalid_time: () => "the interval's start must lie between 2000 and 2070; check the meter's clock",
  unaligned_interval: (_, intervalMinutes) =>
    `the interval's start is no multiple of the meter's interval of ${intervalMinutes} min; check intervalMinutes in the registry`,
  unknown_quality: ({ quality }) => `quality code ${quality} is none of 0 measured, 1 estimated, 2 revised`,
  invalid_reading: ({ quantity }) => `quantity code ${quantity} is none of 0 kw, 1 kwh, 2 kwhRegister`,
  invalid_value: ({ quantity }) =>
    quantity === Quantity.kwhRegister
      ? "a register must be a finite number of kWh, 0 or more"
      : `the value must be a finite number of at most ${maxPowerKw} kW either way`,
  clock_ahead: () => "more than a day ahead of its peer group, and the meter has sent more such readings than are held; check its clock",
  register_backwards: () => "the register goes backwards and no rollover or exchange of the meter explains it; its intervals are left out",
};
