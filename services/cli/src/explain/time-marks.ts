import { type GridEvent, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import type { Explanation, StreamExplanation } from "./explanation.ts";
import { dayName, type LocalTime, power, shortDay } from "./format.ts";
import { text } from "./drawing.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import type { DayAxis } from "./scale.ts";

/** What every time axis of a stream marks. Local days with fractions. */
export interface TimeMarks {
  /** undefined = no step to speak of. */
  readonly onset: number | undefined;
  /** End of the day whose judging the page turns on. */
  readonly judged: number | undefined;
  readonly isRaised: boolean;
  readonly direction: 1 | -1;
  readonly events: readonly MarkedEvent[];
  readonly permits: readonly MarkedPermit[];
}

export interface MarkedEvent {
  /** "A" to "Z", then "A1". */
  readonly letter: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface MarkedPermit {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export function timeMarks(explanation: Explanation, { focus, fromDay, toDay }: StreamExplanation): TimeMarks {
  const { localTime, events, permits, meter } = explanation;
  const at = (instant: string | null): number => (instant === null ? toDay + 1 : localDay(localTime, parseInstant(instant)));
  const step = focus?.step;
  return {
    onset: step && localDay(localTime, step.onsetHour * HOUR_MS),
    judged: focus && step ? focus.judgedDay + 1 : undefined,
    isRaised: step?.isRaised === true,
    direction: step?.direction ?? 1,
    events: events
      .map((event) => ({ event, from: at(event.from), to: Math.min(at(event.to), toDay + 1) }))
      .filter(({ from, to }) => from < toDay + 1 && to > fromDay)
      .map(({ event, from, to }, i) => ({
        letter: letterOf(i),
        from: Math.max(from, fromDay),
        to: Math.max(to, fromDay),
        label: `${dayName(Math.floor(from))}: ${eventName(event, meter.meterId)}`,
      })),
    permits: permits
      .map(({ permitId, maxKw, validFrom, validTo }) => ({
        from: at(validFrom),
        to: Math.min(at(validTo), toDay + 1),
        label: `${permitId}: up to ${power(maxKw)} from ${dayName(Math.floor(at(validFrom)))}${validTo === null ? "" : ` to ${dayName(Math.floor(at(validTo)))}`}`,
      }))
      .filter(({ from, to }) => from < toDay + 1 && to > fromDay)
      .map((permit) => ({ ...permit, from: Math.max(permit.from, fromDay) })),
  };
}

function localDay(localTime: LocalTime, ms: number): number {
  const { day, hour } = localTime(ms);
  return day + hour / 24;
}

function letterOf(i: number): string {
  return String.fromCharCode(65 + (i % 26)) + (i < 26 ? "" : String(Math.floor(i / 26)));
}

const kinds: Record<GridEvent["kind"], string> = {
  switching: "load switched",
  outage: "outage",
  curtailment: "order to reduce load",
  internet_outage: "internet outage",
  inspection: "inspection",
  holiday: "holiday",
};

function eventName({ kind, meterId, counterpartMeterId, areaId }: GridEvent, own: string): string {
  const other = meterId === own ? counterpartMeterId : meterId;
  const place =
    meterId !== null || counterpartMeterId !== null
      ? `at this meter${other === null || other === own ? "" : ` and ${other}`}`
      : areaId === null
        ? "everywhere"
        : `in ${areaId}`;
  return `${kinds[kind]} ${place}`;
}

/** Vertical lines through a chart: events thin, onset and judging strong; `isLabelled` names them above. */
export function drawMarks(axis: DayAxis, marks: TimeMarks, top: number, bottom: number, isLabelled = false): Markup[] {
  const rule = (className: string, day: number) =>
    markup`<line class="${className}" x1="${axis(day)}" x2="${axis(day)}" y1="${top}" y2="${bottom}"/>`;
  const { onset, judged } = marks;
  const isShown = onset !== undefined && onset >= axis.fromDay;
  return [
    ...marks.events.map(({ from }) => rule("mark-event", from)),
    isShown ? rule("mark-onset", onset) : nothing,
    judged === undefined ? nothing : rule("mark-judged", judged),
    ...(isLabelled ? nameMarks(axis, marks, top) : []),
  ];
}

/** Width that the longest name takes, px. */
const nameWidth = 120;

function nameMarks(axis: DayAxis, { onset, judged, isRaised, direction }: TimeMarks, top: number): Markup[] {
  const names: Markup[] = [];
  if (onset !== undefined && onset >= axis.fromDay)
    names.push(text("mark end", axis(onset) - 4, top - 6, `load ${direction > 0 ? "appears" : "ceases"} ${shortDay(Math.floor(onset))}`));
  if (judged === undefined) return names;
  // near the right edge the name goes left, a line above that of the onset
  const isNearEdge = axis(judged) > axis.right - nameWidth;
  const name = `${isRaised ? "raised" : "judged"} ${shortDay(judged - 1)}`;
  names.push(isNearEdge ? text("mark end", axis(judged), top - 21, name) : text("mark", axis(judged) + 4, top - 6, name));
  return names;
}

const laneHeight = 18;
/** Letters of events that are closer move right. */
const letterWidth = 11;

/** Height that the lanes of events and permits take below a chart. */
export function lanesHeight({ events, permits }: TimeMarks): number {
  return (events.length > 0 ? laneHeight : 0) + permits.length * laneHeight;
}

/** Events as letters at their time, and a bar a permit. */
export function drawLanes(axis: DayAxis, { events, permits }: TimeMarks, top: number): Markup[] {
  const firstPermit = top + (events.length > 0 ? laneHeight : 0);
  let free = Number.NEGATIVE_INFINITY;
  const marked = events.map(({ from, to, letter }) => {
    const x = axis(from);
    const letterX = Math.max(x + 3, free);
    free = letterX + letterWidth;
    return markup`<rect class="event-span" x="${x}" y="${top + 2}" width="${Math.max(2, axis(to) - x)}" height="12"/>
<text class="event-letter" x="${letterX}" y="${top + 12}">${letter}</text>`;
  });
  return [
    ...marked,
    ...permits.map(({ from, to, label }, i) => {
      const y = firstPermit + i * laneHeight;
      return markup`<rect class="permit-span" x="${axis(from)}" y="${y + 2}" width="${Math.max(2, axis(to) - axis(from))}" height="14"/>
<text class="permit-label${axis(from) > axis.right - 260 ? " end" : ""}" x="${axis(from) > axis.right - 260 ? axis.right - 4 : axis(from) + 4}" y="${y + 13}">${label}</text>`;
    }),
  ];
}
