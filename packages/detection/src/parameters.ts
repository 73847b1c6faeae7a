/**
 * Every tunable of detection: unit, default, reason. Thresholds were chosen on seeds 1-3 of the development fleets (real load with
 * simulated mines) and on the built-in scenario, the same for all; results there are optimistic. Days are civil days, sizes are shares of
 * the stream's own mean unless a unit says otherwise, z is in units of the stream's own past steps (see noise.ts).
 */
export interface DetectionParameters {
  /** UTC days of hourly means that must be held: fitDays + lateDays (twice, see fitLagDays) + a week of refit. */
  readonly historyDays: number;
  /** Days over which the expectation is fitted. Longer judges better: 150 days beat 60 by 5-30 % of noise; bounded by the size of the state. */
  readonly fitDays: number;
  /** The fit ends this many days before the refit, no less than the days a late reading may reach back: so fits never change afterwards. */
  readonly fitLagDays: number;
  /** Fewest days in the fit window; before that a meter is not judged. */
  readonly minFitDays: number;
  /** Days before the refit whose residuals are kept: 35 days of age, 28 before the onset, 35 more to know a return from a new high. */
  readonly residualDays: number;

  /** Streams of one block are fitted on each other: bounds the cost of a refit, which grows with its square. */
  readonly maxBlockMeters: number;
  /** Peers of one meter, the best correlated; noise of the expectation falls with their number and is flat by 60. */
  readonly maxPeers: number;
  /** Ridge strength relative to a regressor's variance; insensitive from .03 to .3. */
  readonly ridge: number;
  /** Share of yesterday that is taken off before fitting: a lasting step becomes one outlier. */
  readonly quasiDifference: number;
  /** Clip of the standardised differences, in robust deviations. */
  readonly clipSigma: number;

  /** Random walk of the level against its white noise (ratio of deviations per day): how fast a load may drift without a step. */
  readonly randomWalkRatio: number;
  /** Ages at which a step is asked for, full days after the onset day. 4 = the first age a 7-day Hampel filter lets through. */
  readonly agesDays: readonly number[];
  /** Days before the onset that a step is measured against. */
  readonly beforeDays: number;

  /** Least noise of a step, share of the mean: below .4 % no expectation was better on any fleet. */
  readonly minNoiseRatio: number;
  /** Pseudo-counts by which a stream's own noise is shrunk to that of its level. */
  readonly noisePseudoCount: number;

  /** z from which the full tests run; below it nothing was ever raised. */
  readonly stirSigma: number;
  /** Smallest z of a step by the template that fits it best. Tails, not the deviation, set them: see noise.ts. */
  readonly minSigma: { readonly flat: number; readonly peak_pause: number; readonly night_only: number; readonly loss: number };
  /** Added for each day the age is short of `matureDays`: natural events end, and young steps are often events. */
  readonly youngSigmaPerDay: number;
  readonly matureDays: number;
  /** Youngest age at which a template may be raised, days: a night load is told from irrigation, depots and lamps only by lasting. */
  readonly minAgeDays: { readonly flat: number; readonly peak_pause: number; readonly night_only: number };
  /** Added to a group without history, less by the day until it has `newGroupDays`: own noise and season are not known yet. */
  readonly newGroupSigma: number;
  readonly newGroupDays: number;

  /** Smallest step, share of the mean, of a meter and of a parent's loss. */
  readonly minStepRatio: number;
  readonly minLossStepRatio: number;
  /** Of a step down: that a campaign is near is weak evidence, so the step itself must be plain. */
  readonly minStepDownRatio: number;
  /** Smallest step by level, kW: substation, feeder, transformer, customer. What a visit would be worth. */
  readonly minStepKw: readonly [number, number, number, number];

  /** Share of the days after the onset that have data. */
  readonly minPresentRatio: number;
  /** Step of the last 4 days over the step: still there, and not on its way to somewhere else (a staircase is judged when it rests). */
  readonly minStillThereRatio: number;
  readonly maxStillThereRatio: number;
  /** New level above the highest 7-day level of the weeks before the onset, in steps: a new high, not the end of a dip. */
  readonly minNewHighRatio: number;
  /** Worst 4-hour block: deviation from the template beyond the slack, in its own noise. */
  readonly maxShapeSigma: number;
  /** Part of the step by which a block may deviate without being counted: mines sag when hot, pauses have soft edges. */
  readonly shapeSlackRatio: number;
  /** Energy of the whole increment over that of the template: a clock that runs late moves load between hours and adds none. */
  readonly minEnergyRatio: number;
  /** Log-likelihood of the template over "the same factor at every hour" (CT ratio, unit, growth). */
  readonly minAdditiveLogLikelihood: number;
  /** |step on working days - step on weekends| over the step, beyond its own noise. */
  readonly maxWeekendDifferenceRatio: number;
  /** Noise of the days after the onset over noise before it: a machine hall adds a constant, it does not add restlessness. */
  readonly maxRestlessnessRatio: number;

  /** Steps of the meter's own that came and went within `habitDays`: pumps and presses do that, mines stay. */
  readonly maxEndedSteps: number;
  readonly habitDays: number;
  /** Weather hold: share of the neighbours that step the same way within `neighbourDays`; held until `weatherHoldDays` old. */
  readonly maxNeighbourShare: number;
  readonly neighbourDays: number;
  readonly weatherHoldDays: number;
  /** Transfer: an opposite step within a day whose size is this close, share of the step. Wider pairs true mines by chance in large areas. */
  readonly transferSumRatio: number;
  /** The same where a switching record names the meter, and for steps down. */
  readonly recordedTransferSumRatio: number;
  /** A step down is a finding only near a campaign: days after an inspection begins. */
  readonly stepDownDays: number;
}

export const defaultParameters: DetectionParameters = {
  historyDays: 161,
  fitDays: 126,
  fitLagDays: 14,
  minFitDays: 21,
  residualDays: 98,
  maxBlockMeters: 150,
  maxPeers: 64,
  ridge: 0.1,
  quasiDifference: 0.8,
  clipSigma: 4,
  randomWalkRatio: 0.3,
  agesDays: [4, 5, 6, 7, 8, 10, 12, 15, 19, 24, 28, 35],
  beforeDays: 28,
  minNoiseRatio: 0.004,
  noisePseudoCount: 15,
  stirSigma: 3.5,
  minSigma: { flat: 5.5, peak_pause: 6.5, night_only: 8, loss: 6 },
  youngSigmaPerDay: 0.7,
  matureDays: 10,
  minAgeDays: { flat: 7, peak_pause: 8, night_only: 21 },
  newGroupSigma: 6,
  newGroupDays: 120,
  minStepRatio: 0.03,
  minLossStepRatio: 0.02,
  minStepDownRatio: 0.1,
  minStepKw: [50, 10, 3, 2],
  minPresentRatio: 0.85,
  minStillThereRatio: 0.6,
  maxStillThereRatio: 1.6,
  minNewHighRatio: 0.8,
  maxShapeSigma: 2.5,
  shapeSlackRatio: 0.2,
  minEnergyRatio: 0.6,
  minAdditiveLogLikelihood: 1,
  maxWeekendDifferenceRatio: 0.35,
  maxRestlessnessRatio: 1.8,
  maxEndedSteps: 1,
  habitDays: 180,
  maxNeighbourShare: 0.035,
  neighbourDays: 2,
  weatherHoldDays: 21,
  transferSumRatio: 0.15,
  recordedTransferSumRatio: 0.35,
  stepDownDays: 7,
};
