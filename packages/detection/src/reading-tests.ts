import type { Assessment } from "./assessment.ts";
import type { TestResult } from "./finding.ts";
import { type GroupView, hourKw } from "./group-view.ts";
import { frozenHours } from "./hours.ts";
import type { DetectionParameters } from "./parameters.ts";
import { atLeast, atMost, doesNotApply, type Measured } from "./verdicts.ts";

/** What became of a meter's hours over a span, as shares of its hours; NaN = not known. */
interface HourFates {
  readonly estimatedRatio: number;
  readonly frozenRatio: number;
  readonly unbelievableRatio: number;
}

/** Hours before the onset that are looked at, and to either side of it a gap would hide it. */
const fortnightHours = 14 * 24;
const aroundHours = 24;

/** Whether the readings themselves could have made the step: gaps, estimates, a frozen register, values that no meter measures. */
export function readingTests(view: GroupView, found: Assessment, parameters: DetectionParameters): TestResult[] {
  const { numbers, onset } = found;
  const isBuildup = found.weights.gapDays > 1;
  const meters = metersOf(found);
  const endHour = endHourOf(found);
  const since = meters.map((meter) => fatesOf(view, meter, onset.utcHour, endHour));
  const before = meters.map((meter) => fatesOf(view, meter, onset.utcHour - fortnightHours, onset.utcHour));
  const present = (value: number): Measured => ({ value, threshold: parameters.minPresentRatio, unit: "of days" });
  const share = (fate: keyof HourFates): Measured => {
    const [now, then] = [since, before].map((spans) => Math.max(...spans.map((span) => span[fate])));
    const value = Math.max(now, then);
    const note = Number.isNaN(value) ? "not recorded" : `${percent(now)} since the onset, ${percent(then)} in the fortnight before`;
    return { value, threshold: 1 - parameters.minPresentRatio, unit: "of hours", note };
  };
  return [
    atLeast("present", "Are there data on the days since?", present(numbers.presentRatio)),
    atLeast("present_before", "Are there data on the four weeks before?", present(numbers.presentBeforeRatio)),
    atMost("onset_seen", "Is the onset seen, rather than hidden in a gap (outage, exchange of the meter)?", {
      value: isBuildup ? Number.NaN : Math.max(...meters.map((meter) => gapAround(view, meter, onset.utcHour))),
      threshold: parameters.maxOnsetGapHours,
      unit: "hours",
      note: isBuildup ? `${doesNotApply}a build-up begins at no certain hour` : undefined,
    }),
    atMost("not_estimated", "Are the readings measured rather than estimated?", share("estimatedRatio")),
    atMost("not_frozen", "Does every hour differ from the one before, as a true load does?", share("frozenRatio")),
    atMost("believable", "Are the readings believable (no register, sign or unit fault)?", share("unbelievableRatio")),
  ];
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

/** A meter with the bounds of what it can believably read, kW. */
interface BoundedMeter {
  readonly slot: number;
  readonly lowKw: number;
  readonly highKw: number;
}

/** The meter itself; of a balance the parent and every meter below it that it is made of. */
function metersOf({ judged, stream }: Assessment): BoundedMeter[] {
  const { block, fit } = judged;
  const { lowKw, highKw } = fit.scale.limits;
  const streams = stream < block.meterCount ? [stream] : [block.parents[stream], ...block.children[stream]];
  return streams.map((own) => ({ slot: block.slots[own], lowKw: lowKw[own], highKw: highKw[own] }));
}

/** First UTC hour after the judged day, by the meter's own clock. */
function endHourOf({ judged, stream, civilDay }: Assessment): number {
  const { calendar } = judged.fit;
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const last = (civilDay - calendar.firstDay) * 24 + 23;
  return Math.max(table[last], table[last - 1]) + 1;
}

function fatesOf(view: GroupView, { slot, lowKw, highKw }: BoundedMeter, fromHour: number, toHour: number): HourFates {
  let previous = Number.NaN;
  let run = 1;
  let frozen = 0;
  let unbelievable = 0;
  for (let hour = fromHour - frozenHours + 1; hour < toHour; hour++) {
    const kw = hourKw(view, slot, hour);
    run = kw === previous ? run + 1 : 1;
    previous = kw;
    if (hour < fromHour) continue;
    if (run >= frozenHours) frozen += 1;
    else if (kw <= 0 || kw < lowKw || kw > highKw) unbelievable += 1;
  }
  const hours = toHour - fromHour;
  return {
    estimatedRatio: estimatedHours(view, slot, fromHour, toHour) / hours,
    frozenRatio: frozen / hours,
    unbelievableRatio: unbelievable / hours,
  };
}

/** Hours lost to estimates; they are counted by UTC day, so the days at the ends count by their part. NaN = no day says. */
function estimatedHours(view: GroupView, slot: number, fromHour: number, toHour: number): number {
  let hours = Number.NaN;
  for (let utcDay = Math.floor(fromHour / 24); utcDay * 24 < toHour; utcDay++) {
    const page = view.estimatedPage(utcDay);
    if (page === undefined) continue;
    const part = (Math.min(toHour, (utcDay + 1) * 24) - Math.max(fromHour, utcDay * 24)) / 24;
    hours = (Number.isNaN(hours) ? 0 : hours) + page[slot] * part;
  }
  return hours;
}

/** Longest run of hours without a value of which one is within a day of the onset. */
function gapAround(view: GroupView, { slot }: BoundedMeter, onsetHour: number): number {
  const isMissing = (hour: number): boolean => Number.isNaN(hourKw(view, slot, hour));
  let longest = 0;
  for (let hour = onsetHour - aroundHours; hour <= onsetHour + aroundHours; hour++) {
    if (!isMissing(hour)) continue;
    let from = hour;
    while (hour - from < fortnightHours && isMissing(from - 1)) from -= 1;
    while (hour - from < fortnightHours && isMissing(hour + 1)) hour += 1;
    longest = Math.max(longest, hour - from + 1);
  }
  return longest;
}
