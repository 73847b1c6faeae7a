import { createFleet, createKazakhstanScenario, type Fleet } from "@hashwatt/evaluation";
import { CliError, exitCodes } from "../exit-codes.ts";

export interface ScenarioOptions {
  readonly seed?: number;
  /** The same meters, loads and weather with no mine and no innocent change in them. */
  readonly bare?: boolean;
}

const nothing = { mines: {}, confounders: {} } as const;

/** Built-in simulated fleets by name; the first is the one of `hashwatt start`. */
export const scenarios = {
  /** The winter 2022 campaign: 430 substations, 18 hidden sites; there is none of it without the campaign. */
  kazakhstan: ({ seed = 1, bare = false }) => {
    if (bare) throw new CliError(exitCodes.usage, "the scenario kazakhstan is its campaign: --bare goes with the others");
    return createKazakhstanScenario({ seed });
  },
  /** 60 substations in six areas over a year. */
  substations: ({ seed = 1, bare = false }) =>
    createFleet({
      name: "substations",
      seed,
      areas: 6,
      substationsPerArea: 10,
      mines: { flat: 3, staircase: 1, peak_pause: 2, night_only: 1, slow_buildup: 1, stop_start: 1, permit_abuse: 1 },
      confounders: { transfer: 4, one_shift: 2, two_shift: 2, gap: 3, frozen: 2, permitted_load: 2, estimated_fill: 2, dip_return: 2 },
      ...(bare && nothing),
    }),
  /** Two substations down to the transformers over a year, with loads that only a parent's balance shows. */
  feeders: ({ seed = 1, bare = false }) =>
    createFleet({
      name: "feeders",
      seed,
      areas: 1,
      substationsPerArea: 2,
      feedersPerSubstation: 5,
      transformersPerFeeder: 6,
      mines: { flat: 3, peak_pause: 1, night_only: 1, bypass: 1, moved_behind: 1, many_small: 1 },
      confounders: { transfer: 3, one_shift: 2, two_shift: 1, gap: 3, frozen: 2, permitted_load: 1, pv_adoption: 1, ev_depot: 1 },
      ...(bare && nothing),
    }),
} as const satisfies Record<string, (options: ScenarioOptions) => Fleet>;
export type ScenarioName = keyof typeof scenarios;
