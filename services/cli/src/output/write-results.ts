import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Calibration, Meter } from "@hashwatt/contracts";
import { CliError, exitCodes } from "../exit-codes.ts";
import { type Finding, toCandidateLine } from "../run/collect-findings.ts";
import { sumRejected } from "../run/run-readings.ts";
import type { RowAccounts } from "../run/run-files.ts";
import { createJsonlFile } from "./jsonl-file.ts";
import { groupDigits } from "./progress.ts";

/** Makes the folder for the results. Throws CliError (usage) where that cannot be. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be made a folder (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

/** candidates.jsonl: the live alarms, in the order they were raised. */
export function writeCandidates(folder: string, findings: readonly Finding[]): string {
  const file = createJsonlFile(join(folder, "candidates.jsonl"));
  for (const finding of findings) if (finding.isAlarm) file.write(toCandidateLine(finding));
  file.close();
  return file.path;
}

export function writeSummary(folder: string, summary: Readonly<Record<string, unknown>>): string {
  const path = join(folder, "summary.json");
  writeFileSync(path, `${JSON.stringify(summary, null, 2)}\n`);
  return path;
}

/** "1 000 rows = 980 binned (3 of them revisions) + 12 duplicates + ..." */
export function describeAccounts(accounts: RowAccounts): string {
  const { records, binned, revised, duplicate, late, parked, rejected } = accounts;
  const reasons = Object.entries(rejected).map(([reason, count]) => `${groupDigits(count)} ${reason}`);
  const parts = [
    `${groupDigits(binned)} binned${revised > 0 ? ` (${groupDigits(revised)} of them revisions)` : ""}`,
    `${groupDigits(duplicate)} duplicate`,
    `${groupDigits(late)} too late`,
    ...(parked > 0 ? [`${groupDigits(parked)} parked (ahead of time)`] : []),
    `${groupDigits(sumRejected(rejected))} rejected${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`,
  ];
  return `Readings: ${groupDigits(records)} rows = ${parts.join(" + ")}`;
}

/** What a calibration says can be found on these meters: the smallest load of each, kW; null = none that was tried, or a meter that it does not know. */
export function describeFindable({ findable }: Calibration, meters: readonly Meter[]) {
  const { chance, withinDays, check } = findable;
  const smallestKw = new Map(findable.meters.map((load) => [load.meterId, load.smallestKw]));
  return {
    chance,
    withinDays,
    check,
    smallestKw: Object.fromEntries(meters.map(({ meterId }) => [meterId, smallestKw.get(meterId) ?? null])),
  };
}

/** Findings by what became of them. */
export function countFindings(findings: readonly Finding[]) {
  const alarms = findings.filter(({ isAlarm }) => isAlarm);
  const withdrawn = findings.filter(({ isWithdrawn }) => isWithdrawn).length;
  const lanes: Record<string, number> = {};
  for (const { lane } of alarms) lanes[lane] = (lanes[lane] ?? 0) + 1;
  return { alarms: alarms.length, authorised: findings.length - alarms.length - withdrawn, withdrawn, lanes };
}
