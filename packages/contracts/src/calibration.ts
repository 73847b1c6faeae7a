import { z } from "zod";
import { levels, PeerGroupingSchema } from "./meter.ts";
import { InstantSchema } from "./time.ts";

/** Streams that are judged alike: the meters of a level, and the balances of parents. */
export const streamKinds = [...levels, "balance"] as const;

/** Right log-odds = intercept + slope * log-odds of the score's model. */
export const ScoreCorrectionSchema = z.strictObject({
  intercept: z.number(),
  slope: z.number().positive(),
  /** Smallest corrected score that is raised. */
  minScore: z.number().min(0).max(1),
  /** What it was learnt from: simulated mines that were seen, and innocent steps. */
  mines: z.number().int().nonnegative(),
  innocent: z.number().int().nonnegative(),
});

const KindCorrectionsSchema = z.strictObject({ step: ScoreCorrectionSchema, buildup: ScoreCorrectionSchema });

/** What can be found on one meter. */
export const FindableLoadSchema = z.strictObject({
  meterId: z.string(),
  level: z.enum(levels),
  /** null = never judged: too little data. */
  meanKw: z.number().nonnegative().nullable(),
  /** Deviation of a step that nothing made, kW. */
  noiseKw: z.number().nonnegative().nullable(),
  /** Smallest load that would be found, kW; null = none that was tried. */
  smallestKw: z.number().positive().nullable(),
});
export type FindableLoad = z.infer<typeof FindableLoadSchema>;

/** Loads of just the smallest size, put in and judged: what came of the promise. */
const FindableCheckSchema = z.strictObject({ mines: z.number().int().nonnegative(), found: z.number().int().nonnegative() });

/**
 * calibration.json: what a grid's own history, with simulated mines and innocent changes put into it, says of the detector. Holds for the meters and
 * the detector it was made with.
 */
export const CalibrationSchema = z.strictObject({
  format: z.literal("hashwatt-calibration/1"),
  detectorVersion: z.string(),
  peerGrouping: PeerGroupingSchema,
  history: z.strictObject({ from: InstantSchema, to: InstantSchema, meterYears: z.number().positive(), metersDigest: z.string() }),
  settings: z.strictObject({
    /** False candidates in 100 meter-years that the operator puts up with. */
    falseBudget: z.number().positive(),
    /** Innocent changes of the simulated kinds to expect in 100 meter-years, beside those that the history holds. */
    changesPer100MeterYears: z.number().nonnegative(),
    seed: z.number().int(),
    seeds: z.number().int().positive(),
  }),
  scores: z.strictObject(
    Object.fromEntries(streamKinds.map((kind) => [kind, KindCorrectionsSchema])) as Record<
      (typeof streamKinds)[number],
      typeof KindCorrectionsSchema
    >,
  ),
  findable: z.strictObject({
    /** Share of the loads of the smallest size that are found within so many days. */
    chance: z.number().min(0).max(1),
    withinDays: z.number().int().positive(),
    check: FindableCheckSchema,
    meters: z.array(FindableLoadSchema),
  }),
});
export type Calibration = z.infer<typeof CalibrationSchema>;
