import type { ExplainedDay } from "./explanation.ts";
import {
  area,
  chart,
  type ChartText,
  chartWidth,
  dayTicks,
  leftSide,
  line,
  type Point,
  type PowerUnit,
  rightSide,
  text,
  valueAxis,
} from "./drawing.ts";
import { type Markup, nothing } from "./markup.ts";
import { type DayAxis, dayAxis, loadScale } from "./scale.ts";
import { drawLanes, drawMarks, lanesHeight, type TimeMarks } from "./time-marks.ts";

const top = 34;
const bottom = 264;

/** Daily mean within its minimum and maximum, beside the expected load; the difference since the onset is filled. */
export function loadChart(days: readonly ExplainedDay[], axis: DayAxis, marks: TimeMarks, unit: PowerUnit, words: ChartText): Markup {
  const values = days.flatMap(({ minKw, maxKw, expectedMeanKw }) => [minKw, maxKw, expectedMeanKw]).map((kw) => kw / unit.kw);
  const scale = loadScale(values, bottom, top);
  const points = (of: (day: ExplainedDay) => number): Point[] =>
    days.map((day) => [axis(day.day) + axis.dayWidth / 2, scale(of(day) / unit.kw)]);
  const onset = marks.onset ?? Infinity;
  const since = (of: (day: ExplainedDay) => number) => points((day) => (day.day + 0.5 >= onset ? of(day) : Number.NaN));
  const height = bottom + 30 + lanesHeight(marks);
  return chart(words, chartWidth, height, [
    ...valueAxis(scale, axis.left, axis.right, unit.name),
    area(
      "band",
      points(({ maxKw }) => maxKw),
      points(({ minKw }) => minKw),
    ),
    area(
      "excess",
      since(({ meanKw }) => meanKw),
      since(({ expectedMeanKw }) => expectedMeanKw),
    ),
    line(
      "expected",
      points(({ expectedMeanKw }) => expectedMeanKw),
    ),
    line(
      "load",
      points(({ meanKw }) => meanKw),
    ),
    values.some((value) => value > scale.high || value < scale.low) ? text("tick", axis.left + 4, top - 6, "spikes are cut off") : nothing,
    ...drawMarks(axis, marks, top, bottom, true),
    ...dayTicks(axis, bottom),
    ...drawLanes(axis, marks, bottom + 26),
  ]);
}

const overviewTop = 20;
const overviewBottom = 74;

/** Daily means of the whole record, the shown days framed. */
export function overviewChart(days: readonly ExplainedDay[], shown: DayAxis, marks: TimeMarks, unit: PowerUnit, words: ChartText): Markup {
  const axis = dayAxis(days[0].day, days.at(-1)!.day, leftSide, chartWidth - rightSide);
  const values = days.map(({ meanKw }) => meanKw / unit.kw);
  const scale = loadScale(values, overviewBottom, overviewTop, 2);
  const frame = { x: axis(shown.fromDay), width: axis(shown.toDay + 1) - axis(shown.fromDay) };
  return chart(words, chartWidth, overviewBottom + 24, [
    {
      html: `<rect class="frame" x="${frame.x.toFixed(1)}" y="${overviewTop}" width="${frame.width.toFixed(1)}" height="${overviewBottom - overviewTop}"/>`,
    },
    ...valueAxis(scale, axis.left, axis.right, unit.name),
    line(
      "load thin",
      days.map(({ day, meanKw }): Point => [axis(day) + axis.dayWidth / 2, scale(meanKw / unit.kw)]),
    ),
    ...drawMarks(axis, { ...marks, events: [] }, overviewTop, overviewBottom),
    ...dayTicks(axis, overviewBottom),
  ]);
}
