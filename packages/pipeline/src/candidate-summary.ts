import { formatInstant, HOUR_MS, type Meter } from "@hashwatt/contracts";
import type { Finding } from "@hashwatt/detection";

const shapes = {
  flat: "It runs evenly around the clock",
  peak_pause: "It runs evenly and pauses in the evening peak",
  night_only: "It runs at night only",
  buildup: "It grew over days or weeks and runs on",
  loss: "It shows only in the balance between this meter and those below it",
} as const;

/** What appeared, where, when and how large, then its shape, what it did in events, and what could still be wrong. Claims no guilt. */
export function summarise(finding: Finding, meter: Meter): string {
  const { stepKw, stepKwLow, stepKwHigh, direction, ageDays } = finding;
  const site = meter.name === "" ? meter.meterId : `${meter.name} (${meter.meterId})`;
  const place = meter.region === "" ? site : `${site}, ${meter.region}`;
  const since = formatInstant(finding.onsetHour * HOUR_MS)
    .replace("T", " ")
    .replace(/:00Z$/, " UTC");
  const lowest = Math.min(Math.abs(stepKwLow), Math.abs(stepKwHigh));
  const highest = Math.max(Math.abs(stepKwLow), Math.abs(stepKwHigh));
  const size = `${power(Math.abs(stepKw))} (90 % interval ${power(lowest)} to ${power(highest)})`;
  const days = `${Math.round(ageDays)} full ${Math.round(ageDays) === 1 ? "day" : "days"}`;
  const what = direction === 1 ? "appeared" : "ceased";
  const stay = direction === 1 ? "has stayed for" : "has been gone for";
  const shape =
    direction === 1 ? shapes[finding.signature] : shapes[finding.signature].replace("It runs", "It ran").replace("pauses", "paused");
  return [`${size} of load ${what} at ${place} around ${since} and ${stay} ${days}. ${shape}.`, ...answers(finding), doubts(finding)].join(
    " ",
  );
}

/** What it did in events that tell a mine from innocent load. */
function answers({ tests }: Finding): string[] {
  return tests.flatMap(({ name, eventHours = [], verdict, note }) => {
    const last = eventHours.at(-1);
    if (last === undefined || verdict === "not_tested") return [];
    const others = eventHours.length === 1 ? "" : ` and ${eventHours.length - 1} before`;
    return [`In the ${name.replaceAll("_", " ")} of ${formatInstant(last * HOUR_MS).slice(0, 10)}${others} ${note}.`];
  });
}

/** Three significant digits, MW from 1000 kW on. */
function power(kw: number): string {
  const isLarge = kw >= 999.5;
  return `${Number((isLarge ? kw / 1000 : kw).toPrecision(3))} ${isLarge ? "MW" : "kW"}`;
}

/** Innocent explanations that are left. What a load did in events is told by itself. */
function doubts(finding: Finding): string {
  const named = (verdict: string): string =>
    finding.tests
      .filter((test) => test.verdict === verdict && test.eventHours === undefined)
      .map(nameOf)
      .join(", ");
  const failed = named("failed");
  const untested = named("not_tested");
  if (failed === "" && untested === "") return "Every test passed; only a visit can tell whose load it is.";
  const parts = [failed === "" ? "" : `failed: ${failed}`, untested === "" ? "" : `not tested: ${untested}`];
  return `Could still be something else (${parts.filter((part) => part !== "").join("; ")}).`;
}

function nameOf(test: { readonly name: string }): string {
  return test.name.replaceAll("_", " ");
}
