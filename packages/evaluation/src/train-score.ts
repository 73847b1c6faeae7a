import { fitLogistic, logOddsOfRows } from "./fit-logistic.ts";

/** A number of the evidence, and which way it may move the score; 0 = either way. */
export interface ScoreTerm {
  readonly name: string;
  readonly sign: 1 | -1 | 0;
}

/** The evidence of one step on one judged day. */
export interface TrainingRow {
  /** Fleet and seed, meter and balance: rows of one stream follow each other in order of judging. */
  readonly stream: string;
  readonly kind: "step" | "buildup";
  readonly onsetDay: number;
  /** 1 = a mine. */
  readonly label: 0 | 1;
  /** In the order of the terms. */
  readonly values: Float64Array;
}

/** A logistic of the standardised terms: log-odds = intercept + sum of weight * (value - mean) / deviation. Six significant digits. */
export interface TrainedModel {
  readonly intercept: number;
  readonly terms: readonly { readonly name: string; readonly mean: number; readonly deviation: number; readonly weight: number }[];
}

export interface TrainedModels {
  readonly step: TrainedModel;
  readonly buildup: TrainedModel;
  /** Rows that were learnt from, and events they belong to. */
  readonly counts: Readonly<Record<TrainingRow["kind"], { readonly rows: number; readonly events: number; readonly mines: number }>>;
}

/** In units of the log-loss: one event that is told right. Insensitive from .3 to 3 on some thousand events. */
const ridge = 1;
/** Onsets of one event as located on different days are this near. */
const sameEventDays = 4;
/** An event is judged by its best days: a mine has to be told on one of them, and an innocent change on all. */
export const bestDays = 3;

/**
 * Fits the score's two models to labelled rows. Deterministic: the same rows in the same order give the same numbers. The intercept, and
 * with it the probability, belongs to the mix of mines and innocent changes in these rows; another mix shifts it by the difference of the log-odds. Throws
 * RangeError where a kind has no mines or nothing innocent.
 */
export function trainScore(rows: readonly TrainingRow[], terms: readonly ScoreTerm[]): TrainedModels {
  const step = trainKind(rows, "step", terms);
  const buildup = trainKind(rows, "buildup", terms);
  return { step: step.model, buildup: buildup.model, counts: { step: step.counts, buildup: buildup.counts } };
}

function trainKind(all: readonly TrainingRow[], kind: TrainingRow["kind"], terms: readonly ScoreTerm[]) {
  const rows = all.filter((row) => row.kind === kind);
  const mineRows = rows.filter(({ label }) => label === 1).length;
  if (mineRows === 0 || mineRows === rows.length) {
    throw new RangeError(
      `${rows.length} rows of kind ${kind}, ${mineRows} of them of mines: both sorts are needed; give more seeds or fleets`,
    );
  }
  const eventOf = groupEvents(rows);
  const sizes: number[] = [];
  for (const event of eventOf) sizes[event] = (sizes[event] ?? 0) + 1;
  const scales = terms.map((_, t) => scaleOf(rows, t));
  const columns = scales.map(({ mean, deviation }, t) => Float64Array.from(rows, ({ values }) => (values[t] - mean) / deviation));
  const labels = Uint8Array.from(rows, ({ label }) => label);
  const fit = (weights: Float64Array) =>
    fitLogistic(
      { columns, labels, weights },
      terms.map(({ sign }) => sign),
      ridge,
    );
  const first = fit(Float64Array.from(eventOf, (event) => 1 / Math.sqrt(sizes[event])));
  const coefficients = fit(weightsOfBest(eventOf, sizes, logOddsOfRows(columns, first, rows.length)));
  const model: TrainedModel = {
    intercept: rounded(coefficients[0]),
    terms: terms.map(({ name }, t) => ({
      name,
      mean: rounded(scales[t].mean),
      deviation: rounded(scales[t].deviation),
      weight: rounded(coefficients[t + 1]),
    })),
  };
  const mines = new Set(eventOf.filter((_, row) => labels[row] === 1)).size;
  return { model, counts: { rows: rows.length, events: sizes.length, mines } };
}

/** Event of each row: days that see about the same onset on the same stream, also where they take turns with those of another one. */
export function groupEvents(rows: readonly Pick<TrainingRow, "stream" | "onsetDay">[]): number[] {
  const eventsOf = new Map<string, { onsetDay: number; readonly id: number }[]>();
  let count = 0;
  return rows.map(({ stream, onsetDay }) => {
    const known = eventsOf.get(stream) ?? [];
    eventsOf.set(stream, known);
    let event = known.findLast((other) => Math.abs(other.onsetDay - onsetDay) <= sameEventDays);
    if (event === undefined) known.push((event = { onsetDay, id: count++ }));
    event.onsetDay = onsetDay;
    return event.id;
  });
}

function scaleOf(rows: readonly TrainingRow[], term: number): { mean: number; deviation: number } {
  const mean = rows.reduce((sum, { values }) => sum + values[term], 0) / rows.length;
  const variance = rows.reduce((sum, { values }) => sum + (values[term] - mean) ** 2, 0) / rows.length;
  // a term that is the same everywhere gets the weight 0 by the ridge
  return { mean, deviation: variance > 1e-18 ? Math.sqrt(variance) : 1 };
}

/** Each event counts once, by its days of the highest scores. */
function weightsOfBest(eventOf: readonly number[], sizes: readonly number[], scores: Float64Array): Float64Array {
  const weights = new Float64Array(scores.length);
  const taken = sizes.map(() => 0);
  const order = eventOf.map((_, row) => row).toSorted((a, b) => scores[b] - scores[a] || a - b);
  for (const row of order) {
    const event = eventOf[row];
    if (taken[event]++ < bestDays) weights[row] = 1 / Math.min(bestDays, sizes[event]);
  }
  return weights;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
