import type { Meter } from "@hashwatt/contracts";
import { type Finding, siteName, sortForReader } from "../run/collect-findings.ts";
import { formatTable, left, right } from "./table.ts";

/** The table a user wants: which site, where, since when, how much, what it looks like, how sure. */
function findingsTable(findings: readonly Finding[], meters: readonly Meter[]): string[] {
  const byId = new Map(meters.map((meter) => [meter.meterId, meter]));
  const rows = sortForReader(findings).map(({ candidate, lane, state }) => [
    siteName(byId, candidate.meterId),
    candidate.region,
    `${candidate.onset.slice(0, 16).replace("T", " ")}Z`,
    formatMw(candidate.stepKw),
    `${formatMw(candidate.stepKwLow)} to ${formatMw(candidate.stepKwHigh)}`,
    String(candidate.evidence.estimates?.machines.value ?? ""),
    lane,
    candidate.score.toFixed(2),
    candidate.endedAt === undefined ? state : `${state}, load ended`,
  ]);
  return formatTable(
    [
      left("Site"),
      left("Region"),
      left("Onset (UTC)"),
      right("MW"),
      right("90 % interval"),
      right("Machines"),
      left("Lane"),
      right("Score"),
      left("State"),
    ],
    rows,
  );
}

/** kW -> MW with three significant digits down to 10 kW: a 40 kW load on a feeder must not be 0.0. */
export function formatMw(kw: number): string {
  const mw = kw / 1000;
  const size = Math.abs(mw);
  return mw.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
}

/** More rows would push what is above off the screen; all are in candidates.jsonl. */
const shownRows = 60;

/** Prints the live alarms as a table on stdout. */
export function printFindings(findings: readonly Finding[], meters: readonly Meter[]): void {
  const alarms = findings.filter(({ isAlarm }) => isAlarm);
  if (alarms.length === 0) {
    console.log("No site was flagged.");
    return;
  }
  for (const line of findingsTable(sortForReader(alarms).slice(0, shownRows), meters)) console.log(line);
  if (alarms.length > shownRows) console.log(`... and ${alarms.length - shownRows} more with less expected load`);
}
