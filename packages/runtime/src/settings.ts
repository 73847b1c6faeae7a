import { z } from "zod";

/** A whole number from text such as "9092", between `min` and `max`. */
export function integerSetting(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, { error: `must be a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be a whole number from ${min} to ${max}` });
}

/** A switch from "true"/"false", "1"/"0", "yes"/"no", "on"/"off". */
export function booleanSetting() {
  return z
    .string()
    .regex(/^(true|false|1|0|yes|no|on|off)$/i, { error: "must be true or false" })
    .transform((value) => /^(true|1|yes|on)$/i.test(value));
}

/** A non-empty list from text separated by commas, spaces around the items dropped. */
export function listSetting() {
  return z
    .string()
    .transform((value) =>
      value
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .refine((items) => items.length > 0, { error: "must hold at least one item, separated by commas" });
}
