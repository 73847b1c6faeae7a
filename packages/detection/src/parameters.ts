import { defaultScoreModels, type ScoreCalibration, type ScoreModels } from "./score.ts";

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
  /** Days before the refit whose residuals are kept: the past onsets that noise is taken from, and the 28 days before the oldest of them. */
  readonly residualDays: number;

  /** Streams of one block are fitted on each other: bounds the cost of a refit, which grows with its square. */
  readonly maxBlockMeters: number;
  /**
   * Ridge strength relative to a regressor's variance. From .3 to .03 the noise of feeders fell by a third, from .03 to .01 (with the errors clipped) by
   * another 6 % and that of transformers by 9 %, that of substations not at all. But what a fit explains so well it learns of a step too.
   */
  readonly ridge: number;
  /**
   * Share of yesterday that is taken off before fitting: a lasting step becomes one outlier. What is left of it is fitted to the peers: with .8 they
   * took 29 % of an 8 % step of a substation once it was five weeks old, with .95 16 %, at the same noise at ten days (1.59 and 1.56 %).
   */
  readonly quasiDifference: number;
  /**
   * Clip of the standardised differences, in robust deviations: a peer's step has one day of this much say in the fits that follow it; of a stream's own
   * step `outlierSigma` takes care. What all do at once is learnt from such days: from 8 to 20 the noise of feeders fell by 8 %, of transformers by 5 %.
   */
  readonly clipSigma: number;
  /**
   * Clip of the errors of a first fit, in robust deviations: what a stream did alone is not learnt from. Of 77 mines put into feeders 37 were found
   * within 21 days at the false rate of two in a hundred meter-years, 32 without; on substations it changed nothing.
   */
  readonly outlierSigma: number;

  /**
   * z from which a peer counts as displaced, so that nothing is expected by it. Among fifty streams and six parts of the day some reach 5 by chance, and
   * each such source moves all others: with 5 instead of 9, 44 of 72 mines were found with 18 false candidates instead of 46 with 9.
   */
  readonly displacedSigma: number;

  /** Random walk of the level against its white noise (ratio of deviations per day): how fast a load may drift without a step. */
  readonly randomWalkRatio: number;
  /** Ages at which a step is asked for, full days after the onset day. 4 = the first age with days enough for the 5-day filter. */
  readonly agesDays: readonly number[];
  /**
   * Build-ups asked for: days they may take, ages since they rest, and how the drift of natural fleets over that time compares
   * with what the random walk says (robust deviation of z on the untouched development fleets: .97, .78-.98 and .63-.73).
   */
  readonly buildups: readonly { readonly days: number; readonly agesDays: readonly number[]; readonly driftRatio: number }[];
  /** Days before the onset that a step is measured against. */
  readonly beforeDays: number;

  /** Least noise of a step, share of the mean: below .4 % no expectation was better on any fleet. */
  readonly minNoiseRatio: number;
  /** Pseudo-counts by which a stream's own noise is shrunk to that of its level. */
  readonly noisePseudoCount: number;
  /**
   * The same for the covariance of its hours, of which 70 onsets in a row tell little beside what all streams of the level show. From 15 to 60 the noise of the
   * 10-day step fell by 2 % on substations and feeders and by 6 % on transformers; beside the same 47 of 72 mines 7 false candidates were left of 13.
   */
  readonly shapePseudoCount: number;

  /** What the score weighs. The thresholds below are loose gates before it: they keep out what no evidence can save. */
  readonly scoreModels: ScoreModels;
  /** Smallest score at which a step is raised, and a build-up: natural drifts outnumber slow mines. */
  readonly minScore: { readonly step: number; readonly buildup: number };
  /** What the grid's own history says of the scores, thresholds included; null = nothing: scores stand as they are, and `minScore` holds. */
  readonly calibration: ScoreCalibration | null;
  /** z from which the full tests run; below it nothing was ever raised. */
  readonly stirSigma: number;
  /** Smallest z of a step by the template that fits it best. Tails, not the deviation, set them: see noise.ts. */
  readonly minSigma: { readonly flat: number; readonly peak_pause: number; readonly night_only: number; readonly loss: number };
  /** Youngest age at which a template may be raised, days: a peak pause needs a weekend, a night load a week. */
  readonly minAgeDays: { readonly flat: number; readonly peak_pause: number; readonly night_only: number };
  /**
   * The same by level: substation, feeder, transformer, customer. A house or a shop is full for a week now and then: of the steps of transformers that were
   * raised earlier none was a mine, and those that were mines took 11 days anyway.
   */
  readonly minLevelAgeDays: readonly [number, number, number, number];
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
  /** Longest gap that may touch the onset, hours: a longer one hides what happened (an outage, an exchange of the meter). */
  readonly maxOnsetGapHours: number;
  /** Step of the last 4 days over the step: still there, and not on its way to somewhere else (a staircase is judged when it rests). */
  readonly minStillThereRatio: number;
  readonly maxStillThereRatio: number;
  /** New level above the 90 % quantile of the 60 days before the onset, in steps: not the end of a dip. */
  readonly minNewLevelRatio: number;
  /** Worst 4-hour block: deviation from the template beyond the slack, in its own noise. */
  readonly maxShapeSigma: number;
  /** Part of the step by which a block may deviate without being counted: mines sag when hot, pauses have soft edges. */
  readonly shapeSlackRatio: number;
  /** Energy of the whole increment over that of the template: a clock that runs late moves load between hours and adds none. */
  readonly minEnergyRatio: number;
  /** Log-likelihood of the template over "the same factor at every hour" (CT ratio, unit, growth). */
  readonly minAdditiveLogLikelihood: number;
  /** Of a balance, log-likelihood over "as the square of the load" (loss in lines): near 0 where the load is level, so that both fit. */
  readonly minLossLogLikelihood: number;
  /** Part of the step that the small hours show, and the weakest 4 running hours: day shifts, cooling and lack of sun leave the night as it was. */
  readonly minNightRatio: number;
  readonly minWeakestBlockRatio: number;
  /** Part of the step that stays when the days beside holidays, or those of recorded outages, are left out. */
  readonly minKeptRatio: number;
  /** Part of the step that the 5 days to either side of the onset show: growth has no edge, stairs have a third of theirs in each. */
  readonly minEdgeRatio: number;
  /** Largest step at the same time last year, in steps: a season's load comes back as large as it was. */
  readonly maxLastYearRatio: number;
  /** Part of the increment's shape that a shifted clock explains. */
  readonly maxShiftRatio: number;
  /** Part of the step that the change of temperature explains. */
  readonly maxWeatherRatio: number;
  /** Part of the step that ten degrees take away or add: a mine has -.01 to .05, since fans work harder in the heat. */
  readonly maxHeatingRatio: number;
  /** Share of the days since the onset that show half of the step, as they were read: a workshop's rests are filtered away as spikes. */
  readonly minRunningDaysRatio: number;
  /** Days since the onset of the rarer kind, working or not. */
  readonly minRarerDays: number;
  /** |step on working days - step on weekends| over the step, beyond its own noise. */
  readonly maxWeekendDifferenceRatio: number;
  /** Noise of the days after the onset over noise before it: a machine hall adds a constant, it does not add restlessness. */
  readonly maxRestlessnessRatio: number;

  /** Steps of the meter's own that came and went within `habitDays`: pumps and presses do that, mines stay. */
  readonly maxEndedSteps: number;
  readonly habitDays: number;
  /**
   * Weather hold: share of the neighbours, but for one, that step the same way within `neighbourDays`; and, until `weatherHoldDays` old, the step of
   * the expected load over its usual one, since what is common to neighbours is expected of each from the others and few still show it. A share
   * of .035 held many steps that stood alone: median delay 17 days instead of 10, for two false candidates in 432 meter-years.
   */
  readonly maxNeighbourShare: number;
  readonly neighbourDays: number;
  readonly maxExpectedMoveSigma: number;
  readonly weatherHoldDays: number;
  /** Of a build-up: fewest neighbours that it is compared with. Alone, 9 of 10 false candidates of 49 substations were winters that came. */
  readonly minBuildupNeighbours: number;
  /** Part of the step that may be the shadow of peers' plainer steps. */
  readonly maxShadowRatio: number;
  /** Fall of the parent's loss over the step: near 1 the meter itself reads wrong; and rise of the parent's own load, near 0 where it does not feed the meter. */
  readonly maxLossFallRatio: number;
  readonly minParentRiseRatio: number;
  /** Transfer: log-likelihood of load moved from a neighbour over a chance step there; further away for a step down. */
  readonly maxTransferLogLikelihood: number;
  readonly maxTransferDownLogLikelihood: number;
  /** A step down is a finding only near a campaign: days after an inspection begins. */
  readonly stepDownDays: number;
  /**
   * Days after it was raised that a step is followed: whether it ends, what it does in events, whether a record explains it. The candidate's 15 KB are held
   * so long; residuals reach 98 days back.
   */
  readonly followDays: number;
}

