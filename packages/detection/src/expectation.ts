import type { Block } from "./block.ts";
import type { DetectionParameters } from "./parameters.ts";
import { multiplyTile, tile } from "./statistics/product-tile.ts";
import { createRidgeSolver } from "./statistics/ridge.ts";
import { robustDeviationInPlace } from "./statistics/select.ts";

/**
 * Expected load of a stream as a ridge regression on its peers, its area's weather and, for a loss, the square of the parent's load.
 *
 * Everything is in shares of a row's own mean and in *quasi-differences* u(t) = z(t) - .95 z(t - 1 d): a step becomes one outlying day, which
 * the clip takes away, so the fit needs no guard against the very steps it is to reveal. Rows are 3-hour means: a third of the cost of hours
 * at the same noise of the fit.
 */
export interface Expectation {
  /** Mean of each stream over the fit window, kW; NaN = too little data to judge. */
  readonly meanKw: Float64Array;
  /** Rows regressed on: all meters of the block that are no relatives, weather, loss square; -1 = none. */
  readonly regressors: Int32Array;
  /** In shares of mean on shares of mean. */
  readonly coefficients: Float64Array;
  readonly width: number;
}

/** Rows that a fit sees: streams of the block first (filled, in shares of their means), then weather rows, then loss squares. */
export interface RegressorRows {
  readonly rowCount: number;
  readonly hours: number;
  /** [row * hours + t], no NaN. */
  readonly values: Float64Array;
  /** Rows a stream may use beside its peers: the weather of its area, the square of its parent's load. */
  readonly extras: readonly Int32Array[];
  /** Streams too empty to be anybody's peer. */
  readonly unfit: Uint8Array;
}

const blockHours = 3;
const blocksPerDay = 24 / blockHours;

/** Coefficients from hours [from, to) of the rows. `dayTypeOfHour` gives 0-2 for each hour of the rows. */
export function fitExpectation(
  block: Block,
  rows: RegressorRows,
  meanKw: Float64Array,
  window: { from: number; to: number; dayTypeOfHour: Uint8Array },
  parameters: DetectionParameters,
): Expectation {
  const standardRows = standardise(rows, window, parameters);
  const { deviations } = standardRows;
  const gram = gramMatrix(standardRows, rows.rowCount);
  const usable = Array.from({ length: block.meterCount }, (_, peer) => peer).filter((peer) => !rows.unfit[peer]);
  const extras = [...new Set(rows.extras.flatMap((extra) => [...extra]))].toSorted((a, b) => a - b);
  const solver = createRidgeSolver(gram, rows.rowCount, [...usable, ...extras], parameters.ridge);
  const width = usable.length + Math.max(0, ...rows.extras.map((extra) => extra.length));
  const regressors = new Int32Array(block.streamCount * width).fill(-1);
  const coefficients = new Float64Array(block.streamCount * width);
  for (let stream = 0; stream < block.streamCount; stream++) {
    if (Number.isNaN(meanKw[stream])) continue;
    const own = new Set(rows.extras[stream]);
    const relatives = block.relatives[stream];
    const excluded = new Set([...usable.filter((peer) => relatives[peer]), ...extras.filter((row) => !own.has(row))]);
    const solution = solver.solve(stream, excluded);
    let k = stream * width;
    [...usable, ...extras].forEach((row, i) => {
      if (excluded.has(row)) return;
      regressors[k] = row;
      coefficients[k] = (solution[i] * deviations[stream]) / deviations[row];
      k += 1;
    });
  }
  return { meanKw, regressors, coefficients, width };
}

/** Rows of standardised differences, [row * length + i], and what they were divided by. */
interface StandardRows {
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
function standardise(
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

/** G = U U' / T, both triangles. */
function gramMatrix(rows: StandardRows, rowCount: number): Float64Array {
  const gram = new Float64Array(rowCount * rowCount);
  for (let i = 0; i < rowCount; i += 2) for (let j = i & ~3; j < rowCount; j += 4) gramTile(rows, gram, rowCount, i, j);
  for (let i = 0; i < rowCount; i++) for (let j = 0; j < i; j++) gram[i * rowCount + j] = gram[j * rowCount + i];
  return gram;
}

function gramTile({ values, length }: StandardRows, gram: Float64Array, rowCount: number, i: number, j: number): void {
  multiplyTile(values, i * length, values, j * length, length);
  for (let row = i; row < Math.min(i + 2, rowCount); row++) {
    for (let column = j; column < Math.min(j + 4, rowCount); column++)
      gram[row * rowCount + column] = tile[(row - i) * 4 + column - j] / length;
  }
}
