/** A linear world of n streams: what each would show if one of them alone were displaced, and how much of that is noise. */
export interface PursuitModel {
  /** What a source of size 1 shows in each stream, [source * n + stream]: 1 in its own. */
  readonly responses: Float64Array;
  /** Deviation of what each stream shows; Infinity = has no say and is no source. */
  readonly sigma: Float64Array;
  /** Deviations that a source must explain over all streams, and that it must show itself. */
  readonly minSigma: number;
  readonly minOwnSigma: number;
  readonly maxSources: number;
}

/** A model with what is worked out once, and room for one search. */
export interface Pursuit extends PursuitModel {
  readonly information: Float64Array;
  /** Information of each source's response over all streams. */
  readonly power: Float64Array;
  readonly left: Float64Array;
  readonly leaks: Float64Array;
}

export function createPursuit(model: PursuitModel): Pursuit {
  const n = model.sigma.length;
  const information = model.sigma.map((sigma) => 1 / (sigma * sigma));
  const power = Float64Array.from({ length: n }, (_, source) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += model.responses[source * n + i] ** 2 * information[i];
    return sum;
  });
  return { ...model, information, power, left: new Float64Array(n), leaks: new Float64Array(n) };
}

/**
 * What the few displaced streams that explain `shown` leak into each of the others, in the units of `shown`; undefined where there is none, or where
 * it would take more of them than allowed. Good until the next search.
 *
 * Matching pursuit (Mallat, Zhang, 1993) in streams weighted by their noise: the source that explains most comes in, all that are in are
 * sized so that each explains what it shows itself, until the best of the others explains too little. That a source must show it itself keeps
 * a small meter, whose own noise hides much, from being made the cause of what a quiet one shows: sized by least squares over all streams,
 * a third of a transformer's own step was given to others.
 */
export function leaksOf(pursuit: Pursuit, shown: Float64Array): Float64Array | undefined {
  const { responses, left, leaks } = pursuit;
  const n = shown.length;
  left.set(shown);
  let next = plainest(pursuit, nobody);
  if (next < 0) return undefined;
  const sources: number[] = [];
  let sizes: Float64Array = new Float64Array(0);
  for (; next >= 0; next = plainest(pursuit, sources)) {
    if (sources.length === pursuit.maxSources) return undefined;
    sources.push(next);
    sizes = sizesOf(pursuit, sources, shown);
    left.set(shown);
    sources.forEach((source, s) => {
      for (let i = 0; i < n; i++) left[i] -= sizes[s] * responses[source * n + i];
    });
  }
  leaks.fill(0);
  sources.forEach((source, s) => {
    for (let i = 0; i < n; i++) if (i !== source) leaks[i] += sizes[s] * responses[source * n + i];
  });
  return leaks;
}

const nobody: readonly number[] = [];

/** The source not yet in that explains most of what is left; -1 = none that is worth it. */
function plainest({ responses, information, power, left, sigma, minSigma, minOwnSigma }: Pursuit, sources: readonly number[]): number {
  const n = left.length;
  let best = -1;
  let most = minSigma ** 2;
  for (let source = 0; source < n; source++) {
    // one stream in twenty shows so much, which spares nineteen sums
    if (!(Math.abs(left[source]) > minOwnSigma * sigma[source]) || sources.includes(source)) continue;
    let product = 0;
    for (let i = 0; i < n; i++) product += responses[source * n + i] * left[i] * information[i];
    if (product * left[source] <= 0) continue;
    const explained = product ** 2 / power[source];
    if (explained <= most) continue;
    most = explained;
    best = source;
  }
  return best;
}

/** Sizes with which the sources together explain what each of them shows: Gaussian elimination with row pivots. */
function sizesOf({ responses, leaks }: Pursuit, sources: readonly number[], shown: Float64Array): Float64Array {
  const n = leaks.length;
  const k = sources.length;
  const rows = sources.map((stream) => Float64Array.from([...sources.map((source) => responses[source * n + stream]), shown[stream]]));
  for (let column = 0; column < k; column++) {
    let pivot = column;
    for (let row = column + 1; row < k; row++) if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = column + 1; row < k; row++) {
      const factor = rows[row][column] / rows[column][column];
      for (let i = column; i <= k; i++) rows[row][i] -= factor * rows[column][i];
    }
  }
  const sizes = new Float64Array(k);
  for (let row = k - 1; row >= 0; row--) {
    let sum = rows[row][k];
    for (let i = row + 1; i < k; i++) sum -= rows[row][i] * sizes[i];
    sizes[row] = sum / rows[row][row];
  }
  return sizes;
}
