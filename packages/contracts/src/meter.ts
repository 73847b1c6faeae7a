import { z } from "zod";

export const levels = ["substation", "feeder", "transformer", "customer"] as const;

/** Names looked up so far: a lookup takes 30 us, and a fleet has few zones. At most the tz database's 600 and what people mistype. */
const knownZones = new Map<string, boolean>();

/** A zone name this runtime's tz database knows. */
function isTimeZone(name: string): boolean {
  const known = knownZones.get(name) ?? lookUpTimeZone(name);
  knownZones.set(name, known);
  return known;
}

function lookUpTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A measuring point of the registry (CIM: UsagePoint). One row of meters.csv. */
export const MeterSchema = z.strictObject({
  meterId: z.string().min(1).max(200),
  name: z.string().default(""),
  level: z.enum(levels),
  /** The meter one level up; it reads the sum of its children plus technical losses where all children are metered. */
  parentId: z.string().min(1).nullable().default(null),
  /** Neighbours that share weather and can exchange load. */
  areaId: z.string().min(1),
  region: z.string().default(""),
  /** IANA name; gives the local day and hour by the dated rules. */
  timeZone: z.string().refine(isTimeZone, { error: (issue) => `"${String(issue.input)}" is not a known IANA time zone` }),
  /** Length of a reading's interval; must divide the hour. */
  intervalMinutes: z
    .number()
    .int()
    .min(1)
    .max(60)
    .refine((minutes) => 60 % minutes === 0, { error: "must divide 60" }),
  /** Rating of the point, kW. */
  ratedKw: z.number().positive().nullable().default(null),
  latitude: z.number().min(-90).max(90).nullable().default(null),
  longitude: z.number().min(-180).max(180).nullable().default(null),
});
export type Meter = z.infer<typeof MeterSchema>;

/** Which meters are judged together: the Kafka key of their readings. */
export const PeerGroupingSchema = z.enum(["area", "region", "fleet"]);
export type PeerGrouping = z.infer<typeof PeerGroupingSchema>;

/** Key of a meter's peer group. An empty region falls back to the area, so that unknown regions are not lumped together. */
export function peerGroupOf(meter: Meter, grouping: PeerGrouping): string {
  if (grouping === "fleet") return "fleet";
  return grouping === "region" && meter.region !== "" ? meter.region : meter.areaId;
}
