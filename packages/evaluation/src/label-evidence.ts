import { DAY_MS, parseInstant } from "@hashwatt/contracts";
import type { FleetLabels } from "./labels.ts";
import { onsetGapMs, type PlacedOnset, tolerances } from "./match.ts";

/**
 * What a step teaches about the score: 1 = it is a mine that was put in (its meter, and its onset, build-up or restart within 10 days);
 * undefined = nothing, since a mine or a permitted load runs on the meter but this is not its onset, or the load is permitted: that is for the
 * permits to say, the readings cannot; 0 = everything else. Only what the simulator put in is asked, never what a fleet's own labels say of
 * its natural readings.
 */
export function labelOf({ mines, confounders }: Pick<FleetLabels, "mines" | "confounders">, placed: PlacedOnset): 0 | 1 | undefined {
  const here = mines.filter(({ meterIds }) => meterIds.includes(placed.meterId));
  if (here.some((mine) => onsetGapMs(mine, placed.meterId, placed.onsetMs) <= tolerances.onset * DAY_MS)) return 1;
  if (here.some(({ onset, end }) => isDuring(placed.onsetMs, onset, end))) return undefined;
  const permitted = confounders.filter(({ kind, meterIds }) => kind === "permitted_load" && meterIds.includes(placed.meterId));
  return permitted.some(({ from, to }) => isDuring(placed.onsetMs, from, to)) ? undefined : 0;
}

/** From 10 days before the start to 10 days after the end. */
function isDuring(atMs: number, from: string, to: string | null): boolean {
  const slackMs = tolerances.onset * DAY_MS;
  return atMs >= parseInstant(from) - slackMs && (to === null || atMs <= parseInstant(to) + slackMs);
}
