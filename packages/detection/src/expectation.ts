import type { Block } from "./block.ts";
import { clipErrors } from "./clipped-errors.ts";
import type { DetectionParameters } from "./parameters.ts";
import { multiplyTile, tile } from "./statistics/product-tile.ts";
import { createRidgeSolver } from "./statistics/ridge.ts";
import { type StandardRows, standardise } from "./standard-rows.ts";

/**
 * Expected load of a stream as a ridge regression on its peers, its area's weather and, for a loss, the square of the parent's load.
 *
 * Everything is in shares of a row's own mean and in *quasi-differences* u(t) = z(t) - .95 z(t - 1 d): a step becomes one outlying day. Clips take
 * that away, of the rows and of the errors of a first fit, so the fit needs no guard against the very steps it is to reveal. Rows are 3-hour
 * means: a third of the cost of hours at the same noise of the fit.
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
  const candidates = [...usable, ...extras];
  const solver = createRidgeSolver(gram, rows.rowCount, candidates, parameters.ridge);
  const targets = [...meanKw.keys()]
    .filter((stream) => !Number.isNaN(meanKw[stream]))
    .map((stream) => targetOf(block, rows, stream, { gram, candidates }));
  const first = targets.map(({ right, excluded }) => solver.solve(right, excluded));
  clipErrors(standardRows, candidates, targets, first, parameters.outlierSigma);
  const width = usable.length + Math.max(0, ...rows.extras.map((extra) => extra.length));
  const regressors = new Int32Array(block.streamCount * width).fill(-1);
  const coefficients = new Float64Array(block.streamCount * width);
  for (const { stream, right, excluded } of targets) {
    const solution = solver.solve(right, excluded);
    let k = stream * width;
    candidates.forEach((row, i) => {
      if (excluded.has(row)) return;
      regressors[k] = row;
      coefficients[k] = (solution[i] * deviations[stream]) / deviations[row];
      k += 1;
    });
  }
  return { meanKw, regressors, coefficients, width };
}

/** A stream that is fitted, its products with the candidates among the regressors, and those that are none for it: relatives, and others' extras. */
function targetOf(
  block: Block,
  rows: RegressorRows,
  stream: number,
  { gram, candidates }: { gram: Float64Array; candidates: readonly number[] },
) {
  const own = new Set(rows.extras[stream]);
  const relatives = block.relatives[stream];
  return {
    stream,
    right: Float64Array.from(candidates, (row) => gram[row * rows.rowCount + stream]),
    excluded: new Set(candidates.filter((row) => (row < block.meterCount ? relatives[row] : !own.has(row)))),
  };
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
