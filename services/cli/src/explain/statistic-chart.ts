import type { StepStatistic } from "@hashwatt/pipeline";
import type { ExplainedDay } from "./explanation.ts";
import { area, chart, type ChartText, chartWidth, dayTicks, line, type Point, text, valueAxis } from "./drawing.ts";
import type { Markup } from "./markup.ts";
import { type DayAxis, linearScale, type Scale } from "./scale.ts";
import { drawMarks, type TimeMarks } from "./time-marks.ts";

const stripHeight = 92;
const stripGap = 30;
const top = 30;

export const signatureNames: Record<StepStatistic["signature"], string> = {
  flat: "around the clock",
  peak_pause: "pauses in the evening peak",
  night_only: "at night only",
};
const signatures = ["flat", "peak_pause", "night_only"] as const;

/** One strip a template: the step of each day in units of its noise, and the size that was asked of it on that day. */
export function statisticChart(
  days: readonly ExplainedDay[],
  axis: DayAxis,
  marks: TimeMarks,
  direction: 1 | -1,
  words: ChartText,
): Markup {
  const all = days.flatMap(({ statistics }) => statistics.filter((one) => one.direction === direction));
  const high = Math.max(1, ...all.map(({ sigma }) => sigma), ...all.map(({ neededSigma }) => Math.min(neededSigma, 12)));
  const strips = signatures.flatMap((signature, i) => {
    const y = top + i * (stripHeight + stripGap);
    const scale = linearScale(0, high, y + stripHeight, y, 3);
    return strip(days, axis, marks, { signature, direction, scale, y });
  });
  const bottom = top + 3 * stripHeight + 2 * stripGap;
  return chart(words, chartWidth, bottom + 26, [...strips, ...dayTicks(axis, bottom)]);
}

interface Strip {
  readonly signature: StepStatistic["signature"];
  readonly direction: 1 | -1;
  readonly scale: Scale;
  readonly y: number;
}

function strip(days: readonly ExplainedDay[], axis: DayAxis, marks: TimeMarks, { signature, direction, scale, y }: Strip): Markup[] {
  const found = days.map(({ statistics }) => statistics.find((one) => one.signature === signature && one.direction === direction));
  const at = (of: (one: StepStatistic) => number): Point[] =>
    found.map((one, i) => [axis(days[i].day) + axis.dayWidth / 2, one ? scale(of(one)) : Number.NaN]);
  const sigma = at((one) => one.sigma);
  const needed = at((one) => one.neededSigma);
  const cleared = at((one) => (one.sigma >= one.neededSigma ? one.sigma : Number.NaN));
  const zero = sigma.map(([x, sy]): Point => [x, Number.isNaN(sy) ? sy : scale(0)]);
  return [
    ...valueAxis(scale, axis.left, axis.right, ""),
    area("quiet", sigma, zero),
    area("cleared", cleared, zero),
    line("sigma", sigma),
    line("needed", needed),
    text("panel-name", axis.left, y - 7, `Load ${signatureNames[signature]}`),
    ...drawMarks(axis, { ...marks, events: [] }, y, y + stripHeight),
  ];
}
