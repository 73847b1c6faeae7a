import { type JudgedBlock, scanStep } from "./judged-block.ts";
import type { DetectionParameters } from "./parameters.ts";
import type { StepWeights } from "./step-weights.ts";

/** z of the flat shape for every stream of a group and every age asked: [groupStream * ages + ageIndex]; NaN = not judged. */
export interface ScanTable {
  readonly sigma: Float32Array;
  /** The same steps in shares of the mean. */
  readonly step: Float32Array;
  readonly ages: readonly number[];
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
  const stirs: Stir[] = [];
  const { block, noise, fit } = judged;
  const ages = parameters.agesDays;
  const firstUsableDay = fit.residuals.firstDay + parameters.beforeDays;
  for (let stream = 0; stream < block.streamCount; stream++) {
    if (Number.isNaN(fit.scale.meanKw[stream])) continue;
    for (let a = 0; a < ages.length; a++) {
      if (civilDay - ages[a] < firstUsableDay) break;
      const weights = weightsOfAge[ages[a]];
      const scale = ageInflation(weightsOfAge, ages[a]);
      const flat = scanStep(judged, 0, stream, civilDay, weights);
      const cell = block.groupStreams[stream] * ages.length + a;
      table.step[cell] = flat;
      const sigma = flat / (noise.flatSigma[stream] * scale);
      table.sigma[cell] = sigma;
      const nightZ = scanStep(judged, 1, stream, civilDay, weights) / (judged.nightSigma[stream] * scale);
      const strongest = Math.abs(nightZ) > Math.abs(sigma) ? nightZ : sigma;
      if (Math.abs(strongest) >= parameters.stirSigma) stirs.push({ judged, stream, ageIndex: a, direction: strongest > 0 ? 1 : -1 });
    }
  }
  return stirs;
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
