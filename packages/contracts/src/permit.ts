import { z } from "zod";
import { InstantSchema } from "./time.ts";

/** Authorised extra load at a meter (licensed mine, data centre). One row of permits.csv. */
export const PermitSchema = z.strictObject({
  permitId: z.string().min(1),
  meterId: z.string().min(1),
  maxKw: z.number().nonnegative(),
  validFrom: InstantSchema,
  /** null = open end. */
  validTo: InstantSchema.nullable().default(null),
  holder: z.string().default(""),
});
export type Permit = z.infer<typeof PermitSchema>;
