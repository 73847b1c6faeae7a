import { type Assessment, loadProfileOf } from "./assessment.ts";
import { hoursOfDay } from "./calendar-rows.ts";
import type { TestResult } from "./finding.ts";
import { freshAge } from "./fresh-steps.ts";
import type { JudgedGroup } from "./group-context.ts";
import type { GroupEvent } from "./group-view.ts";
import { scanStep } from "./judged-block.ts";
import { medianInPlace } from "./statistics/select.ts";
import { atLeast, atMost, doesNotApply, ofStep } from "./verdicts.ts";
import { weatherShares } from "./weather-slope.ts";

/** Days before the onset that a level is taken from, as the size of the step is. */
const fortnight = 14;
/** Fewest days on a side that a level can be told from. */
const fewDays = 3;

/** Innocent explanations that lie in the calendar, the clock, the weather, the records or the meter's own past. */
export function calendarTests(group: JudgedGroup, found: Assessment): TestResult[] {
  const { parameters } = group;
  const holidays = keptWithout(
    found,
    (day) => [day - 1, day, day + 1].some((near) => isHoliday(group, found, near)),
    `${doesNotApply}no holiday near`,
    // holidays pass within days, so the step waits for them; of a record nobody knows when it ends
    { ratio: 0, note: "held until three days since the onset are clear of holidays" },
  );
  const records = keptWithout(found, recordedDays(group, found), `${doesNotApply}no record near`, {
    ratio: Number.NaN,
    note: "too few other days",
  });
  const lastYear = lastYearsStep(group, found);
  const isBuildup = found.weights.gapDays > 1;
  return [
    atLeast(
      "not_holiday",
      "Is it there without the days on and beside holidays?",
      ofStep(holidays.ratio, parameters.minKeptRatio, holidays.note),
    ),
    atLeast(
      "not_outage",
      "Is it there without the days of recorded outages, maintenance and curtailments?",
      ofStep(records.ratio, parameters.minKeptRatio, records.note),
    ),
    atLeast(
      "edge",
      "Does it begin at an edge, rather than grow (organic growth, season)?",
      isBuildup
        ? ofStep(Number.NaN, parameters.minEdgeRatio, `${doesNotApply}a build-up has none`)
        : ofStep(edgeRatio(found), parameters.minEdgeRatio),
    ),
    atMost(
      "not_seasonal",
      "Did it not step like this at the same time last year?",
      ofStep(lastYear.ratio, parameters.maxLastYearRatio, lastYear.note),
    ),
    atMost("clock", "Is it not the shape of the day moved by an hour or two (time zone, summer time, drift of the meter's clock)?", {
      value: shiftRatio(found),
      threshold: parameters.maxShiftRatio,
      unit: "of increment",
      note: clockChangeNote(found),
    }),
    ...weatherTests(group, found),
  ];
}

interface Kept {
  /** The step measured on some of the days, in steps; NaN = not measured. */
  readonly ratio: number;
  readonly note?: string;
}

/** The step as it is without some of the days before and since; `tooEarly` where too few of those since are left. */
function keptWithout(found: Assessment, isLeftOut: (civilDay: number) => boolean, none: string, tooEarly: Kept): Kept {
  const { onsetDay, restDay } = edgesOf(found);
  const before = daysBetween(onsetDay - fortnight, onsetDay);
  const since = daysBetween(restDay + 1, found.civilDay + 1);
  const [keptBefore, keptSince] = [before, since].map((days) => days.filter((day) => !isLeftOut(day)));
  const leftOut = before.length + since.length - keptBefore.length - keptSince.length;
  if (leftOut === 0) return { ratio: Number.NaN, note: none };
  if (keptBefore.length < fewDays) return { ratio: Number.NaN, note: "too few other days" };
  if (keptSince.length < fewDays) return tooEarly;
  const step = levelOf(found, keptSince) - levelOf(found, keptBefore);
  return { ratio: inSteps(found, step), note: `without ${leftOut} days` };
}

/** First day and last day of the onset: one day for a step. */
function edgesOf({ civilDay, age, weights }: Assessment): { onsetDay: number; restDay: number } {
  return { onsetDay: civilDay - age - weights.gapDays + 1, restDay: civilDay - age };
}

function daysBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Median size on the days, share of the mean. */
function levelOf({ daily, judged }: Assessment, days: readonly number[]): number {
  return medianInPlace(
    Float64Array.from(days, (day) => daily[day - judged.fit.residuals.firstDay]),
    days.length,
  );
}

function inSteps({ stepKw, meanKw }: Assessment, share: number): number {
  return (share * meanKw) / stepKw;
}

function isHoliday({ isHoliday: isHolidayIn, view }: JudgedGroup, { judged, stream }: Assessment, civilDay: number): boolean {
  return isHolidayIn(civilDay, view.areas[judged.block.slots[stream]]);
}

