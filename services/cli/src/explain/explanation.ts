import { formatInstant, type GridEvent, HOUR_MS, type Meter, parseInstant, type Permit } from "@hashwatt/contracts";
import type { InspectedStep, MeterInspection, StepStatistic } from "@hashwatt/pipeline";
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

export function createExplanation(source: ExplanationSource): Explanation {
  const { meterId, meters, permits, events, findings, untilDay } = source;
  const meter = meters.find((one) => one.meterId === meterId)!;
  const streams = source.streams.map((record) => explainStream(record, meterId, findings, untilDay));
  return {
    meter,
    parent: meters.find((one) => one.meterId === meter.parentId),
    childCount: meters.filter((one) => one.parentId === meterId).length,
    neighbourCount: meters.filter((one) => one.areaId === meter.areaId).length - 1,
    localTime: localTimeIn(meter.timeZone),
    streams: streams.toSorted((a, b) => weight(b) - weight(a)),
    permits: permits.filter((permit) => permit.meterId === meterId),
    events: events.filter((event) => concerns(event, meter)).toSorted((a, b) => parseInstant(a.from) - parseInstant(b.from)),
  };
}

/** A raised step before any other, then the likelier one. */
function weight({ focus }: StreamExplanation): number {
  const step = focus?.step;
  return step === undefined ? -1 : step.score + (step.isRaised ? 1 : 0);
}

function concerns(event: GridEvent, meter: Meter): boolean {
  if (event.meterId === meter.meterId || event.counterpartMeterId === meter.meterId) return true;
  if (event.meterId !== null) return false;
  return event.areaId === null || event.areaId === meter.areaId;
}

function explainStream(
  record: StreamRecord,
  meterId: string,
  findings: readonly Finding[],
  untilDay: number | undefined,
): StreamExplanation {
  const focus = chooseFocus(record, untilDay);
  const lastDay = Math.max(...record.hours.keys());
  const toDay = Math.min(lastDay, focus ? focus.judgedDay + daysAfter : lastDay);
  const fromDay = focus && !Number.isNaN(focus.meanKw) ? focus.series.firstDay : toDay - daysUnjudged;
  return {
    kind: record.kind,
    fromDay: Math.max(fromDay, firstDayWithData(record)),
    toDay,
    days: explainDays(record, focus),
    focus,
    finding: focus?.step && findings.find((finding) => isOf(finding, meterId, focus.step!)),
  };
}

function firstDayWithData({ hours }: StreamRecord): number {
  const days = [...hours.keys()].filter((day) => hours.get(day)!.actualKw.some((kw) => !Number.isNaN(kw)));
  return days.length > 0 ? Math.min(...days) : Math.min(...hours.keys());
}

/** Of the judgings in question the one that raised the likeliest step; where none raised any, the one that saw the likeliest. */
function chooseFocus({ inspections, lastDay }: StreamRecord, untilDay: number | undefined): MeterInspection | undefined {
  const asked = [...inspections.values()].filter(({ judgedDay }) => untilDay === undefined || judgedDay > lastDay - lookBackDays);
  const raised = asked.filter(({ step }) => step?.isRaised);
  return likeliest(raised.length > 0 ? raised : asked);
}

function isOf({ candidate }: Finding, meterId: string, step: InspectedStep): boolean {
  return (
    candidate.meterId === meterId &&
    candidate.onset === formatInstant(step.onsetHour * HOUR_MS) &&
    (candidate.direction === "up") === step.direction > 0
  );
}

function explainDays(record: StreamRecord, focus: MeterInspection | undefined): ExplainedDay[] {
  const firstDay = firstDayWithData(record);
  return [...record.hours.keys()]
    .filter((day) => day >= firstDay)
    .toSorted((a, b) => a - b)
    .map((day) => explainDay(day, hoursOf(record, focus, day), record.statistics.get(day) ?? []));
}

/** Up to the judging as it saw the hours, after it as they were seen later. */
function hoursOf({ hours }: StreamRecord, focus: MeterInspection | undefined, day: number): DayHours {
  const i = focus ? day - focus.series.firstDay : -1;
  if (focus === undefined || i < 0 || i >= focus.series.days) return hours.get(day)!;
  const of = (values: Float32Array) => values.subarray(i * 24, i * 24 + 24);
  return { actualKw: of(focus.series.actualKw), expectedKw: of(focus.series.expectedKw) };
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
