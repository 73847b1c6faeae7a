import { formatInstant, type GridEvent, HOUR_MS, type Meter, parseInstant, type Permit } from "@hashwatt/contracts";
import type { MeterInspection, StepStatistic } from "@hashwatt/pipeline";
import type { Finding } from "../run/collect-findings.ts";
import { type LocalTime, localTimeIn } from "./format.ts";
import { type DayHours, likeliest, type StreamRecord } from "./meter-record.ts";

/** All that the page of one meter shows. Built from a run, drawn without another look at it. */
export interface Explanation {
  readonly meter: Meter;
  readonly parent: Meter | undefined;
  readonly childCount: number;
  /** Other meters of the area. */
  readonly neighbourCount: number;
  readonly localTime: LocalTime;
  /** The stream the page is about first. Empty where no day was judged. */
  readonly streams: readonly StreamExplanation[];
  readonly permits: readonly Permit[];
  readonly events: readonly GridEvent[];
  /** Everything that was said about the meter, in order of its onsets. */
  readonly findings: readonly Finding[];
}

export interface StreamExplanation {
  readonly kind: "meter" | "balance";
  /** Local days [fromDay, toDay] that the charts show in detail. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Every day on record, in order. */
  readonly days: readonly ExplainedDay[];
  /** The judging that the page turns on, and the step it saw. */
  readonly focus: MeterInspection | undefined;
  /** What became of the focus' step, where it was raised and not taken back without a trace. */
  readonly finding: Finding | undefined;
}

export interface ExplainedDay extends DayHours {
  readonly day: number;
  /** Daily numbers, kW; NaN = fewer than 12 hours. `expectedMeanKw` is the mean less the mean residual of the hours that have both. */
  readonly meanKw: number;
  readonly minKw: number;
  readonly maxKw: number;
  readonly expectedMeanKw: number;
  /** Of the judging of this day; empty = not judged. */
  readonly statistics: readonly StepStatistic[];
}

export interface ExplanationSource {
  readonly meterId: string;
  readonly meters: readonly Meter[];
  readonly permits: readonly Permit[];
  readonly events: readonly GridEvent[];
  readonly findings: readonly Finding[];
  readonly streams: readonly StreamRecord[];
  /** The day asked for; undefined = the day of the candidate, else the likeliest day. */
  readonly untilDay: number | undefined;
}

/** A step is judged to an age of 35 days: of a day asked for, what was seen in the five weeks before it is still its business. */
const lookBackDays = 35;
/** Days shown after the judging: to see whether the load stayed. */
const daysAfter = 45;
/** Days shown where nothing was judged. */
const daysUnjudged = 120;
const minHours = 12;
/** Onsets that are closer are of the same step. */
const sameStepHours = 72;

export function createExplanation(source: ExplanationSource): Explanation {
  const { meterId, meters, permits, events, findings, untilDay } = source;
  const meter = meters.find((one) => one.meterId === meterId)!;
  const localTime = localTimeIn(meter.timeZone);
  const own = findings.filter(
    (finding) => finding.candidate.meterId === meterId && (untilDay === undefined || isOnRecord(finding, source.streams)),
  );
  const streams = source.streams.map((record) => explainStream(record, own, untilDay, localTime));
  return {
    meter,
    parent: meters.find((one) => one.meterId === meter.parentId),
    childCount: meters.filter((one) => one.parentId === meterId).length,
    neighbourCount: meters.filter((one) => one.areaId === meter.areaId).length - 1,
    localTime,
    streams: streams.toSorted((a, b) => weight(b) - weight(a)),
    permits: permits.filter((permit) => permit.meterId === meterId),
    events: events.filter((event) => concerns(event, meter)).toSorted((a, b) => parseInstant(a.from) - parseInstant(b.from)),
    findings: own.toSorted((a, b) => parseInstant(a.candidate.onset) - parseInstant(b.candidate.onset)),
  };
}

/** A raised step before any other, then the likelier one. */
function weight({ focus, finding }: StreamExplanation): number {
  const step = focus?.step;
  return step === undefined ? -1 : step.score + (step.isRaised ? 1 : 0) + (finding?.isAlarm ? 1 : 0);
}

function concerns(event: GridEvent, meter: Meter): boolean {
  if (event.meterId === meter.meterId || event.counterpartMeterId === meter.meterId) return true;
  if (event.meterId !== null) return false;
  return event.areaId === null || event.areaId === meter.areaId;
}

function explainStream(
  record: StreamRecord,
  findings: readonly Finding[],
  untilDay: number | undefined,
  localTime: LocalTime,
): StreamExplanation {
  const focus = chooseFocus(record, findings, untilDay);
  const lastDay = Math.max(...record.hours.keys());
  const toDay = Math.min(lastDay, focus ? focus.judgedDay + daysAfter : lastDay);
  const fromDay = focus && !Number.isNaN(focus.meanKw) ? focus.series.firstDay : toDay - daysUnjudged;
  return {
    kind: record.kind,
    fromDay: Math.max(fromDay, firstDayWithData(record)),
    toDay,
    days: explainDays(record, focus, localTime),
    focus,
    finding: focus && findingOf(focus, findings),
  };
}

