import { z } from "zod";
import { InstantSchema } from "./time.ts";

/**
 * One interval's value at one meter as a JSON message on the readings topic. Exactly one of
 *   kw           mean active power over the interval
 *   kwh          energy of the interval
 *   kwhRegister  cumulative register at the interval's *start*; differences of consecutive ones give the energy
 * Unknown fields are ignored.
 */
export const ReadingSchema = z
  .object({
    meterId: z.string().min(1),
    /** Start of the interval. */
    intervalStart: InstantSchema,
    kw: z.number().optional(),
    kwh: z.number().optional(),
    kwhRegister: z.number().optional(),
    /** Mean reactive power over the interval. */
    kvar: z.number().nullish(),
    /** measured | estimated | revised, or a Green Button / CIM code (see quality.ts). Absent = measured. */
    quality: z.union([z.string(), z.number()]).nullish(),
  })
  .refine((r) => [r.kw, r.kwh, r.kwhRegister].filter((value) => value !== undefined).length === 1, {
    error: "exactly one of kw, kwh, kwhRegister is required",
  });
export type Reading = z.infer<typeof ReadingSchema>;

/** Many readings as columns of equal length; `kw` | `kwh` | `kwhRegister` as above. */
export const ReadingColumnsSchema = z.object({
  meterIds: z.array(z.string().min(1)),
  intervalStart: z.array(z.string()),
  kw: z.array(z.number().nullable()).optional(),
  kwh: z.array(z.number().nullable()).optional(),
  kwhRegister: z.array(z.number().nullable()).optional(),
  quality: z.array(z.union([z.string(), z.number()]).nullable()).optional(),
});
export type ReadingColumns = z.infer<typeof ReadingColumnsSchema>;
