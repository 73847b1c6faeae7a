import { type Candidate, DAY_MS, parseInstant } from "@hashwatt/contracts";
import type { Fleet } from "./fleet.ts";
import type { FleetLabels, HiddenSite } from "./labels.ts";
import { onsetGapMs, tolerances } from "./match.ts";

/** A live alarm: what the product stands by at the end. Load held to be authorised and withdrawn candidates are not alarms. */
export type Alarm = Pick<Candidate, "meterId" | "onset" | "direction">;

/** summary.json of a run on a scenario with hidden sites. Megawatts are the true ones of the sites. */
export interface ScenarioOutcome {
  readonly hidden: number;
  readonly found: number;
  readonly missed: number;
  readonly falseCases: number;
  readonly mwHidden: number;
  readonly mwFound: number;
}

/** Which alarm found which site, and which alarms found nothing. */
export interface HiddenSiteMatching<A extends Alarm> {
  readonly sites: readonly { readonly site: HiddenSite; readonly alarm: A | null }[];
  readonly falseAlarms: readonly A[];
}

/** The onset may be any that is right for the site's mine: in a build-up, or at the restart after its pause. */
function finds(labels: FleetLabels, site: HiddenSite, alarm: Alarm): boolean {
  if (alarm.meterId !== site.meterId || alarm.direction !== site.direction) return false;
  const mine = labels.mines.find((entry) => entry.mineId === site.siteId);
  const onsetMs = parseInstant(alarm.onset);
  const gapMs = mine ? onsetGapMs(mine, alarm.meterId, onsetMs) : Math.abs(onsetMs - parseInstant(site.onset));
  return gapMs <= tolerances.onset * DAY_MS;
}

/** A further alarm on a site that was found, not before the site's load changed. */
function repeats(site: HiddenSite, alarm: Alarm): boolean {
  return alarm.meterId === site.meterId && parseInstant(alarm.onset) >= parseInstant(site.onset) - tolerances.onset * DAY_MS;
}

/** Each site takes its first fitting alarm; what is left is false, but for repeats on the sites that were found. */
export function matchHiddenSites<A extends Alarm>(labels: FleetLabels, alarms: readonly A[]): HiddenSiteMatching<A> {
  const sites = labels.hidden.map((site) => ({ site, alarm: alarms.find((alarm) => finds(labels, site, alarm)) ?? null }));
  const found = sites.filter((entry) => entry.alarm !== null).map((entry) => entry.site);
  return { sites, falseAlarms: alarms.filter((alarm) => !found.some((site) => repeats(site, alarm))) };
}

const megawatts = (sites: readonly HiddenSite[]) => Math.round(sites.reduce((sum, site) => sum + site.kw, 0) / 10) / 100;

/** Counts a run on the scenario. Pass live alarms only. */
export function scenarioOutcome(fleet: Pick<Fleet, "labels">, alarms: readonly Alarm[]): ScenarioOutcome {
  const { hidden } = fleet.labels;
  const matching = matchHiddenSites(fleet.labels, alarms);
  const found = matching.sites.filter((entry) => entry.alarm !== null).map((entry) => entry.site);
  return {
    hidden: hidden.length,
    found: found.length,
    missed: hidden.length - found.length,
    falseCases: matching.falseAlarms.length,
    mwHidden: megawatts(hidden),
    mwFound: megawatts(found),
  };
}
