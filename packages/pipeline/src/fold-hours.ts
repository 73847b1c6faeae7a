import { Quality } from "@hashwatt/contracts";
import { bitCount } from "./group-view-of.ts";
import { type HourPage, hourPageAt, openHourPage } from "./hour-store.ts";
import { type ClassPages, type IntervalPage, qualityAt } from "./interval-pages.ts";
import type { PeerGroup } from "./peer-group.ts";

/** An hour counts when this share of its intervals is there, measured or revised. */
const minHourShare = 0.75;

/** Sums of one hour, by column. One set for all groups: nothing here outlives a call. */
let sums = new Float64Array(0);
let measured = new Uint8Array(0);
let estimated = new Uint8Array(0);

/**
 * Recomputes hours of a held UTC day from the readings: `hours` as bits. An hour is the mean of its measured intervals, NaN where less
 * than three quarters of them are there; it is lost to estimated values where one of them is estimated. Returns the hours that came out
 * differently, as bits.
 */
export function foldHours(group: PeerGroup, utcDay: number, hours: number): number {
  let changed = 0;
  for (const pages of group.pages) {
    const page = pages.days[utcDay - group.baseDay];
    if (page === undefined) continue;
    for (let hour = 0; hour < 24; hour++) {
      if ((hours >> hour) & 1 && foldHour(group, pages, page, hour)) changed |= 1 << hour;
    }
  }
  return changed;
}

function foldHour(group: PeerGroup, pages: ClassPages, page: IntervalPage, hour: number): boolean {
  const { meterCount, rowsPerHour, firstSlot } = pages.cadence;
  sumHour(page, hour * rowsPerHour, rowsPerHour, meterCount);
  let target = hourPageAt(group.hours, page.utcDay);
  let lost = group.lostHours.get(page.utcDay);
  let isChanged = false;
  for (let column = 0; column < meterCount; column++) {
    const isThere = measured[column] >= rowsPerHour * minHourShare;
    const mean = isThere ? Math.fround(sums[column] / measured[column]) : Number.NaN;
    const isLost = !isThere && estimated[column] === 1;
    if (target === undefined || lost === undefined) {
      if (!isThere && !isLost) continue;
      target = openHourPage(group.hours, page.utcDay);
      lost = new Uint32Array(group.layout.meters.length);
      group.lostHours.set(page.utcDay, lost);
    }
    const slot = firstSlot + column;
    if (writeMean(target, hour * group.hours.meterCount + slot, mean)) isChanged = true;
    if (((lost[slot] >> hour) & 1) !== Number(isLost)) {
      lost[slot] ^= 1 << hour;
      target.estimated[slot] = bitCount(lost[slot]);
      isChanged = true;
    }
  }
  return isChanged;
}

function writeMean(page: HourPage, cell: number, mean: number): boolean {
  const before = page.kw[cell];
  if (before === mean || (Number.isNaN(before) && Number.isNaN(mean))) return false;
  page.kw[cell] = mean;
  return true;
}

function sumHour(page: IntervalPage, firstRow: number, rowCount: number, meterCount: number): void {
  if (sums.length < meterCount) {
    sums = new Float64Array(meterCount);
    measured = new Uint8Array(meterCount);
    estimated = new Uint8Array(meterCount);
  }
  sums.fill(0, 0, meterCount);
  measured.fill(0, 0, meterCount);
  estimated.fill(0, 0, meterCount);
  const { kw, quality } = page;
  for (let row = firstRow; row < firstRow + rowCount; row++) {
    const base = row * meterCount;
    for (let column = 0; column < meterCount; column++) {
      const value = kw[base + column];
      if (value !== value) continue;
      if (qualityAt(quality, base + column) === Quality.estimated) {
        estimated[column] = 1;
      } else {
        sums[column] += value;
        measured[column]++;
      }
    }
  }
}
