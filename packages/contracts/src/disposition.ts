import { z } from "zod";
import { InstantSchema } from "./time.ts";

/** A reviewer's verdict on a case. "unauthorised" speaks of the load, never of a person. */
export const verdicts = ["unauthorised", "authorised", "benign", "data_fault", "cannot_tell"] as const;
export const VerdictSchema = z.enum(verdicts);
export type Verdict = z.infer<typeof VerdictSchema>;

/** The verdict with its reason; append-only. */
export const DispositionSchema = z.strictObject({
  caseId: z.string(),
  verdict: VerdictSchema,
  reason: z.string().min(1),
  by: z.string().min(1),
  at: InstantSchema,
});
export type Disposition = z.infer<typeof DispositionSchema>;
