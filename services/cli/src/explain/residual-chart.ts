import type { ExplainedDay } from "./explanation.ts";
import { chart, type ChartText, chartWidth, dayTicks, type PowerUnit, valueAxis } from "./drawing.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import { type DayAxis, extent, linearScale } from "./scale.ts";
import { drawMarks, type TimeMarks } from "./time-marks.ts";

const top = 18;
const bottom = 146;

/** Daily mean of load less expected load as bars from zero, with the band in which it keeps when nothing happens. */
export function residualChart(days: readonly ExplainedDay[], axis: DayAxis, marks: TimeMarks, unit: PowerUnit, words: ChartText): Markup {
  const residuals = days.map(({ meanKw, expectedMeanKw }) => meanKw - expectedMeanKw);
  const [low, high] = extent(residuals.map((kw) => kw / unit.kw));
  const scale = linearScale(Math.min(0, low), Math.max(0, high), bottom, top);
  const usualKw = usualResidual(days, marks.onset);
  const bars = days.map((day, i) => {
    if (Number.isNaN(residuals[i])) return nothing;
    const [from, to] = [scale(Math.max(0, residuals[i] / unit.kw)), scale(Math.min(0, residuals[i] / unit.kw))];
    const width = Math.max(0.6, axis.dayWidth - 1);
    return markup`<rect class="${residuals[i] >= 0 ? "above" : "below"}" x="${axis(day.day) + 0.5}" y="${from}" width="${width}" height="${Math.max(0.5, to - from)}"/>`;
  });
  return chart(words, chartWidth, bottom + 26, [
    ...valueAxis(scale, axis.left, axis.right, unit.name),
    Number.isNaN(usualKw)
      ? nothing
      : markup`<rect class="usual" x="${axis.left}" y="${scale(usualKw / unit.kw)}" width="${axis.right - axis.left}" height="${scale(-usualKw / unit.kw) - scale(usualKw / unit.kw)}"/>`,
    ...bars,
    ...drawMarks(axis, marks, top, bottom),
    ...dayTicks(axis, bottom),
  ]);
}

/** 90 % of the days before the onset keep within this of the expectation, kW; NaN = fewer than 14 days. */
export function usualResidual(days: readonly ExplainedDay[], onset = Number.POSITIVE_INFINITY): number {
  const sizes = days
    .filter(({ day }) => day + 1 <= onset)
    .map(({ meanKw, expectedMeanKw }) => Math.abs(meanKw - expectedMeanKw))
    .filter((kw) => !Number.isNaN(kw))
    .toSorted((a, b) => a - b);
  return sizes.length < 14 ? Number.NaN : sizes[Math.floor(0.9 * sizes.length)];
}
