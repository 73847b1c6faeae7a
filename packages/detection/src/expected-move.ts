import type { Assessment } from "./assessment.ts";
import type { JudgedGroup } from "./group-context.ts";
import { hourKw } from "./group-view.ts";
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

/** Mean expected share of each residual day up to the judged one; a day of too few hours is as the day before. */
function expectedDays({ view, civilDay }: JudgedGroup, { judged, stream }: Assessment): Float64Array {
  const { residuals, calendar, scale } = judged.fit;
  const slot = judged.block.slots[stream];
  const table = calendar.utcHours[calendar.rowOf[stream]];
  let before = Number.NaN;
  return Float64Array.from({ length: civilDay - residuals.firstDay + 1 }, (_, day) => {
    let sum = 0;
    let hours = 0;
    for (let hour = 0; hour < 24; hour++) {
      const utcHour = table[(residuals.firstDay + day - calendar.firstDay) * 24 + hour];
      if (utcHour < 0) continue;
      const kw = hourKw(view, slot, utcHour);
      const expected = kw / scale.meanKw[stream] - residuals.values[(stream * residuals.days + day) * 24 + hour];
      if (Number.isNaN(expected)) continue;
      sum += expected;
      hours += 1;
    }
    if (hours >= 12) before = sum / hours;
    return before;
  });
}
