import type { Block } from "./block.ts";
import type { DetectionParameters } from "./parameters.ts";
import { choleskyInPlace, solveCholesky } from "./statistics/cholesky.ts";
import { robustDeviationInPlace } from "./statistics/select.ts";

/**
 * Expected load of a stream as a ridge regression on its peers, its area's weather and, for a loss, the square of the parent's load.
 *
 * Everything is in shares of a row's own mean and in *quasi-differences* u(t) = z(t) - .8 z(t - 1 d): a step becomes one outlying day, which
 * the clip takes away, so the fit needs no guard against the very steps it is to reveal. Rows are 3-hour means: a third of the cost of hours
 * at the same noise of the fit.
 */
export interface Expectation {
  /** Mean of each stream over the fit window, kW; NaN = too little data to judge. */
  readonly meanKw: Float64Array;
  /** Rows regressed on, `maxPeers` + weather + loss square a stream, -1 = none. */
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
  const { standard, deviations, length } = standardise(rows, window, parameters);
  const gram = gramMatrix(standard, rows.rowCount, length);
  const width = parameters.maxPeers + Math.max(0, ...rows.extras.map((extra) => extra.length));
  const regressors = new Int32Array(block.streamCount * width).fill(-1);
  const coefficients = new Float64Array(block.streamCount * width);
  for (let stream = 0; stream < block.streamCount; stream++) {
    if (Number.isNaN(meanKw[stream])) continue;
    const chosen = choosePeers(block, rows, gram, stream, parameters.maxPeers);
    const solution = solveRidge(gram, rows.rowCount, stream, chosen, parameters.ridge);
    for (let k = 0; k < chosen.length; k++) {
      regressors[stream * width + k] = chosen[k]!;
      coefficients[stream * width + k] = (solution[k] * deviations[stream]) / deviations[chosen[k]];
    }
  }
  return { meanKw, regressors, coefficients, width };
}

/** 3-hour means, quasi-differenced over a day, centred by day type and time of day, in robust deviations, clipped. */
function standardise(
  rows: RegressorRows,
  window: { from: number; to: number; dayTypeOfHour: Uint8Array },
  parameters: DetectionParameters,
) {
  const blocks = Math.floor((window.to - window.from) / blockHours);
  const length = Math.max(0, blocks - blocksPerDay);
  const standard = new Float64Array(rows.rowCount * length);
  const deviations = new Float64Array(rows.rowCount);
  const means = new Float64Array(blocks);
  const scratch = new Float64Array(length);
  const cells = Uint8Array.from({ length }, (_, i) => {
    const block = i + blocksPerDay;
    return window.dayTypeOfHour[window.from + block * blockHours] * blocksPerDay + (block % blocksPerDay);
  });
  for (let row = 0; row < rows.rowCount; row++) {
    const start = row * rows.hours + window.from;
    for (let b = 0; b < blocks; b++) {
      const at = start + b * blockHours;
      means[b] = (rows.values[at] + rows.values[at + 1] + rows.values[at + 2]) / blockHours;
    }
    const out = standard.subarray(row * length, (row + 1) * length);
    for (let i = 0; i < length; i++) out[i] = means[i + blocksPerDay] - parameters.quasiDifference * means[i];
    centre(out, cells);
    scratch.set(out);
    const deviation = robustDeviationInPlace(scratch, length, 0);
    deviations[row] = deviation > 1e-9 ? deviation : 1e-9;
    const scale = deviation > 1e-9 ? 1 / deviation : 0;
    const clip = parameters.clipSigma;
    for (let i = 0; i < length; i++) out[i] = Math.max(-clip, Math.min(clip, out[i] * scale));
  }
  return { standard, deviations, length };
}

function centre(values: Float64Array, cells: Uint8Array): void {
  const sums = new Float64Array(3 * blocksPerDay);
  const counts = new Float64Array(3 * blocksPerDay);
  for (let i = 0; i < values.length; i++) {
    sums[cells[i]] += values[i];
    counts[cells[i]] += 1;
  }
  for (let i = 0; i < values.length; i++) values[i] -= sums[cells[i]] / counts[cells[i]];
}

/** G = U U' / T, both triangles. Four products at a time: the loop is bound by loads, and each load then serves four. */
function gramMatrix(rows: Float64Array, rowCount: number, length: number): Float64Array {
  const gram = new Float64Array(rowCount * rowCount);
  for (let i = 0; i < rowCount; i++) {
    const a = rows.subarray(i * length, (i + 1) * length);
    for (let j = i; j < rowCount; j += 4) {
      const others = Math.min(4, rowCount - j);
      const b0 = j * length;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      if (others === 4) {
        const b1 = b0 + length;
        const b2 = b1 + length;
        const b3 = b2 + length;
        for (let t = 0; t < length; t++) {
          const value = a[t];
          s0 += value * rows[b0 + t];
          s1 += value * rows[b1 + t];
          s2 += value * rows[b2 + t];
          s3 += value * rows[b3 + t];
        }
      } else {
        const sums = [0, 0, 0];
        for (let k = 0; k < others; k++) for (let t = 0; t < length; t++) sums[k] += a[t] * rows[b0 + k * length + t];
        [s0, s1, s2] = sums as [number, number, number];
      }
      [s0, s1, s2, s3].slice(0, others).forEach((sum, k) => {
        gram[i * rowCount + j + k] = sum / length;
        gram[(j + k) * rowCount + i] = sum / length;
      });
    }
  }
  return gram;
}

/** The best correlated meters that are no relatives, then the extras. */
function choosePeers(block: Block, rows: RegressorRows, gram: Float64Array, stream: number, maxPeers: number): number[] {
  const relatives = block.relatives[stream];
  const peers: number[] = [];
  for (let peer = 0; peer < block.meterCount; peer++) if (!relatives[peer] && !rows.unfit[peer]) peers.push(peer);
  if (peers.length > maxPeers) {
    const strength = (peer: number) => Math.abs(gram[stream * rows.rowCount + peer]) / Math.sqrt(gram[peer * rows.rowCount + peer] + 1e-9);
    peers.sort((a, b) => strength(b) - strength(a) || a - b);
    peers.length = maxPeers;
    peers.sort((a, b) => a - b);
  }
  return [...peers, ...rows.extras[stream]];
}

/** (G_PP + ridge I)^-1 G_Pi. */
function solveRidge(gram: Float64Array, rowCount: number, stream: number, chosen: readonly number[], ridge: number): Float64Array {
  const n = chosen.length;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) matrix[i * n + j] = gram[chosen[i] * rowCount + chosen[j]]!;
    matrix[i * n + i] += ridge;
    right[i] = gram[chosen[i] * rowCount + stream]!;
  }
  choleskyInPlace(matrix, n);
  solveCholesky(matrix, n, right);
  return right;
}