export const defaultParameters: DetectionParameters = {
  historyDays: 161,
  fitDays: 126,
  fitLagDays: 14,
  minFitDays: 21,
  residualDays: 130,
  maxBlockMeters: 150,
  ridge: 0.02,
  quasiDifference: 0.95,
  clipSigma: 12,
  outlierSigma: 3,
  displacedSigma: 9,
  randomWalkRatio: 0.3,
  agesDays: [4, 5, 6, 7, 8, 10, 12, 15, 19, 24, 28, 35, 45, 60],
  buildups: [
    { days: 8, agesDays: [5, 10], driftRatio: 1 },
    { days: 20, agesDays: [5, 10], driftRatio: 0.9 },
    { days: 56, agesDays: [7], driftRatio: 0.7 },
  ],
  beforeDays: 28,
  minNoiseRatio: 0.004,
  noisePseudoCount: 15,
  shapePseudoCount: 60,
  scoreModels: defaultScoreModels,
  minScore: { step: 0.65, buildup: 0.8 },
  calibration: null,
  stirSigma: 3.3,
  minSigma: { flat: 3.5, peak_pause: 4.5, night_only: 5, loss: 4.5 },
  minAgeDays: { flat: 4, peak_pause: 5, night_only: 7 },
  minLevelAgeDays: [0, 0, 9, 9],
  newGroupSigma: 1,
  newGroupDays: 120,
  minStepRatio: 0.03,
  minLossStepRatio: 0.02,
  minStepDownRatio: 0.1,
  minStepKw: [50, 3, 2, 1.5],
  minPresentRatio: 0.7,
  maxOnsetGapHours: 120,
  minStillThereRatio: 0.6,
  maxStillThereRatio: 1.5,
  minNewLevelRatio: 0.3,
  maxShapeSigma: 5,
  shapeSlackRatio: 0.3,
  minEnergyRatio: 0.4,
  minAdditiveLogLikelihood: -3,
  minLossLogLikelihood: -0.1,
  minNightRatio: 0.25,
  minWeakestBlockRatio: 0,
  minKeptRatio: 0.4,
  minEdgeRatio: 0.25,
  maxLastYearRatio: 0.7,
  maxShiftRatio: 0.5,
  maxWeatherRatio: 0.4,
  maxHeatingRatio: 0.25,
  minRunningDaysRatio: 0.7,
  minRarerDays: 1,
  maxWeekendDifferenceRatio: 0.6,
  maxRestlessnessRatio: 3,
  maxEndedSteps: 1,
  habitDays: 180,
  maxNeighbourShare: 0.25,
  neighbourDays: 2,
  maxExpectedMoveSigma: 3,
  weatherHoldDays: 21,
  minBuildupNeighbours: 5,
  maxShadowRatio: 0.6,
  maxLossFallRatio: 0.5,
  minParentRiseRatio: 0.25,
  maxTransferLogLikelihood: 2.5,
  maxTransferDownLogLikelihood: -1,
  stepDownDays: 7,
  followDays: 90,
};
