import { z } from "zod";
import { InstantSchema } from "./time.ts";

/** Mean air temperature of an area over one hour. One row of weather.csv. */
export const WeatherSchema = z.strictObject({
  areaId: z.string().min(1),
  intervalStart: InstantSchema,
  tempC: z.number().min(-90).max(65),
});
export type Weather = z.infer<typeof WeatherSchema>;
