import type { Block } from "./block.ts";
import type { BlockFit } from "./block-fit.ts";
import { dayTypeCount } from "./day-types.ts";
import type { DetectionParameters } from "./parameters.ts";
import { createPursuit, leaksOf, type Pursuit } from "./statistics/pursuit.ts";
import { medianInPlace, medianOf5 } from "./statistics/select.ts";

/**
 * What peers did on their own is no reason to expect it here. A peer whose load was displaced by x (a mine, a transfer, a new customer) shows
 * in every stream it is a regressor of, as -b x: in a fleet with such events that was half the noise of its feeders and a fifth of that of
 * substations. So the few displacements that explain the residuals of all streams together are looked for, for every day and part of the day, and
 * taken out of the expectations of the *others*; the displaced stream keeps its own.
 */
export interface Displacements {
  /** Of the parts of the day less their day-type offset, [(stream * days + day) * parts + part]; NaN = too few hours. */
  readonly means: Float32Array;
  /** [(stream * dayTypeCount + dayType) * parts + part]. */
  readonly offsets: Float32Array;
  /** For each part of the day the search for the displaced streams; none for a stream alone. */
  readonly pursuits: readonly Pursuit[];
}

/** Parts of the day: a displacement may have hours of its own (a depot, a shift). One value a day took half as much off the noise of feeders. */
const partsPerDay = 6;
const partHours = 24 / partsPerDay;
/** Days of the running median that a displacement must last half of: shorter ones are spikes, and the day filter's business. */
const slowDays = 5;
/** Fewest days from which a stream's usual moves are known. */
const fewDays = 14;
/** Of its own usual moves that a displaced stream must show. */
const minOwnSigma = 2;
/** In a small group too: a load and the parent that feeds it. */
const fewSources = 2;
/** Displaced streams at most, and as a part of all: what moves more of them is weather, a holiday, a common cause. */
const maxSources = 20;
const maxSourceShare = 0.25;

/** Measures usual moves on the residual days [week - 70, week - lag) and corrects all days before the week. */
export function createDisplacements(block: Block, fit: BlockFit, parameters: DetectionParameters): Displacements {
  const { streamCount } = block;
  const { residuals, week } = fit;
  const displacements = {
    means: new Float32Array(streamCount * residuals.days * partsPerDay).fill(Number.NaN),
    offsets: new Float32Array(streamCount * dayTypeCount * partsPerDay),
    pursuits: [] as Pursuit[],
  };
  const settled = { from: Math.max(0, week - 70 - residuals.firstDay), to: week - parameters.fitLagDays - residuals.firstDay };
  for (let stream = 0; stream < streamCount; stream++) {
    for (let day = 0; day < week - residuals.firstDay; day++) meanParts(displacements, fit, stream, day);
    measureOffsets(displacements, fit, stream, settled);
  }
  const few = Math.min(fewSources, streamCount - 1);
  const limit = Math.max(few, Math.min(maxSources, Math.floor(streamCount * maxSourceShare)));
  if (limit > 0) {
    const responses = responsesOf(block, fit);
    for (let part = 0; part < partsPerDay; part++) {
      const sigma = Float64Array.from({ length: streamCount }, (_, stream) =>
        usualMove(displacements, fit, stream * residuals.days * partsPerDay + part, settled, parameters.minNoiseRatio),
      );
      displacements.pursuits.push(createPursuit({ responses, sigma, minSigma: parameters.displacedSigma, minOwnSigma, maxSources: limit }));
    }
  }
  correctDays(displacements, fit, residuals.firstDay, week - 1);
  return displacements;
}

/** Takes up the residuals of a civil day that were written anew. */
export function noteDay(displacements: Displacements, block: Block, fit: BlockFit, civilDay: number): void {
  const day = civilDay - fit.residuals.firstDay;
  for (let stream = 0; stream < block.streamCount; stream++) {
    meanParts(displacements, fit, stream, day);
    takeOffsets(displacements, fit, stream, day);
  }
}

/** Days before a changed one whose running median sees it. */
export const medianReachDays = (slowDays - 1) / 2;

/** Writes the corrected residuals of the civil days [fromDay, lastDay] as if nothing after lastDay were known. */
export function correctDays({ means, pursuits }: Displacements, fit: BlockFit, fromDay: number, lastDay: number): void {
  const { raw, values, firstDay, days } = fit.residuals;
  const streamCount = raw.length / (days * 24);
  const last = lastDay - firstDay;
  const moves = new Float64Array(streamCount);
  for (let day = Math.max(0, fromDay - firstDay); day <= last; day++) {
    for (let stream = 0; stream < streamCount; stream++) {
      const at = (stream * days + day) * 24;
      for (let hour = 0; hour < 24; hour++) values[at + hour] = raw[at + hour];
    }
    const from = Math.max(0, Math.min(day - medianReachDays, last - slowDays + 1));
    for (let part = 0; part < pursuits.length; part++) {
      for (let stream = 0; stream < streamCount; stream++)
        moves[stream] = slowMove(means, (stream * days + from) * partsPerDay + part, Math.min(slowDays, last - from + 1));
      const leaks = leaksOf(pursuits[part], moves);
      if (leaks === undefined) continue;
      for (let stream = 0; stream < streamCount; stream++) {
        const at = (stream * days + day) * 24 + part * partHours;
        for (let hour = 0; hour < partHours; hour++) values[at + hour] -= leaks[stream];
      }
    }
  }
}

