import { createFleet, type FleetOptions } from "./create-fleet.ts";
import { drawConfounderCounts, drawMineCounts } from "./draw-counts.ts";
import type { Fleet } from "./fleet.ts";
import { createRandom } from "./random.ts";

/** Grids that take turns: what a utility may have, from substations alone down to customers, hourly to quarter-hourly. */
const grids = [
  { name: "substations", areas: 5, substationsPerArea: 9, days: 420 },
  { name: "feeders", areas: 2, substationsPerArea: 2, feedersPerSubstation: 3, transformersPerFeeder: 5, days: 365 },
  {
    name: "half-hourly feeders",
    areas: 2,
    substationsPerArea: 3,
    feedersPerSubstation: 6,
    intervalMinutes: 30,
    days: 300,
    timeZone: "Europe/Helsinki",
  },
  {
    name: "customers",
    areas: 1,
    substationsPerArea: 2,
    feedersPerSubstation: 2,
    transformersPerFeeder: 2,
    customersPerTransformer: 6,
    days: 300,
    unmeteredShare: 0.15,
  },
] as const satisfies readonly FleetOptions[];

const climates = [
  { latitude: 49.8, longitude: 73.1, annualMeanC: 4, amplitudeC: 17, synopticC: 5 },
  { latitude: 36, longitude: 51, annualMeanC: 17, amplitudeC: 12, synopticC: 3 },
  { latitude: 57, longitude: 20, annualMeanC: 7, amplitudeC: 10, synopticC: 4 },
] as const;

/** The fleet of a seed; without events the same loads and weather, for natural false alarms. */
export function evaluationFleet(seed: number, withEvents: boolean): Fleet {
  const random = createRandom(seed, "evaluation");
  const { name, ...grid } = grids[seed % grids.length];
  const options: FleetOptions = {
    ...grid,
    name: `${name} ${seed}`,
    seed,
    climate: climates[Math.floor(seed / grids.length) % climates.length],
    from: random.pick(["2021-01-01T00:00:00Z", "2022-04-01T00:00:00Z", "2022-09-01T00:00:00Z"]),
    coldSnaps: 2,
    heatWaves: 1,
    endingShare: 0.3,
    minePct: null,
    mines: {},
    confounders: {},
  };
  const bare = createFleet(options);
  if (!withEvents) return bare;
  const leaves = bare.meters.filter((meter) => !bare.meters.some((other) => other.parentId === meter.meterId)).length;
  const counts = random.fork("counts");
  return createFleet({
    ...options,
    mines: drawMineCounts(Math.round(leaves / 5), bare.meters.length - leaves, counts),
    confounders: drawConfounderCounts(Math.round(leaves / 3), counts),
    isPartial: true,
  });
}
