import { type Candidate, type EvidenceTest, type LoadOrigin, type Meter, parseInstant } from "@hashwatt/contracts";
import { doubtSentence } from "./remaining-doubts.ts";

const shapes = {
  flat: "It runs evenly around the clock",
  peak_pause: "It runs evenly and pauses in the evening peak",
  night_only: "It runs at night only",
  buildup: "It grew over days or weeks and runs on",
  cluster: "It came as smaller loads on meters below it that began together",
  loss: "It shows only in the balance between this meter and those below it",
  moved_behind:
    "It shows only in the balance between this meter and those below it, one of which fell then: a customer goes round its meter, or that meter reads too little",
} as const;

/** What appeared, where, when and how large, then its shape, what it did in events, and what could still be wrong. Claims no guilt. */
export function summarise(candidate: Candidate, meter: Meter): string {
  const { direction, onset, endedAt, evidence } = candidate;
  const site = meter.name === "" ? meter.meterId : `${meter.name} (${meter.meterId})`;
  const place = meter.region === "" ? site : `${site}, ${meter.region}`;
  const isUp = direction === "up";
  const what = isUp ? "appeared" : "ceased";
  const days = `${Math.round(evidence.ageDays)} full ${Math.round(evidence.ageDays) === 1 ? "day" : "days"}`;
  const timeOf = (instant: string) => localTimeOf(instant, meter.timeZone);
  const since = `${isUp ? "has stayed for" : "has been gone for"} ${days}`;
  const stay = endedAt === undefined ? since : `was gone around ${timeOf(endedAt)}`;
  return [
    `${sizeOf(candidate)} of load ${what} at ${place} around ${timeOf(onset)} and ${stay}${amount(candidate)}.`,
    `${shapeOf(candidate)}.`,
    ...origins(evidence.origin),
    ...answers(evidence.tests),
    doubtSentence(candidate),
  ].join(" ");
}

/** Meters below that are named; the evidence has all. */
const namedBelow = 6;

/** "It came as smaller loads ...: m2 (30 kW), m3 (21 kW), m4 (12 kW)". */
function shapeOf({ direction, endedAt, signature, evidence: { below = [] } }: Candidate): string {
  const shape = direction === "up" && endedAt === undefined ? shapes[signature] : inPast(shapes[signature]);
  if (below.length === 0) return shape;
  const named = below.slice(0, namedBelow).map(({ meterId, stepKw }) => `${meterId} (${power(Math.abs(stepKw))})`);
  const more = below.length > namedBelow ? ` and ${below.length - namedBelow} more` : "";
  return `${shape}: ${named.join(", ")}${more}`;
}

function inPast(shape: string): string {
  return shape.replaceAll("runs", "ran").replace("pauses", "paused").replace("shows", "showed");
}

/** "2022-01-05 12:00 (Asia/Almaty)". */
function localTimeOf(instant: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return `${format.format(parseInstant(instant))} (${timeZone})`;
}

function sizeOf({ stepKw, stepKwLow, stepKwHigh }: Candidate): string {
  const lowest = Math.min(Math.abs(stepKwLow), Math.abs(stepKwHigh));
  const highest = Math.max(Math.abs(stepKwLow), Math.abs(stepKwHigh));
  return `${power(Math.abs(stepKw))} (90 % interval ${power(lowest)} to ${power(highest)})`;
}

/** ": as much as 150 machines (90 to 400), 120 MWh so far". */
function amount({ endedAt, evidence }: Candidate): string {
  if (evidence.estimates === undefined) return "";
  const { machines, energyKwh } = evidence.estimates;
  const energy = energyKwh === null ? "" : `, ${energyText(energyKwh.value)} ${endedAt === undefined ? "so far" : "in all"}`;
  return `: as much as ${machines.value} machines (${machines.low} to ${machines.high})${energy}`;
}

/** Three significant digits, MWh from 1000 kWh on. */
function energyText(kwh: number): string {
  const isLarge = kwh >= 999.5;
  return `${Number((isLarge ? kwh / 1000 : kwh).toPrecision(3))} ${isLarge ? "MWh" : "kWh"}`;
}

/** Since when a load that ceased had been there. */
function origins(origin: LoadOrigin | undefined): string[] {
  if (origin === undefined) return [];
  const day = origin.since.slice(0, 10);
  if (origin.basis === "raised") return [`It had been there since ${day}: candidate ${origin.candidateId} ends with it.`];
  return [`No step up of that size was seen since ${day}: it had been there for longer.`];
}

/** What it did in events that tell a mine from innocent load. */
function answers(tests: readonly EvidenceTest[]): string[] {
  return tests.flatMap(({ name, events = [], verdict, note }) => {
    const last = events.at(-1);
    if (last === undefined || verdict === "not_tested") return [];
    const others = events.length === 1 ? "" : ` and ${events.length - 1} before`;
    return [`In the ${name.replaceAll("_", " ")} of ${last.slice(0, 10)}${others} ${note}.`];
  });
}

/** Three significant digits, MW from 1000 kW on. */
function power(kw: number): string {
  const isLarge = kw >= 999.5;
  return `${Number((isLarge ? kw / 1000 : kw).toPrecision(3))} ${isLarge ? "MW" : "kW"}`;
}