const window = new Float64Array(slowDays);

/** Median of a part of the day over `count` days from cell `at` on; 0 where no day has it. */
function slowMove(means: Float32Array, at: number, count: number): number {
  if (count === slowDays) {
    const step = partsPerDay;
    const median = medianOf5(means[at], means[at + step], means[at + 2 * step], means[at + 3 * step], means[at + 4 * step]);
    if (median === median) return median;
  }
  let present = 0;
  for (let day = 0; day < count; day++) {
    const value = means[at + day * partsPerDay];
    if (value === value) window[present++] = value;
  }
  return present === 0 ? 0 : medianInPlace(window, present);
}

function meanParts({ means }: Displacements, { residuals }: BlockFit, stream: number, day: number): void {
  const row = stream * residuals.days + day;
  for (let part = 0; part < partsPerDay; part++) {
    let sum = 0;
    let count = 0;
    for (let hour = part * partHours; hour < (part + 1) * partHours; hour++) {
      const value = residuals.raw[row * 24 + hour];
      if (value !== value) continue;
      sum += value;
      count += 1;
    }
    means[row * partsPerDay + part] = count * 2 >= partHours ? sum / count : Number.NaN;
  }
}

let samples = new Float64Array(0);

/** Median of each part of the day by day type over the settled days, taken off all days. */
function measureOffsets(displacements: Displacements, fit: BlockFit, stream: number, settled: { from: number; to: number }): void {
  const { means, offsets } = displacements;
  const { residuals, week } = fit;
  if (samples.length < residuals.days) samples = new Float64Array(residuals.days);
  for (let type = 0; type < dayTypeCount; type++) {
    for (let part = 0; part < partsPerDay; part++) {
      let count = 0;
      for (let day = settled.from; day < settled.to; day++) {
        const value = means[(stream * residuals.days + day) * partsPerDay + part];
        if (value === value && dayTypeAt(fit, stream, day) === type) samples[count++] = value;
      }
      const working = offsets[stream * dayTypeCount * partsPerDay + part];
      offsets[(stream * dayTypeCount + type) * partsPerDay + part] = count >= 3 ? medianInPlace(samples, count) : type === 0 ? 0 : working;
    }
  }
  for (let day = 0; day < week - residuals.firstDay; day++) takeOffsets(displacements, fit, stream, day);
}

function takeOffsets({ means, offsets }: Displacements, fit: BlockFit, stream: number, day: number): void {
  const type = dayTypeAt(fit, stream, day);
  for (let part = 0; part < partsPerDay; part++)
    means[(stream * fit.residuals.days + day) * partsPerDay + part] -= offsets[(stream * dayTypeCount + type) * partsPerDay + part];
}

function dayTypeAt({ calendar, residuals }: BlockFit, stream: number, day: number): number {
  return calendar.dayTypes[calendar.areaRowOf[stream]][residuals.firstDay + day - calendar.firstDay];
}

/** Robust deviation of a stream's running median over the settled days; Infinity = too few of them: it says nothing about its peers. */
function usualMove(
  { means }: Displacements,
  { residuals }: BlockFit,
  at: number,
  settled: { from: number; to: number },
  floor: number,
): number {
  if (samples.length < residuals.days) samples = new Float64Array(residuals.days);
  let count = 0;
  for (let day = settled.from; day < settled.to; day++) {
    const value = means[at + day * partsPerDay];
    if (value !== value) continue;
    const from = Math.max(0, Math.min(day - medianReachDays, settled.to - slowDays));
    samples[count++] = Math.abs(slowMove(means, at + from * partsPerDay, slowDays));
  }
  return count < fewDays ? Infinity : Math.max(floor, 1.4826 * medianInPlace(samples, count));
}

/** How a displacement of 1 of each stream shows in the residuals of all: 1 in its own, -b in those that expect by it. [source * streams + stream]. */
function responsesOf(block: Block, { expectation, scale }: BlockFit): Float64Array {
  const { streamCount } = block;
  const { regressors, coefficients, width } = expectation;
  const responses = new Float64Array(streamCount * streamCount);
  for (let stream = 0; stream < streamCount; stream++) {
    if (Number.isNaN(scale.meanKw[stream])) continue;
    responses[stream * streamCount + stream] = 1;
    for (let k = stream * width; k < (stream + 1) * width; k++) {
      const peer = regressors[k];
      if (peer >= 0 && peer < block.meterCount) responses[peer * streamCount + stream] = -coefficients[k];
    }
  }
  return responses;
}
