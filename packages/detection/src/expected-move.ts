import type { Assessment } from "./assessment.ts";
import type { JudgedGroup } from "./group-context.ts";
import { meterHours } from "./group-view.ts";
import { medianInPlace } from "./statistics/select.ts";

export const unknownMove: ExpectedMove = { expectedMoveSigma: Number.NaN, expectedMoveRatio: Number.NaN };

/** Fewest past steps of the expectation that tell how much it moves anyway. */
const fewSteps = 20;

/** A step of the expected load at the time of a found step, signed by that one's direction; NaN = too few days to know. */
interface ExpectedMove {
  /** Over its usual step at other times. */
  readonly expectedMoveSigma: number;
  /** Over the found step. */
  readonly expectedMoveRatio: number;
}

/**
 * Step of the *expected* load at the onset over its usual step at other times: what moves the peers moves the expectation, and a remainder of that
 * is left in each of them (weather, holidays, a common cause). What peers did on their own is no part of it (see displacements.ts).
 */
export function expectedMove(group: JudgedGroup, found: Assessment): ExpectedMove {
  const daily = expectedDays(group, found);
  const { weights } = found.weights;
  const count = daily.length - weights.length + 1;
  const steps = Float64Array.from({ length: count }, (_, start) => {
    let step = 0;
    for (let i = 0; i < weights.length; i++) step += weights[i] * daily[start + i];
    return step;
  });
  const own = steps[count - 1];
  // steps that overlap the onset with their days after it see the same move
  const past = steps.subarray(0, Math.max(0, count - found.weights.age - found.weights.gapDays)).filter((step) => !Number.isNaN(step));
  if (Number.isNaN(own) || past.length < fewSteps) return unknownMove;
  const usual = 1.4826 * medianInPlace(past.map(Math.abs), past.length);
  return {
    expectedMoveSigma: (own * found.direction) / Math.max(usual, group.parameters.minNoiseRatio),
    expectedMoveRatio: (own * found.direction * found.meanKw) / Math.abs(found.stepKw),
  };
}

/**
 * Mean expected share of each residual day up to the judged one; a day of too few hours is as the day before. Only the last days change from one judged
 * day to the next: computed anew for each step, this was a twelfth of all judging.
 */
function expectedDays({ view, civilDay }: JudgedGroup, { judged, stream }: Assessment): Float64Array {
  const { residuals, calendar, scale } = judged.fit;
  const daily = (judged.expectedDays[stream] ??= new Float64Array(residuals.days));
  const count = civilDay - residuals.firstDay + 1;
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const meanKw = scale.meanKw[stream];
  const kwAt = meterHours(view, judged.block.slots[stream]);
  const firstHour = (residuals.firstDay - calendar.firstDay) * 24;
  const firstCell = stream * residuals.days * 24;
  for (let day = judged.unknownFrom[stream]; day < count; day++) {
    let sum = 0;
    let hours = 0;
    for (let i = day * 24; i < day * 24 + 24; i++) {
      const utcHour = table[firstHour + i];
      if (utcHour < 0) continue;
      const expected = kwAt(utcHour) / meanKw - residuals.values[firstCell + i];
      if (expected !== expected) continue;
      sum += expected;
      hours += 1;
    }
    daily[day] = hours >= 12 ? sum / hours : day > 0 ? daily[day - 1] : Number.NaN;
  }
  judged.unknownFrom[stream] = Math.max(judged.unknownFrom[stream], count);
  return daily.subarray(0, count);
}
