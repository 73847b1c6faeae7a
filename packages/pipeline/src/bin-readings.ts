import { DAY_MS, Quality } from "@hashwatt/contracts";
import { binRegister } from "./bin-registers.ts";
import { Count } from "./counters.ts";
import { type IntervalPage, pageAt, qualityAt, setQuality } from "./interval-pages.ts";
import type { PeerGroup } from "./peer-group.ts";
import { Quantity, type ReadingBatch } from "./reading-batch.ts";
import { Binned, type BinnedCode, maxPowerKw, noteHeard, noteWritten } from "./written-cells.ts";

/**
 * Puts one row of a batch into its interval page: the hot path. Only checks, one page lookup, a comparison and a write; nothing is allocated
 * but the page of a new day. Numbers are read from the columns here rather than passed in, which would box them.
 */
export function binRow(group: PeerGroup, classRow: number, column: number, batch: ReadingBatch, row: number): BinnedCode {
  const startMs = batch.startMs[row];
  if (!(startMs >= group.lateLimitMs && startMs <= group.latestStartMs[classRow])) return Binned.outside;
  const pages = group.pages[classRow];
  const { cadence } = pages;
  const utcDay = Math.floor(startMs / DAY_MS);
  const interval = (startMs - utcDay * DAY_MS) / cadence.intervalMs;
  const intervalRow = interval | 0;
  if (intervalRow !== interval) return Binned.unaligned;
  const quality = batch.qualities[row];
  if (quality > Quality.revised) return Binned.unknownCode;
  let kw = batch.values[row];
  const quantity = batch.quantities[row];
  if (quantity !== Quantity.kw) {
    if (quantity === Quantity.kwhRegister) return binRegister(group, classRow, column, batch, row);
    if (quantity !== Quantity.kwh) return Binned.unknownCode;
    kw *= pages.kwPerKwh;
  }
  if (!(kw <= maxPowerKw && kw >= -maxPowerKw)) return Binned.invalidValue;

  const page = pageAt(pages, utcDay - group.baseDay, utcDay);
  const outcome = writeCell(page, intervalRow * cadence.meterCount + column, kw, quality);
  group.counts[outcome]++;
  if (outcome !== Count.duplicate) noteWritten(group, page, startMs);
  noteHeard(group, cadence.firstSlot + column, startMs + cadence.intervalMs);
  return Binned.done;
}

/** The later arrival wins; the same value and quality again is a duplicate. Returns the cell of the counters that it falls under. */
function writeCell(page: IntervalPage, cell: number, kw: number, quality: number): number {
  // Adding 0 turns -0 into 0: two spellings of one value.
  const value = Math.fround(kw) + 0;
  const before = page.kw[cell];
  if (before !== before) {
    page.kw[cell] = value;
    if (quality !== Quality.measured) setQuality(page.quality, cell, quality);
    return Count.binned;
  }
  if (before === value && qualityAt(page.quality, cell) === quality) return Count.duplicate;
  page.kw[cell] = value;
  setQuality(page.quality, cell, quality);
  return Count.revised;
}
