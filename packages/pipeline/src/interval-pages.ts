import type { QualityCode } from "@hashwatt/contracts";
import type { CadenceClass } from "./group-layout.ts";

/**
 * Readings of one UTC day of a cadence class, interval-major: [interval of the day * meterCount + column]. 4.25 bytes a reading: values as
 * float32 with NaN = absent, qualities in two bits. An absent reading always has quality bits 0.
 */
export interface IntervalPage {
  readonly utcDay: number;
  readonly kw: Float32Array;
  readonly quality: Uint8Array;
  /** Only where a meter of the class sends registers: 9 bytes an interval more. */
  registers: RegisterPage | undefined;
  /** Written since the group's history was last saved. */
  touched: boolean;
}

/** Cumulative registers at the intervals' starts, kWh, placed like the readings; NaN = absent. */
export interface RegisterPage {
  readonly kwh: Float64Array;
  readonly quality: Uint8Array;
}

/** The pages of a cadence class that are held: days[0] is the group's oldest day that still takes readings. */
export interface ClassPages {
  readonly cadence: CadenceClass;
  /** kW of one kWh in one interval. */
  readonly kwPerKwh: number;
  readonly days: (IntervalPage | undefined)[];
  /** A page that was given back, kept for the next day: a stream that runs allocates nothing. */
  spare: IntervalPage | undefined;
}

/** Pages for `heldDays` days, none of them allocated. */
export function createClassPages(cadence: CadenceClass, heldDays: number): ClassPages {
  return { cadence, kwPerKwh: cadence.rowsPerHour, days: Array.from({ length: heldDays }, () => undefined), spare: undefined };
}

export function cellsOf(cadence: CadenceClass): number {
  return cadence.rowsPerDay * cadence.meterCount;
}

/** Page of days[dayIndex], allocated when first asked for. */
export function pageAt(pages: ClassPages, dayIndex: number, utcDay: number): IntervalPage {
  return pages.days[dayIndex] ?? (pages.days[dayIndex] = newPage(pages, utcDay));
}

function newPage(pages: ClassPages, utcDay: number): IntervalPage {
  const { spare } = pages;
  pages.spare = undefined;
  if (spare !== undefined) {
    spare.kw.fill(Number.NaN);
    spare.quality.fill(0);
    return { utcDay, kw: spare.kw, quality: spare.quality, registers: undefined, touched: false };
  }
  const cells = cellsOf(pages.cadence);
  return {
    utcDay,
    kw: new Float32Array(cells).fill(Number.NaN),
    quality: new Uint8Array(Math.ceil(cells / 4)),
    registers: undefined,
    touched: false,
  };
}

/** Register columns of a page, allocated when the first register of the day comes. */
export function registersOf(page: IntervalPage): RegisterPage {
  page.registers ??= { kwh: new Float64Array(page.kw.length).fill(Number.NaN), quality: new Uint8Array(page.kw.length) };
  return page.registers;
}

/** Gives the oldest day back and opens a new one at the other end. */
export function shiftPages(pages: ClassPages): void {
  pages.spare = pages.days.shift() ?? pages.spare;
  pages.days.push(undefined);
}

export function qualityAt(quality: Uint8Array, cell: number): QualityCode {
  return ((quality[cell >> 2] >> ((cell & 3) * 2)) & 3) as QualityCode;
}

export function setQuality(quality: Uint8Array, cell: number, code: number): void {
  const shift = (cell & 3) * 2;
  quality[cell >> 2] = (quality[cell >> 2] & ~(3 << shift)) | (code << shift);
}
