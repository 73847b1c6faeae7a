import type { RegressorRows } from "./expectation.ts";
import type { DetectionParameters } from "./parameters.ts";
import { robustDeviationInPlace } from "./statistics/select.ts";

const blockHours = 3;
const blocksPerDay = 24 / blockHours;

/** Rows of standardised differences, [row * length + i], and what they were divided by. */
export interface StandardRows {
  readonly values: Float64Array;
  readonly length: number;
  readonly deviations: Float64Array;
}

const cellCount = 3 * blocksPerDay;
/** The standardised rows of the fit at hand and one row's steps on the way. Shared by all: nothing in them outlives a fit. */
let standard = new Float64Array(0);
let means = new Float64Array(0);
let sizes = new Float64Array(0);
const cellMeans = new Float64Array(cellCount);

/** 3-hour means, quasi-differenced over a day, centred by day type and time of day, in robust deviations, clipped. */
export function standardise(
  rows: RegressorRows,
  window: { from: number; to: number; dayTypeOfHour: Uint8Array },
  parameters: DetectionParameters,
): StandardRows {
  const blocks = Math.floor((window.to - window.from) / blockHours);
  const length = Math.max(0, blocks - blocksPerDay);
  const paddedRows = (rows.rowCount + 3) & ~3;
  if (standard.length < paddedRows * length) standard = new Float64Array(paddedRows * length);
  // the gram matrix is summed four rows at a time
  standard.fill(0, rows.rowCount * length, paddedRows * length);
  if (means.length < blocks) {
    means = new Float64Array(blocks);
    sizes = new Float64Array(blocks);
  }
  const deviations = new Float64Array(rows.rowCount);
  const cells = cellsOf(window.dayTypeOfHour, window.from, length);
  const counts = new Float64Array(cellCount);
  for (const cell of cells) counts[cell] += 1;
  for (let row = 0; row < rows.rowCount; row++) {
    differ(rows.values, row * rows.hours + window.from, blocks, parameters.quasiDifference, row * length);
    centre(row * length, cells, counts);
    deviations[row] = scaleAndClip(row * length, length, parameters.clipSigma);
  }
  return { values: standard, length, deviations };
}

/** Day type and time of day of each difference. */
function cellsOf(dayTypeOfHour: Uint8Array, from: number, length: number): Uint8Array {
  const cells = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const block = i + blocksPerDay;
    cells[i] = dayTypeOfHour[from + block * blockHours] * blocksPerDay + (block % blocksPerDay);
  }
  return cells;
}

function differ(values: Float64Array, start: number, blocks: number, quasiDifference: number, out: number): void {
  for (let b = 0; b < blocks; b++) {
    const at = start + b * blockHours;
    means[b] = (values[at] + values[at + 1] + values[at + 2]) / blockHours;
  }
  for (let i = 0; i < blocks - blocksPerDay; i++) standard[out + i] = means[i + blocksPerDay] - quasiDifference * means[i];
}

function centre(out: number, cells: Uint8Array, counts: Float64Array): void {
  cellMeans.fill(0);
  for (let i = 0; i < cells.length; i++) cellMeans[cells[i]] += standard[out + i];
  for (let cell = 0; cell < cellCount; cell++) cellMeans[cell] /= counts[cell];
  for (let i = 0; i < cells.length; i++) standard[out + i] -= cellMeans[cells[i]];
}

/** Divides a row by its robust deviation, which is returned, and clips it. */
function scaleAndClip(out: number, length: number, clip: number): number {
  for (let i = 0; i < length; i++) sizes[i] = standard[out + i];
  const deviation = robustDeviationInPlace(sizes, length, 0);
  const scale = deviation > 1e-9 ? 1 / deviation : 0;
  for (let i = 0; i < length; i++) {
    const value = standard[out + i] * scale;
    standard[out + i] = value > clip ? clip : value < -clip ? -clip : value;
  }
  return deviation > 1e-9 ? deviation : 1e-9;
}
