import { foldHours } from "./fold-hours.ts";
import { forgetSilent } from "./group-clock.ts";
import { hourPageAt, oldestHeldDay } from "./hour-store.ts";
import { shiftPages } from "./interval-pages.ts";
import { type JudgedDays, judgeDays } from "./judge-days.ts";
import { heldDays, type PeerGroup, setLimits } from "./peer-group.ts";

const allHours = 0xffffff;

/** Group time starts: the first day to close is the first whose close is still to come at `hour`. */
export function startDays(group: PeerGroup, hour: number): void {
  const { days, calendar, settings } = group;
  let day = calendar.dayOf(hour - settings.graceHours);
  while (calendar.endHour(day) + settings.graceHours <= hour) day++;
  days.nextDay = day;
  days.closeAtHour = calendar.endHour(day) + settings.graceHours;
  days.horizonHour = calendar.endHour(day - 1);
}

/** Group time has reached a new hour: closes the days that are due, then gives back what is now beyond the late limit. */
export function passHour(group: PeerGroup, onJudged: (judged: JudgedDays) => void): void {
  const { clock, days } = group;
  while (clock.hour >= days.closeAtHour) onJudged(closeDay(group));
  if (clock.hour % 24 === 0) dropOldestDay(group);
  setLimits(group);
}

/** Folds what is new or has changed into the hour pages and judges the day, and before it every closed day that has changed. */
function closeDay(group: PeerGroup): JudgedDays {
  const { days, calendar, settings } = group;
  const day = days.nextDay;
  const closedHour = days.horizonHour;
  const endHour = calendar.endHour(day);
  foldOpenHours(group, closedHour, endHour);
  foldDirtyHours(group);
  days.horizonHour = endHour;
  if (isHistoryEmpty(group)) startAnew(group);
  const judged = judgeDays(group, day, closedHour);
  days.changedFromHour = Number.POSITIVE_INFINITY;
  days.changedToHour = 0;
  days.changedHours.clear();
  days.nextDay = day + 1;
  days.closeAtHour = calendar.endHour(day + 1) + settings.graceHours;
  if (group.hours.cells.some((page) => page !== undefined)) group.historyVersion++;
  forgetSilent(group.clock, settings.lateDays * 24);
  for (const utcDay of group.lostHours.keys()) if (utcDay < group.baseDay - 1) group.lostHours.delete(utcDay);
  return judged;
}

function isHistoryEmpty({ hours, days }: PeerGroup): boolean {
  const oldest = oldestHeldDay(hours, days.horizonHour);
  return !hours.cells.some((page) => page !== undefined && page.utcDay >= oldest);
}

/** A group that was silent for its whole history is a new group; years of empty days are not judged. */
function startAnew(group: PeerGroup): void {
  if (group.days.firstDataHour === Number.POSITIVE_INFINITY) return;
  group.days.firstDataHour = Number.POSITIVE_INFINITY;
  group.state = group.detection.createState();
}

function foldOpenHours(group: PeerGroup, fromHour: number, toHour: number): void {
  const from = Math.max(fromHour, group.baseDay * 24);
  for (let utcDay = Math.floor(from / 24); utcDay * 24 < toHour; utcDay++) {
    const first = Math.max(0, from - utcDay * 24);
    const end = Math.min(24, toHour - utcDay * 24);
    const changed = foldHours(group, utcDay, hourBits(first, end));
    noteData(group, utcDay, changed);
    group.days.changedHours.set(utcDay, (group.days.changedHours.get(utcDay) ?? 0) | changed);
  }
}

function foldDirtyHours(group: PeerGroup): void {
  for (let row = 0; row < group.dirtyHours.length; row++) foldDirtyDay(group, row);
}

/** Hours of one held day that were closed before and whose readings have changed. */
function foldDirtyDay(group: PeerGroup, row: number): boolean {
  const dirty = group.dirtyHours[row];
  if (dirty === 0) return false;
  group.dirtyHours[row] = 0;
  const { days } = group;
  const utcDay = group.baseDay + row;
  const changed = foldHours(group, utcDay, dirty);
  if (changed === 0) return false;
  noteData(group, utcDay, changed);
  days.changedHours.set(utcDay, (days.changedHours.get(utcDay) ?? 0) | changed);
  days.changedFromHour = Math.min(days.changedFromHour, utcDay * 24 + firstBit(changed));
  days.changedToHour = Math.max(days.changedToHour, utcDay * 24 + 32 - Math.clz32(changed));
  return true;
}

/** The day's changes go into its hours before its readings are given back. */
function dropOldestDay(group: PeerGroup): void {
  if (foldDirtyDay(group, 0)) group.historyVersion++;
  for (const pages of group.pages) shiftPages(pages);
  group.dirtyHours.copyWithin(0, 1);
  group.dirtyHours[heldDays(group.settings) - 1] = 0;
}

function noteData(group: PeerGroup, utcDay: number, changed: number): void {
  const { days, hours } = group;
  const page = hourPageAt(hours, utcDay);
  if (page === undefined) return;
  for (let rest = changed; rest !== 0; rest &= rest - 1) {
    const hour = utcDay * 24 + firstBit(rest);
    if (hour >= days.firstDataHour) return;
    const row = page.kw.subarray(firstBit(rest) * hours.meterCount, (firstBit(rest) + 1) * hours.meterCount);
    if (row.some((kw) => !Number.isNaN(kw))) days.firstDataHour = hour;
  }
}

function firstBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Bits of the hours [from, to) of a day. */
function hourBits(from: number, to: number): number {
  return allHours & ((1 << to) - 1) & ~((1 << from) - 1);
}