/** An open record of an outage says nothing after so many days: somebody forgot to close it. */
const maxRecordHours = 31 * 24;

/** Whether a civil day has a recorded outage or curtailment of the meter, a neighbour (load is fed from here meanwhile) or the area. */
function recordedDays({ view }: JudgedGroup, { judged, stream }: Assessment): (civilDay: number) => boolean {
  const area = view.areas[judged.block.slots[stream]];
  const isHere = (event: GroupEvent) => event.area < 0 || event.area === area;
  const records = view.events.filter((event) => (event.kind === "outage" || event.kind === "curtailment") && isHere(event));
  return (civilDay) => {
    const { firstHour, endHour } = hoursOfDay(judged.fit.calendar, civilDay);
    return records.some(({ fromHour, toHour }) => fromHour < endHour && Math.min(toHour, fromHour + maxRecordHours) > firstHour);
  };
}

/** Part of the step that the five days around the onset show: 1 at an edge, near 0 where load grows over weeks. */
function edgeRatio(found: Assessment): number {
  const { onsetDay, restDay } = edgesOf(found);
  const last = Math.min(found.civilDay, restDay + 5);
  return inSteps(found, levelOf(found, daysBetween(restDay + 1, last + 1)) - levelOf(found, daysBetween(onsetDay - 5, onsetDay)));
}

const yearDays = 364;
/** So many days to either side count as the same time of the year. */
const sameTimeDays = 10;

/** Largest 10-day step of the same direction within ten days of this onset a year before, in steps of the same shape. */
function lastYearsStep({ state, civilDay }: JudgedGroup, { judged, stream, groupStream, direction, weights, age }: Assessment): Kept {
  const day = civilDay - age - yearDays;
  const near = (other: number) => Math.abs(other - day) <= sameTimeDays;
  if (state.steps.some((step) => step.groupStream === groupStream && near(step.onsetDay)))
    return { ratio: Number.NaN, note: `${doesNotApply}a step was raised then` };
  const sizes = state.days.flatMap((judgedDay, row) => (near(judgedDay - freshAge) ? [state.pages[row][groupStream] * direction] : []));
  const known = sizes.filter((size) => !Number.isNaN(size));
  if (known.length < sameTimeDays) return { ratio: Number.NaN, note: "less than 13 months of history" };
  return { ratio: Math.max(...known) / (scanStep(judged, 0, stream, civilDay, weights) * direction) };
}

/** Part of the increment's shape (its sum of squares) that a day moved by one or two hours has too. */
function shiftRatio({ judged, stream, increment: { profile } }: Assessment): number {
  const load = loadProfileOf(judged, stream);
  let whole = 0;
  for (const size of profile) whole += size * size;
  return Math.max(
    ...[-2, -1, 1, 2].map((shift) => {
      let product = 0;
      let square = 0;
      for (let hour = 0; hour < 24; hour++) {
        const moved = load[(hour + shift + 24) % 24] - load[hour];
        product += moved * profile[hour];
        square += moved * moved;
      }
      return product > 0 ? product ** 2 / (square * whole) : 0;
    }),
  );
}

/** Days to either side of the onset within which a clock change is told. */
const clockDays = 3;

function clockChangeNote(found: Assessment): string | undefined {
  const { calendar } = found.judged.fit;
  const table = calendar.utcHours[calendar.rowOf[found.stream]];
  const noonOf = (day: number) => table[(day - calendar.firstDay) * 24 + 12] - day * 24;
  const { civilDay } = found.onset;
  const last = Math.min(found.civilDay, civilDay + clockDays);
  return noonOf(civilDay - clockDays - 1) === noonOf(last) ? undefined : "the clocks of the zone change near the onset";
}

function weatherTests(group: JudgedGroup, found: Assessment): TestResult[] {
  const { parameters, view } = group;
  const { explainedRatio, tenDegreesRatio } = weatherShares(view, found, edgesOf(found));
  const untold = "no temperatures of the area";
  return [
    atMost(
      "not_weather",
      "Is it more than what the change of the temperature explains?",
      ofStep(explainedRatio, parameters.maxWeatherRatio, Number.isNaN(explainedRatio) ? untold : undefined),
    ),
    atMost(
      "not_heating",
      "Does it not go with the temperature from day to day (heating, cooling)?",
      ofStep(tenDegreesRatio, parameters.maxHeatingRatio, heatingNote(explainedRatio, tenDegreesRatio, untold)),
    ),
  ];
}

function heatingNote(explainedRatio: number, tenDegreesRatio: number, untold: string): string {
  if (!Number.isNaN(tenDegreesRatio)) return "of ten degrees";
  return Number.isNaN(explainedRatio) ? untold : "fewer than five days since the onset";
}
