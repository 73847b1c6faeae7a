/** A step as its score's model saw it, and what it was. */
export interface ScoredStep {
  /** Log-odds of the model. */
  readonly logOdds: number;
  /** 1 = a mine. */
  readonly label: 0 | 1;
  readonly weight: number;
}

/** Right log-odds = intercept + slope * log-odds of the model. */
export interface Correction {
  readonly intercept: number;
  readonly slope: number;
}

/** Says that the model is right as it stands. */
export const noCorrection: Correction = { intercept: 0, slope: 1 };

/** What the prior is worth, in units of the log-loss: about ten steps whose labels are a toss-up. */
const priorWeight = 1.25;
/** A score that tells less than a fifth of what it claims still orders: the slope never falls to zero or below. */
const leastSlope = 0.2;
const maxTurns = 100;

/**
 * The correction that makes the scores of these steps right (Platt scaling), pulled to `prior` where steps are few; the prior itself where there are
 * none. Deterministic: one minimum, sums in row order.
 */
export function fitCorrection(steps: readonly ScoredStep[], prior: Correction): Correction {
  let at = prior;
  for (let turn = 0; turn < maxTurns; turn++) {
    const next = newtonStep(steps, prior, at);
    const moved = Math.max(Math.abs(next.intercept - at.intercept), Math.abs(next.slope - at.slope));
    at = next;
    if (moved < 1e-9) break;
  }
  return at;
}

/** One turn of Newton's method, shortened where the loss would grow. */
function newtonStep(steps: readonly ScoredStep[], prior: Correction, at: Correction): Correction {
  let [g0, g1] = [2 * priorWeight * (at.intercept - prior.intercept), 2 * priorWeight * (at.slope - prior.slope)];
  let [h00, h01, h11] = [2 * priorWeight, 0, 2 * priorWeight];
  for (const { logOdds, label, weight } of steps) {
    const p = corrected(at, logOdds);
    const slope = weight * (p - label);
    const curve = weight * p * (1 - p);
    g0 += slope;
    g1 += slope * logOdds;
    h00 += curve;
    h01 += curve * logOdds;
    h11 += curve * logOdds * logOdds;
  }
  const determinant = h00 * h11 - h01 * h01;
  const isAtLeast = at.slope <= leastSlope && g1 > 0;
  const by = isAtLeast
    ? { intercept: g0 / h00, slope: 0 }
    : { intercept: (h11 * g0 - h01 * g1) / determinant, slope: (h00 * g1 - h01 * g0) / determinant };
  const loss = lossOf(steps, prior, at);
  for (let share = 1; share > 1e-6; share /= 2) {
    const next = { intercept: at.intercept - share * by.intercept, slope: Math.max(leastSlope, at.slope - share * by.slope) };
    if (lossOf(steps, prior, next) < loss) return next;
  }
  return at;
}

/** Corrected probability of a step with these log-odds. */
export function corrected({ intercept, slope }: Correction, logOdds: number): number {
  return 1 / (1 + Math.exp(-(intercept + slope * logOdds)));
}

function lossOf(steps: readonly ScoredStep[], prior: Correction, at: Correction): number {
  let loss = priorWeight * ((at.intercept - prior.intercept) ** 2 + (at.slope - prior.slope) ** 2);
  for (const { logOdds, label, weight } of steps) {
    const odds = at.intercept + at.slope * logOdds;
    const wrong = label === 1 ? -odds : odds;
    loss += weight * (Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong))));
  }
  return loss;
}
