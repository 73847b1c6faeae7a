import type { JudgedBlock } from "./judged-block.ts";
import type { DetectionParameters } from "./parameters.ts";
import type { StepWeights } from "./step-weights.ts";

/** z of the flat shape for every stream of a group and every age asked: [groupStream * ages + ageIndex]; NaN = not judged. */
export interface ScanTable {
  readonly sigma: Float32Array;
  /** The same steps in shares of the mean. */
  readonly step: Float32Array;
  readonly ages: readonly number[];
}

/** Forgets what was scanned: the table of a group serves all its days. */
export function clearScanTable({ sigma, step }: ScanTable): void {
  sigma.fill(Number.NaN);
  step.fill(Number.NaN);
}

/** A step worth the full tests. */
export interface Stir {
  readonly judged: JudgedBlock;
  readonly stream: number;
  readonly ageIndex: number;
  readonly direction: 1 | -1;
}

export function createScanTable(streamCount: number, ages: readonly number[]): ScanTable {
  const cells = streamCount * ages.length;
  return { sigma: new Float32Array(cells).fill(Number.NaN), step: new Float32Array(cells).fill(Number.NaN), ages };
}

/**
 * First stage, for every stream and day: the flat and the night shape at every age, as dot products of fixed weights with two scalar series.
 * Fills the table, and returns the steps that exceed `stirSigma` at their age, both ways.
 */
export function scanBlock(
  judged: JudgedBlock,
  civilDay: number,
  weightsOfAge: readonly StepWeights[],
  table: ScanTable,
  parameters: DetectionParameters,
): Stir[] {
  const { block, fit } = judged;
  const ages = parameters.agesDays;
  const firstUsableDay = fit.residuals.firstDay + parameters.beforeDays;
  const usableAges = ages.filter((age) => civilDay - age >= firstUsableDay).length;
  const cells = block.streamCount * ages.length;
  if (strongestSigma.length < cells) strongestSigma = new Float64Array(cells);
  for (let a = 0; a < usableAges; a++) scanAge(judged, civilDay, a, weightsOfAge, table);
  const stirs: Stir[] = [];
  for (let stream = 0; stream < block.streamCount; stream++) {
    if (Number.isNaN(fit.scale.meanKw[stream])) continue;
    for (let a = 0; a < usableAges; a++) {
      const sigma = strongestSigma[stream * ages.length + a];
      if (Math.abs(sigma) >= parameters.stirSigma) stirs.push({ judged, stream, ageIndex: a, direction: sigma > 0 ? 1 : -1 });
    }
  }
  return stirs;
}

/** z of the stronger of the two shapes, [stream * ages + ageIndex]. One buffer for all: nothing in it outlives a call. */
let strongestSigma = new Float64Array(0);
/** Steps of the two shapes of two streams. */
const steps = new Float64Array(4);

/** Two streams and two shapes at a time: each weight that is read serves four sums. */
function scanAge(judged: JudgedBlock, civilDay: number, ageIndex: number, weightsOfAge: readonly StepWeights[], table: ScanTable): void {
  const { block, noise, fit, nightSigma } = judged;
  const { meanKw } = fit.scale;
  const ageCount = table.ages.length;
  const age = table.ages[ageIndex];
  const scale = ageInflation(weightsOfAge, age);
  for (let first = 0; first < block.streamCount; first += 2) {
    const second = Math.min(first + 1, block.streamCount - 1);
    scanPair(judged, first, second, civilDay, weightsOfAge[age].weights);
    for (let stream = first; stream <= second; stream++) {
      if (Number.isNaN(meanKw[stream])) continue;
      const flat = steps[(stream - first) * 2];
      const cell = block.groupStreams[stream] * ageCount + ageIndex;
      table.step[cell] = flat;
      const sigma = flat / (noise.flatSigma[stream] * scale);
      table.sigma[cell] = sigma;
      const nightZ = steps[(stream - first) * 2 + 1] / (nightSigma[stream] * scale);
      strongestSigma[stream * ageCount + ageIndex] = Math.abs(nightZ) > Math.abs(sigma) ? nightZ : sigma;
    }
  }
}

function scanPair(judged: JudgedBlock, first: number, second: number, civilDay: number, weights: Float64Array): void {
  const { series, block, fit } = judged;
  const { days, firstDay } = fit.residuals;
  const start = civilDay + 1 - weights.length - firstDay;
  const night = block.streamCount * days;
  const one = first * days + start;
  const other = second * days + start;
  let flat1 = 0;
  let night1 = 0;
  let flat2 = 0;
  let night2 = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    flat1 += weight * series[one + i];
    night1 += weight * series[one + night + i];
    flat2 += weight * series[other + i];
    night2 += weight * series[other + night + i];
  }
  steps[0] = flat1;
  steps[1] = night1;
  steps[2] = flat2;
  steps[3] = night2;
}

/** Noise of a step at an age over that at 10 days: the part that its fewer days after the onset add. */
export function ageInflation(weightsOfAge: readonly StepWeights[], age: number): number {
  return Math.sqrt(weightsOfAge[age].variance / weightsOfAge[10].variance);
}

/** Flat step at age 10 of every stream, for the history that noise is taken from. */
export function historyPage(table: ScanTable, streamCount: number): Float32Array {
  const ten = table.ages.indexOf(10);
  return Float32Array.from({ length: streamCount }, (_, stream) => table.step[stream * table.ages.length + ten]);
}

/** Largest flat z (in the direction) of a stream over the ages whose onset is within `days` of the given day; NaN = none. */
export function strongestNear(
  table: ScanTable,
  groupStream: number,
  civilDay: number,
  onset: { day: number; within: number; direction: 1 | -1 },
): number {
  let strongest = Number.NaN;
  table.ages.forEach((age, a) => {
    if (Math.abs(civilDay - age - onset.day) > onset.within) return;
    const sigma = table.sigma[groupStream * table.ages.length + a] * onset.direction;
    if (!Number.isNaN(sigma) && !(sigma <= strongest)) strongest = sigma;
  });
  return strongest;
}