function firstDayWithData({ hours }: StreamRecord): number {
  const days = [...hours.keys()].filter((day) => hours.get(day)!.actualKw.some((kw) => !Number.isNaN(kw)));
  return days.length > 0 ? Math.min(...days) : Math.min(...hours.keys());
}

/** Of the judgings in question one that raised a live alarm, else one that raised a step, else any: the likeliest of them. */
function chooseFocus(
  { inspections, lastDay }: StreamRecord,
  findings: readonly Finding[],
  untilDay: number | undefined,
): MeterInspection | undefined {
  const asked = [...inspections.values()].filter(({ judgedDay }) => untilDay === undefined || judgedDay > lastDay - lookBackDays);
  const raised = asked.filter(({ step }) => step?.isRaised);
  const alarms = raised.filter((inspection) => findingOf(inspection, findings)?.isAlarm);
  return likeliest([alarms, raised, asked].find((some) => some.length > 0) ?? []);
}

function findingOf(inspection: MeterInspection, findings: readonly Finding[]): Finding | undefined {
  return findings.find((finding) => isFrom(finding, inspection));
}

function isFrom({ candidate }: Finding, { step }: MeterInspection): boolean {
  if (step?.isRaised !== true) return false;
  return candidate.onset === formatInstant(step.onsetHour * HOUR_MS) && (candidate.direction === "up") === step.direction > 0;
}

/** The run may have judged some days beyond the one asked for: what they raised was not known. */
function isOnRecord(finding: Finding, streams: readonly StreamRecord[]): boolean {
  return streams.some(({ inspections }) => [...inspections.values()].some((inspection) => isFrom(finding, inspection)));
}

function explainDays(record: StreamRecord, focus: MeterInspection | undefined, localTime: LocalTime): ExplainedDay[] {
  const firstDay = firstDayWithData(record);
  const earlier = focus ? earlierLoads(focus, localTime) : [];
  return [...record.hours.keys()]
    .filter((day) => day >= firstDay)
    .toSorted((a, b) => a - b)
    .map((day) => {
      const { actualKw, expectedKw } = hoursOf(record, focus, day);
      const expected = expectedKw.map((kw, hour) => kw + loadAt(earlier, day, hour));
      return explainDay(day, { actualKw, expectedKw: expected }, record.statistics.get(day) ?? []);
    });
}

/** Up to the judging as it saw the hours, after it as each day's own judging did. */
function hoursOf({ hours }: StreamRecord, focus: MeterInspection | undefined, day: number): DayHours {
  const i = focus ? day - focus.series.firstDay : -1;
  if (focus === undefined || i < 0 || i >= focus.series.days) return hours.get(day)!;
  const of = (values: Float32Array) => values.subarray(i * 24, i * 24 + 24);
  return { actualKw: of(focus.series.actualKw), expectedKw: of(focus.series.expectedKw) };
}

/** Load in local days with fractions. */
interface EarlierLoad {
  readonly from: number;
  readonly to: number;
  readonly profileKw: Float64Array;
}

/** What had been raised before the step of the page is no news of it: it belongs to its expectation. */
function earlierLoads({ series, step }: MeterInspection, localTime: LocalTime): EarlierLoad[] {
  const at = (utcHour: number): number => {
    if (utcHour === Number.POSITIVE_INFINITY) return utcHour;
    const { day, hour } = localTime(utcHour * HOUR_MS);
    return day + hour / 24;
  };
  return series.raised
    .filter(({ onsetHour }) => step !== undefined && onsetHour < step.onsetHour - sameStepHours)
    .map(({ onsetHour, endHour, profileKw }) => ({ from: at(onsetHour), to: at(endHour), profileKw }));
}

function loadAt(loads: readonly EarlierLoad[], day: number, hour: number): number {
  return loads.reduce((kw, { from, to, profileKw }) => (day + hour / 24 >= from && day + hour / 24 < to ? kw + profileKw[hour] : kw), 0);
}

function explainDay(day: number, { actualKw, expectedKw }: DayHours, statistics: readonly StepStatistic[]): ExplainedDay {
  const measured = actualKw.filter((kw) => !Number.isNaN(kw));
  const residuals = actualKw.map((kw, hour) => kw - expectedKw[hour]).filter((kw) => !Number.isNaN(kw));
  const isWhole = measured.length >= minHours;
  const meanKw = isWhole ? mean(measured) : Number.NaN;
  return {
    day,
    actualKw,
    expectedKw,
    meanKw,
    minKw: isWhole ? Math.min(...measured) : Number.NaN,
    maxKw: isWhole ? Math.max(...measured) : Number.NaN,
    expectedMeanKw: residuals.length >= minHours ? meanKw - mean(residuals) : Number.NaN,
    statistics,
  };
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** The days that the charts show in detail; a day that is not on record is empty. */
export function shownDays({ days, fromDay, toDay }: StreamExplanation): ExplainedDay[] {
  const rows = new Map(days.map((row) => [row.day, row]));
  const none = new Float32Array(24).fill(Number.NaN);
  return Array.from(
    { length: toDay - fromDay + 1 },
    (_, i) => rows.get(fromDay + i) ?? explainDay(fromDay + i, { actualKw: none, expectedKw: none }, []),
  );
}
