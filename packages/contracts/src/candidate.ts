import { z } from "zod";
import { InstantSchema } from "./time.ts";

/** Bumped when the same readings would give other candidates; part of every candidate id. */
export const detectorMajorVersion = 1;

/**
 * What kind of finding a candidate is, and so who looks at it first.
 *   mining           load with a mine's shape on the meter
 *   bypass           load that only the parent's balance shows
 *   permit_exceeded  a step larger than what the meter's permits leave (set at admission)
 *   returning        a site raised before that came back after a pause
 *   step_down        flat load that ceased at a campaign, curtailment or internet outage
 */
export const lanes = ["mining", "bypass", "permit_exceeded", "returning", "step_down"] as const;
export const LaneSchema = z.enum(lanes);
export type Lane = z.infer<typeof LaneSchema>;

/**
 * How the load shows itself.
 *   flat, peak_pause, night_only   the template whose shape the increment has
 *   buildup        it grew over days or weeks
 *   cluster        it is the sum of small loads on meters below, begun together
 *   loss           only the balance between the meter and those below it shows it
 *   moved_behind   the same, and a meter below fell then: a customer that went round its meter
 */
export const signatures = ["flat", "peak_pause", "night_only", "buildup", "cluster", "loss", "moved_behind"] as const;
export type Signature = (typeof signatures)[number];

export const TestVerdictSchema = z.enum(["passed", "failed", "not_tested"]);
export type TestVerdict = z.infer<typeof TestVerdictSchema>;

/** One increment test or innocent explanation, with its number. */
export const EvidenceTestSchema = z.strictObject({
  name: z.string(),
  /** What the test asks, as a plain sentence. */
  question: z.string(),
  /** null = not tested. */
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  /** The passing side of the threshold. */
  passesWhen: z.enum(["at_least", "at_most"]),
  unit: z.string(),
  verdict: TestVerdictSchema,
  /** Why it could not be tested, or what the number means here. */
  note: z.string().optional(),
  /** Of a test that asks what the load did in some kind of event: when those events began; none = nothing of the kind has happened since the onset. */
  events: z.array(InstantSchema).optional(),
});
export type EvidenceTest = z.infer<typeof EvidenceTestSchema>;

/** What one named number did to the score. */
export const ScorePartSchema = z.strictObject({
  name: z.string(),
  /** As the score's model takes it: bounded, of sizes the logarithm. */
  value: z.number(),
  /** Added to the log-odds of the score, against a step that is average in this number: > 0 speaks for the candidate. */
  logOdds: z.number(),
});
export type ScorePart = z.infer<typeof ScorePartSchema>;

/** low <= value <= high. */
export const EstimateSchema = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof EstimateSchema>;

/** What the load amounts to, for people who plan a visit or a bill. */
export const EstimatesSchema = z.strictObject({
  /** Energy from the onset until it was judged last or ended, kWh, with the step's 90 % interval; null of a step down. */
  energyKwh: EstimateSchema.nullable(),
  /** How many mining machines draw as much: of the usual kind; low and high by the largest and smallest machines and the step's interval. */
  machines: EstimateSchema,
  /** Of a bypass: rise of the balance at the onset that is loss of the lines under higher load, kW. The step is net of it. null of other steps. */
  technicalLossKw: z.number().nullable(),
  /** What the numbers rest on, as plain sentences. */
  basis: z.string(),
});
export type Estimates = z.infer<typeof EstimatesSchema>;

/** Since when a load that ceased had been there. */
export const LoadOriginSchema = z.strictObject({
  /**
   *   raised   a candidate that was raised: its onset
   *   before   no step up of its size in the days that are remembered: it is older than the first of them
   */
  basis: z.enum(["raised", "before"]),
  since: InstantSchema,
  /** The candidate that it ends. */
  candidateId: z.string().optional(),
});
export type LoadOrigin = z.infer<typeof LoadOriginSchema>;

/** What a meter right below the candidate's did around its onset. */
export const StepBelowSchema = z.strictObject({
  meterId: z.string(),
  /** Signed. */
  stepKw: z.number(),
});
export type StepBelow = z.infer<typeof StepBelowSchema>;

/** What justifies a candidate; travels with it, so that nobody needs a time-series database to look at it. */
export const EvidenceSchema = z.strictObject({
  /** Mean of the meter before the onset, kW. */
  siteMeanKw: z.number(),
  /** Full days between onset and judgement, or the end of the load. */
  ageDays: z.number(),
  /** The increment by local hour of the day (24 values), kW. */
  incrementKw: z.array(z.number()).length(24),
  tests: z.array(EvidenceTestSchema),
  /** Which number moved the score by how much; candidates raised before scores had parts lack it. */
  scoreParts: z.array(ScorePartSchema).optional(),
  /** Candidates raised before there were estimates lack them. */
  estimates: EstimatesSchema.optional(),
  /** Of a step down. */
  origin: LoadOriginSchema.optional(),
  /** Of a cluster the loads on the meters below, largest first; of moved_behind the meter below that fell. */
  below: z.array(StepBelowSchema).min(1).optional(),
  /** Daily means around the onset: local days, actual and expected without the increment; null = no usable data. */
  daily: z.strictObject({
    firstDay: z.string(),
    actualKw: z.array(z.number().nullable()),
    expectedKw: z.array(z.number().nullable()),
  }),
  /** Hourly means (UTC hours) from a few days before the onset to a few days after; null = no usable data. */
  hourly: z.strictObject({
    from: InstantSchema,
    actualKw: z.array(z.number().nullable()),
    expectedKw: z.array(z.number().nullable()),
  }),
});
export type Evidence = z.infer<typeof EvidenceSchema>;

/** A step that passed. Its id is a function of (meter, onset slot, direction, detector major version): saying it twice changes nothing. */
export const CandidateSchema = z.strictObject({
  candidateId: z.string().regex(/^[0-9a-f]{16}$/),
  meterId: z.string(),
  areaId: z.string(),
  region: z.string(),
  lane: LaneSchema,
  signature: z.enum(signatures),
  direction: z.enum(["up", "down"]),
  /** Estimated start of the load. */
  onset: InstantSchema,
  /** Event time at which it was raised, from rows that had arrived by then. */
  raisedAt: InstantSchema,
  /** From when on a load that was raised was gone; absent while it lasts, and after the days for which a candidate is followed. */
  endedAt: InstantSchema.optional(),
  /** Signed by direction: a step down has a negative size. low <= step <= high, a 90 % interval. */
  stepKw: z.number(),
  stepKwLow: z.number(),
  stepKwHigh: z.number(),
  /** Higher = more likely, 0 to 1. */
  score: z.number().min(0).max(1),
  /** One plain sentence: why it is one, and what could still be wrong. */
  summary: z.string(),
  detectorVersion: z.string(),
  evidence: EvidenceSchema,
});
export type Candidate = z.infer<typeof CandidateSchema>;

/** What the pipeline says about candidates, in order. A later or revised reading revises a candidate under its id or withdraws it. */
export type CandidateMessage =
  | { readonly type: "raise"; readonly candidate: Candidate }
  | { readonly type: "revise"; readonly candidate: Candidate }
  | { readonly type: "withdraw"; readonly candidateId: string; readonly meterId: string; readonly at: string; readonly reason: string };
