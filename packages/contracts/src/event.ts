import { z } from "zod";
import { InstantSchema } from "./time.ts";

export const gridEventKinds = ["switching", "outage", "curtailment", "internet_outage", "inspection", "holiday"] as const;

/** Something known about the grid or the calendar. One row of events.csv. The list is never complete. */
export const GridEventSchema = z.strictObject({
  eventId: z.string().min(1),
  kind: z.enum(gridEventKinds),
  /** null = everywhere (a holiday). */
  areaId: z.string().min(1).nullable().default(null),
  meterId: z.string().min(1).nullable().default(null),
  /** switching: the meter that load moved to or from. */
  counterpartMeterId: z.string().min(1).nullable().default(null),
  from: InstantSchema,
  /** null = permanent (a switching) or open. */
  to: InstantSchema.nullable().default(null),
});
export type GridEvent = z.infer<typeof GridEventSchema>;
