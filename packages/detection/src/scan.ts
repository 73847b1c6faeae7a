import { freshAge } from "./fresh-steps.ts";
import { type JudgedBlock, scanKinds, scanSigma } from "./judged-block.ts";
import type { StepWeights } from "./step-weights.ts";

/** z of the flat shape for every stream of a group and every step asked for: [groupStream * asked + index]; NaN = not judged. */
export interface ScanTable {
  readonly sigma: Float32Array;
  /** The same steps in shares of the mean. */
  readonly step: Float32Array;
  /** Steps of every age, then build-ups. */
  readonly asked: readonly StepWeights[];
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
  readonly weights: StepWeights;
  readonly direction: 1 | -1;
}

export function createScanTable(streamCount: number, asked: readonly StepWeights[]): ScanTable {
  const cells = streamCount * asked.length;
  return { sigma: new Float32Array(cells).fill(Number.NaN), step: new Float32Array(cells).fill(Number.NaN), asked };
}

/**
 * First stage, for every stream and day: the scan shapes of every step and build-up asked for, as dot products of fixed weights with
 * scalar series. Fills the table, and returns what exceeds `stirSigma`, both ways.
 */
export function scanBlock(judged: JudgedBlock, civilDay: number, table: ScanTable, stirSigma: number): Stir[] {
  const { block, fit } = judged;
  const { asked } = table;
  const heldDays = civilDay + 1 - fit.residuals.firstDay;
  const usable = asked.map(({ weights }) => weights.length <= heldDays);
  const cells = block.streamCount * asked.length;
  if (strongestSigma.length < cells) strongestSigma = new Float64Array(cells);
  for (let i = 0; i < asked.length; i++) if (usable[i]) scanAsked(judged, civilDay, i, table);
  const stirs: Stir[] = [];
  for (let stream = 0; stream < block.streamCount; stream++) {
    if (Number.isNaN(fit.scale.meanKw[stream])) continue;
    for (let i = 0; i < asked.length; i++) {
      const sigma = strongestSigma[stream * asked.length + i];
      if (usable[i] && Math.abs(sigma) >= stirSigma) stirs.push({ judged, stream, weights: asked[i], direction: sigma > 0 ? 1 : -1 });
    }
  }
  return stirs;
}

/** z of the strongest of the shapes, [stream * asked + index]. One buffer for all: nothing in it outlives a call. */
let strongestSigma = new Float64Array(0);
/** Steps of the shapes of two streams. */
const steps = new Float64Array(2 * scanKinds);

/** Two streams and all shapes at a time: each weight that is read serves six sums. */
function scanAsked(judged: JudgedBlock, civilDay: number, index: number, table: ScanTable): void {
  const { block, fit } = judged;
  const { meanKw } = fit.scale;
  const count = table.asked.length;
  const { weights, inflation } = table.asked[index];
  for (let first = 0; first < block.streamCount; first += 2) {
    const second = Math.min(first + 1, block.streamCount - 1);
    scanPair(judged, first, second, civilDay, weights);
    for (let stream = first; stream <= second; stream++) {
      if (Number.isNaN(meanKw[stream])) continue;
      let strongest = 0;
      for (let kind = scanKinds - 1; kind >= 0; kind--) {
        const sigma = steps[(stream - first) * scanKinds + kind] / (scanSigma(judged, kind, stream) * inflation);
        if (Math.abs(sigma) >= Math.abs(strongest)) strongest = sigma;
        if (kind > 0) continue;
        const cell = block.groupStreams[stream] * count + index;
        table.step[cell] = steps[(stream - first) * scanKinds];
        table.sigma[cell] = sigma;
      }
      strongestSigma[stream * count + index] = strongest;
    }
  }
}

function scanPair(judged: JudgedBlock, first: number, second: number, civilDay: number, weights: Float64Array): void {
  const { series, block, fit } = judged;
  const { days, firstDay } = fit.residuals;
  const start = civilDay + 1 - weights.length - firstDay;
  const night = block.streamCount * days;
  const pause = 2 * night;
  const one = first * days + start;
  const other = second * days + start;
  let flat1 = 0;
  let night1 = 0;
  let pause1 = 0;
  let flat2 = 0;
  let night2 = 0;
  let pause2 = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    flat1 += weight * series[one + i];
    night1 += weight * series[one + night + i];
    pause1 += weight * series[one + pause + i];
    flat2 += weight * series[other + i];
    night2 += weight * series[other + night + i];
    pause2 += weight * series[other + pause + i];
  }
  steps[0] = flat1;
  steps[1] = night1;
  steps[2] = pause1;
  steps[3] = flat2;
  steps[4] = night2;
  steps[5] = pause2;
}

/** Flat step at age 10 of every stream of the group, for the history that noise is taken from. */
export function historyPage({ step, asked }: ScanTable): Float32Array {
  const ten = asked.findIndex(({ age, gapDays }) => age === freshAge && gapDays === 1);
  return Float32Array.from({ length: step.length / asked.length }, (_, stream) => step[stream * asked.length + ten]);
}

/** Largest flat z (in the direction) of a stream over the ages whose onset is within `days` of the given day; NaN = none. */
export function strongestNear(
  table: ScanTable,
  groupStream: number,
  civilDay: number,
  onset: { day: number; within: number; direction: 1 | -1 },
): number {
  let strongest = Number.NaN;
  table.asked.forEach(({ age, gapDays }, i) => {
    if (gapDays > 1 || Math.abs(civilDay - age - onset.day) > onset.within) return;
    const sigma = table.sigma[groupStream * table.asked.length + i] * onset.direction;
    if (!Number.isNaN(sigma) && !(sigma <= strongest)) strongest = sigma;
  });
  return strongest;
}
