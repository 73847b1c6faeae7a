import type { MeterInspection, StepStatistic } from "@hashwatt/pipeline";

/** Hours of one local day, kW, 24 values each; NaN = none. */
export interface DayHours {
  readonly actualKw: Float32Array;
  readonly expectedKw: Float32Array;
}

/** What the judging of a run saw of one stream, day by day. */
export interface StreamRecord {
  readonly kind: MeterInspection["kind"];
  /** Every day as its own judging saw it; days before the first judging as that one saw them. */
  readonly hours: ReadonlyMap<number, DayHours>;
  readonly statistics: ReadonlyMap<number, readonly StepStatistic[]>;
  /** Inspections that a page may turn on: those that raised a step, the likeliest, and the latest. By judged day. */
  readonly inspections: ReadonlyMap<number, MeterInspection>;
  readonly lastDay: number;
}

/** Takes inspections; what was judged again replaces what was said before. */
export interface MeterRecorder {
  take(inspection: MeterInspection): void;
  /** The last day asked for has been judged. */
  isComplete(): boolean;
  /** The meter's own load first, then its balance where it is a parent. */
  streams(): StreamRecord[];
}

/** Days whose inspections are kept whole: a late reading reaches back 60 days at most, and a step is judged to an age of 35. */
const keptDays = 75;

interface OpenRecord extends StreamRecord {
  readonly hours: Map<number, DayHours>;
  readonly statistics: Map<number, readonly StepStatistic[]>;
  readonly inspections: Map<number, MeterInspection>;
  lastDay: number;
}

/** `untilDay`: the record stops when that day has been judged for the first time, so that nothing later is known. */
export function createMeterRecorder(untilDay = Number.POSITIVE_INFINITY): MeterRecorder {
  const records = new Map<MeterInspection["kind"], OpenRecord>();
  return {
    take(inspection) {
      const { kind, judgedDay } = inspection;
      const record = records.get(kind) ?? openRecord(kind);
      records.set(kind, record);
      if (record.lastDay >= untilDay || judgedDay > untilDay) {
        record.lastDay = Math.max(record.lastDay, untilDay);
        return;
      }
      forgetFrom(record, judgedDay);
      record.lastDay = judgedDay;
      keepHours(record, inspection);
      record.statistics.set(judgedDay, inspection.statistics);
      record.inspections.set(judgedDay, inspection);
      prune(record);
    },
    isComplete: () => records.size > 0 && [...records.values()].every(({ lastDay }) => lastDay >= untilDay),
    streams: () => [...records.values()].toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === "meter" ? -1 : 1)),
  };
}

function openRecord(kind: MeterInspection["kind"]): OpenRecord {
  return { kind, hours: new Map(), statistics: new Map(), inspections: new Map(), lastDay: Number.NEGATIVE_INFINITY };
}

function forgetFrom({ statistics, inspections }: OpenRecord, day: number): void {
  for (const map of [statistics, inspections]) for (const key of map.keys()) if (key >= day) map.delete(key);
}

/** A later fit has got used to a step, so it is the first look at a day that counts. */
function keepHours({ hours }: OpenRecord, { series, judgedDay }: MeterInspection): void {
  for (let i = 0; i < series.days; i++) {
    if (hours.has(series.firstDay + i) && series.firstDay + i !== judgedDay) continue;
    const of = (values: Float32Array) => values.slice(i * 24, i * 24 + 24);
    hours.set(series.firstDay + i, { actualKw: of(series.actualKw), expectedKw: of(series.expectedKw) });
  }
}

/** Of the settled days only the raised ones and the likeliest stay: a year of whole inspections would be 10 MB a meter. */
function prune(record: OpenRecord): void {
  const settled = [...record.inspections.values()].filter(
    ({ judgedDay, step }) => judgedDay < record.lastDay - keptDays && step?.isRaised !== true,
  );
  const best = likeliest(settled);
  for (const inspection of settled) if (inspection !== best) record.inspections.delete(inspection.judgedDay);
}

/**
 * What a failed test takes off a step's score when steps are compared: of 29 mines that four development fleets' judging missed, the likeliest
 * step of the meter was the mine 14 times by score alone, 16 times with this.
 */
const failedTestFactor = 0.6;

/** The inspection whose step ranks highest; the later one of equals. */
export function likeliest(inspections: readonly MeterInspection[]): MeterInspection | undefined {
  return inspections.reduce<MeterInspection | undefined>(
    (best, one) => (best === undefined || rankOf(one) >= rankOf(best) ? one : best),
    undefined,
  );
}

function rankOf({ step }: MeterInspection): number {
  return step ? step.score * failedTestFactor ** step.tests.filter(({ verdict }) => verdict === "failed").length : -1;
}
