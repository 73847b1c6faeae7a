import { type Fleet, matchHiddenSites, scenarioOutcome, type ScenarioOutcome } from "@hashwatt/evaluation";
import type { Finding } from "../run/collect-findings.ts";

/** Says on stdout how many hidden sites were found, missed and falsely raised; returns what summary.json holds of it. */
export function printOutcome(fleet: Fleet, findings: readonly Finding[]): ScenarioOutcome {
  const alarms = findings.filter(({ isAlarm }) => isAlarm).map(({ candidate }) => candidate);
  const outcome = scenarioOutcome(fleet, alarms);
  const { sites, falseAlarms } = matchHiddenSites(fleet.labels, alarms);
  console.log(
    `\nHidden sites: ${outcome.hidden}; found ${outcome.found}, missed ${outcome.missed}, falsely raised ${outcome.falseCases}. ` +
      `MW found: ${outcome.mwFound} of ${outcome.mwHidden}.`,
  );
  const names = new Map(fleet.meters.map(({ meterId, name }) => [meterId, name]));
  for (const { site, alarm } of sites) {
    if (alarm === null)
      console.log(`  missed: ${names.get(site.meterId)} (${site.region}), ${site.kw / 1000} MW ${site.direction} from ${site.onset}`);
  }
  for (const { meterId, onset } of falseAlarms) console.log(`  false: ${names.get(meterId)}, onset ${onset}`);
  return outcome;
}
