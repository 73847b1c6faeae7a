/** Rows of a weighted logistic regression; columns are standardised. */
export interface LogisticRows {
  readonly columns: readonly Float64Array[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

/** By column: +1 = the coefficient may not be negative, -1 = not positive, 0 = free. */
export type Signs = readonly (1 | -1 | 0)[];

/** Newton's method takes 6 to 12 turns from zero; more mean that something is wrong. */
const maxTurns = 100;
const maxSweeps = 10_000;
const tolerance = 1e-10;

/**
 * Coefficients that minimise the weighted log-loss + `ridge` * (sum of squares without the intercept) under the signs: intercept first, then by
 * column. The problem is convex, so there is one solution; sums run in row order, so the same rows give the same bits. Throws Error where it does not
 * settle.
 */
export function fitLogistic(rows: LogisticRows, signs: Signs, ridge: number): Float64Array {
  const bounds: Signs = [0, ...signs];
  let at = new Float64Array(bounds.length);
  let loss = lossOf(rows, at, ridge);
  for (let turn = 0; turn < maxTurns; turn++) {
    const target = quadraticMinimum(expandAround(rows, at, ridge), at, bounds);
    if (Math.max(...target.map((value, i) => Math.abs(value - at[i]))) < tolerance) return target;
    const next = firstBetter(rows, at, target, { loss, ridge });
    if (next === undefined) return at;
    ({ at, loss } = next);
  }
  throw new Error(`the regression on ${rows.labels.length} rows did not settle in ${maxTurns} turns`);
}

/** Log-odds of every row. */
export function logOddsOfRows(columns: readonly Float64Array[], coefficients: Float64Array, rowCount: number): Float64Array {
  const odds = new Float64Array(rowCount).fill(coefficients[0]);
  columns.forEach((column, c) => {
    const weight = coefficients[c + 1];
    if (weight !== 0) for (let row = 0; row < rowCount; row++) odds[row] += weight * column[row];
  });
  return odds;
}

function lossOf({ columns, labels, weights }: LogisticRows, at: Float64Array, ridge: number): number {
  const odds = logOddsOfRows(columns, at, labels.length);
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const wrong = labels[row] === 1 ? -odds[row] : odds[row];
    loss += weights[row] * (Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong))));
  }
  for (let i = 1; i < at.length; i++) loss += ridge * at[i] * at[i];
  return loss;
}

/** Gradient and Hessian of the loss. */
interface Expansion {
  readonly gradient: Float64Array;
  readonly hessian: readonly Float64Array[];
}

function expandAround({ columns, labels, weights }: LogisticRows, at: Float64Array, ridge: number): Expansion {
  const rowCount = labels.length;
  const odds = logOddsOfRows(columns, at, rowCount);
  const slope = new Float64Array(rowCount);
  const curve = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const p = 1 / (1 + Math.exp(-odds[row]));
    slope[row] = weights[row] * (p - labels[row]);
    curve[row] = weights[row] * p * (1 - p);
  }
  const all = [new Float64Array(rowCount).fill(1), ...columns];
  const gradient = Float64Array.from(all, (column, i) => dot(column, slope) + (i > 0 ? 2 * ridge * at[i] : 0));
  const hessian = all.map(() => new Float64Array(all.length));
  all.forEach((column, i) => {
    const bent = column.map((value, row) => value * curve[row]);
    for (let j = 0; j <= i; j++) hessian[i][j] = hessian[j][i] = dot(bent, all[j]);
    hessian[i][i] += i > 0 ? 2 * ridge : 1e-12; // an intercept that all rows agree on has no curve left
  });
  return { gradient, hessian };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Where the expansion around `from` is least within the signs: by coordinates in turn, each to its own minimum. */
function quadraticMinimum({ gradient, hessian }: Expansion, from: Float64Array, bounds: Signs): Float64Array {
  const at = from.slice();
  const slopes = gradient.slice();
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let moved = 0;
    for (let i = 0; i < at.length; i++) {
      const free = at[i] - slopes[i] / hessian[i][i];
      const value = bounds[i] * free < 0 ? 0 : free;
      const by = value - at[i];
      if (by === 0) continue;
      at[i] = value;
      for (let j = 0; j < at.length; j++) slopes[j] += hessian[i][j] * by;
      moved = Math.max(moved, Math.abs(by));
    }
    if (moved < tolerance / 100) break;
  }
  return at;
}

/** Half-way points between `from` and `to` keep the signs; the first that lowers the loss. Undefined: the minimum is reached as nearly as numbers can. */
function firstBetter(rows: LogisticRows, from: Float64Array, to: Float64Array, { loss, ridge }: { loss: number; ridge: number }) {
  for (let share = 1; share > 1e-9; share /= 2) {
    const at = from.map((value, i) => value + share * (to[i] - value));
    const there = lossOf(rows, at, ridge);
    if (there < loss) return { at, loss: there };
  }
  return undefined;
}
