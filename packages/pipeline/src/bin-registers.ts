import { DAY_MS, Quality } from "@hashwatt/contracts";
import { Count } from "./counters.ts";
import { type ClassPages, type IntervalPage, pageAt, qualityAt, type RegisterPage, registersOf, setQuality } from "./interval-pages.ts";
import type { PeerGroup } from "./peer-group.ts";
import type { ReadingBatch } from "./reading-batch.ts";
import { isBackwards, isExchange, registerEnergyKwh } from "./register-energy.ts";
import { Binned, type BinnedCode, maxPowerKw, noteHeard, noteWritten } from "./written-cells.ts";

/**
 * Puts one cumulative register into its page and derives the intervals that it touches. An interval's power follows from the registers at
 * its ends; it is absent where they do not go forward, and where one of them is part of a pair that goes backwards, since nobody knows
 * which of the two is wrong. So the intervals are a function of the registers held, whatever the order in which they came. The row
 * that completes a backwards pair is rejected, but its number stays as a mark of the doubt. Event time of a register is its own.
 */
export function binRegister(group: PeerGroup, classRow: number, column: number, batch: ReadingBatch, row: number): BinnedCode {
  const kwh = batch.values[row] + 0;
  if (!(kwh >= 0 && kwh < Number.POSITIVE_INFINITY)) return Binned.invalidValue;
  const pages = group.pages[classRow];
  const { intervalMs, firstSlot, meterCount, rowsPerDay } = pages.cadence;
  const startMs = batch.startMs[row];
  const interval = startMs / intervalMs;
  const utcDay = Math.floor(startMs / DAY_MS);
  const page = pageAt(pages, utcDay - group.baseDay, utcDay);
  const outcome = writeRegister(registersOf(page), (interval - utcDay * rowsPerDay) * meterCount + column, kwh, batch.qualities[row]);
  noteHeard(group, firstSlot + column, startMs);
  if (outcome === Count.duplicate) {
    group.counts[outcome]++;
    return Binned.done;
  }
  page.touched = true;
  const meter: RegisterMeter = { group, pages, column, ratedKw: group.layout.meters[firstSlot + column].ratedKw };
  for (let derived = interval - 2; derived <= interval + 1; derived++) deriveInterval(meter, derived);
  const pairs = [energyOf(meter, interval - 1), energyOf(meter, interval)];
  if (pairs.some(isBackwards)) return Binned.registerBackwards;
  if (outcome === Count.binned && pairs.some(isExchange)) group.counts[Count.meterExchanges]++;
  group.counts[outcome]++;
  return Binned.done;
}

interface RegisterMeter {
  readonly group: PeerGroup;
  readonly pages: ClassPages;
  readonly column: number;
  readonly ratedKw: number | null;
}

function writeRegister(registers: RegisterPage, cell: number, kwh: number, quality: number): number {
  const before = registers.kwh[cell];
  if (before === kwh && registers.quality[cell] === quality) return Count.duplicate;
  registers.kwh[cell] = kwh;
  registers.quality[cell] = quality;
  return Number.isNaN(before) ? Count.binned : Count.revised;
}

/** Page and cell of an interval counted since 1970; undefined where its day is not held or not there. */
function cellOf(
  { group, pages, column }: RegisterMeter,
  interval: number,
): { page: IntervalPage | undefined; cell: number; utcDay: number } {
  const { rowsPerDay, meterCount } = pages.cadence;
  const utcDay = Math.floor(interval / rowsPerDay);
  return { page: pages.days[utcDay - group.baseDay], cell: (interval - utcDay * rowsPerDay) * meterCount + column, utcDay };
}

function registerAt(meter: RegisterMeter, interval: number): number {
  const { page, cell } = cellOf(meter, interval);
  return page?.registers?.kwh[cell] ?? Number.NaN;
}

function registerQualityAt(meter: RegisterMeter, interval: number): number {
  const { page, cell } = cellOf(meter, interval);
  return page?.registers?.quality[cell] ?? Quality.measured;
}

function energyOf(meter: RegisterMeter, interval: number): number {
  const mostKwh = meter.ratedKw === null ? Number.POSITIVE_INFINITY : (10 * meter.ratedKw) / meter.pages.kwPerKwh;
  return registerEnergyKwh(registerAt(meter, interval), registerAt(meter, interval + 1), mostKwh);
}

function deriveInterval(meter: RegisterMeter, interval: number): void {
  const energyKwh = energyOf(meter, interval);
  // One of its registers is not there: what a reading in kW may have said stands.
  if (Number.isNaN(energyKwh)) return;
  const isDoubtful = energyKwh < 0 || isBackwards(energyOf(meter, interval - 1)) || isBackwards(energyOf(meter, interval + 1));
  const kw = Math.fround(energyKwh * meter.pages.kwPerKwh);
  const qualities = [registerQualityAt(meter, interval), registerQualityAt(meter, interval + 1)];
  const quality = qualities.includes(Quality.estimated) ? Quality.estimated : Math.max(...qualities);
  if (isDoubtful || kw > maxPowerKw) writeInterval(meter, interval, Number.NaN, Quality.measured);
  else writeInterval(meter, interval, kw, quality);
}

function writeInterval(meter: RegisterMeter, interval: number, kw: number, quality: number): void {
  const { group, pages } = meter;
  const { utcDay, cell } = cellOf(meter, interval);
  const dayIndex = utcDay - group.baseDay;
  if (!(dayIndex >= 0 && dayIndex < pages.days.length)) return;
  const page = pageAt(pages, dayIndex, utcDay);
  if (Object.is(page.kw[cell], kw) && qualityAt(page.quality, cell) === quality) return;
  page.kw[cell] = kw;
  setQuality(page.quality, cell, quality);
  noteWritten(group, page, interval * pages.cadence.intervalMs);
}
