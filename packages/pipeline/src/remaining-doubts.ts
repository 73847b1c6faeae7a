import type { Candidate, EvidenceTest } from "@hashwatt/contracts";
import { doesNotApply } from "@hashwatt/detection";

/** What a test of the ledger rules out, as the end of "It could still be ..."; tests of size and age rule nothing out. */
export const explanations: Readonly<Record<string, string>> = {
  step_over_noise: "chance, on a meter that moves by itself",
  present: "something that missing readings hide",
  present_before: "something that missing readings hide",
  onset_seen: "something that missing readings hide",
  not_estimated: "an estimate",
  not_frozen: "a frozen register",
  believable: "a fault of the register",
  persistence: "a load that leaves again",
  settled: "growth that goes on",
  new_level: "the return from a dip",
  shape: "a load of part of the day",
  every_block: "a load of part of the day",
  at_night: "a load of the day (a shift, cooling, missing sun)",
  energy: "a clock that runs late",
  clock: "a clock that runs late",
  not_multiplicative: "a new ratio or unit of the meter",
  not_technical_loss: "loss in lines and transformers",
  weekend: "work in shifts",
  every_day: "a load that comes and goes",
  steadiness: "a restless load such as a workshop",
  not_holiday: "the end of a holiday",
  not_outage: "the end of an outage or of maintenance",
  edge: "organic growth",
  comparable: "organic growth",
  not_seasonal: "a load of the season",
  not_weather: "heating or cooling",
  not_heating: "heating or cooling",
  not_habitual: "a load that comes and goes",
  neighbours: "the weather or another common cause",
  expected_stays: "the weather or another common cause",
  not_shadow: "the shadow of a neighbour's own step",
  not_transferred: "load switched over from a neighbour",
  meter_reads_right: "a meter that reads wrong",
  parent_rises: "load moved within the station",
  lasted: "a load that leaves again",
  ended_alone: "the weather or another common cause",
  ended_unexpectedly: "the weather or another common cause",
  ended_at_once: "a load of the season",
  right_parent: "a meter filed under the wrong parent",
};

/** Explanations of load that came; what went is none of these. */
const onlyUp = new Set(["new_level", "persistence", "settled", "edge", "not_holiday", "not_outage", "not_habitual"]);

/** By unit, the distance from the threshold at which a test is passed with room to spare. Judgement: half of it still leaves doubt. */
const ampleRoom: Readonly<Record<string, number>> = {
  "of step": 0.35,
  "of increment": 0.4,
  "of days": 0.3,
  "of hours": 0.3,
  "of neighbours": 0.2,
  sigma: 3,
  "log likelihood": 3,
  ratio: 2,
  hours: 72,
  "ended steps": 1,
};

/** Ages and scores below which a reader is told: half of the evidence of a load comes with its second week, and raised scores begin at .6. */
const youngDays = 10;
const lowScore = 0.7;

/** One sentence on what could still be wrong with a candidate: the innocent explanation left with least room, what was not asked, its age and score. */
export function doubtSentence({ direction, score, evidence }: Candidate): string {
  const tests = evidence.tests.filter(({ name }) => name in explanations && (direction === "up" || !onlyUp.has(name)));
  const parts = [nearest(tests), unasked(tests), youth(evidence.ageDays), lowness(score)].filter((part) => part !== "");
  const [first, ...rest] = parts.length > 0 ? parts : ["every innocent explanation that can be measured was asked and is far off"];
  return `${[`${first[0].toUpperCase()}${first.slice(1)}`, ...rest].join("; ")}. Only a visit can tell whose load it is.`;
}

/** The failed tests, else the passed one with least room where that is not ample. */
function nearest(tests: readonly EvidenceTest[]): string {
  const failed = namesOf(tests.filter(({ verdict }) => verdict === "failed"));
  if (failed.length > 0) return `it looks like ${listed(failed, "and")}`;
  const [least] = tests
    .filter(({ verdict }) => verdict === "passed")
    .map((test) => ({ test, room: roomOf(test) }))
    .toSorted((a, b) => a.room - b.room);
  if (least === undefined || least.room >= 1) return "";
  return `it could still be ${explanations[least.test.name]} (${least.room < 0.5 ? "narrowly" : "not clearly"} ruled out)`;
}

function roomOf({ value, threshold, passesWhen, unit }: EvidenceTest): number {
  const clear = passesWhen === "at_least" ? value! - threshold! : threshold! - value!;
  return clear / (ampleRoom[unit] ?? Math.max(1e-9, Math.abs(threshold!)));
}

function unasked(tests: readonly EvidenceTest[]): string {
  const names = namesOf(tests.filter(({ verdict, note }) => verdict === "not_tested" && !note?.startsWith(doesNotApply)));
  return names.length === 0 ? "" : `for lack of data it was not asked whether it is ${listed(names, "or")}`;
}

function youth(ageDays: number): string {
  const days = Math.round(ageDays);
  return days >= youngDays ? "" : `it is only ${days} ${days === 1 ? "day" : "days"} old`;
}

function lowness(score: number): string {
  return score >= lowScore ? "" : `its score of ${score.toFixed(2)} is low`;
}

function namesOf(tests: readonly EvidenceTest[]): string[] {
  return [...new Set(tests.map(({ name }) => explanations[name]))];
}

function listed(names: readonly string[], word: "and" | "or"): string {
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}
