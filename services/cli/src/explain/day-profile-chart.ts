import type { ExplainedDay } from "./explanation.ts";
import { area, chart, type ChartText, gridLines, hourTicks, line, type Point, type PowerUnit, text, valueAxis } from "./drawing.ts";
import type { Markup } from "./markup.ts";
import { loadScale, type Scale } from "./scale.ts";

export const panelChartWidth = 540;
const width = panelChartWidth;
const top = 40;
const bottom = 230;
const left = 56;
const gap = 36;
const panelWidth = (width - left - gap - 14) / 2;

interface HourMeans {
  readonly actual: number[];
  readonly expected: number[];
}

/** The mean day before the onset and since, each beside the same days' expectation, on one scale. */
export function dayProfileChart(
  before: readonly ExplainedDay[],
  since: readonly ExplainedDay[],
  unit: PowerUnit,
  words: ChartText,
): Markup {
  const panels = [
    { means: hourMeans(before), name: `${before.length} days before` },
    { means: hourMeans(since), name: `${since.length} days since` },
  ];
  const values = panels.flatMap(({ means }) => [...means.actual, ...means.expected]).map((kw) => kw / unit.kw);
  const scale = loadScale(values, bottom, top);
  return chart(words, width, bottom + 28, [
    ...valueAxis(scale, left, left + panelWidth, unit.name),
    ...panels.flatMap(({ means, name }, i) => panel(means, name, left + i * (panelWidth + gap), { scale, unit })),
  ]);
}

/** The numbers of the scale stand at the first panel only. */
function panel(means: HourMeans, name: string, x0: number, { scale, unit }: { scale: Scale; unit: PowerUnit }): Markup[] {
  const x = (hour: number): number => x0 + (hour / 24) * panelWidth;
  const points = (values: readonly number[]): Point[] =>
    values.flatMap((kw, hour): Point[] => [
      [x(hour), scale(kw / unit.kw)],
      [x(hour + 1), scale(kw / unit.kw)],
    ]);
  return [
    ...gridLines(scale, x0, x0 + panelWidth),
    area("excess", points(means.actual), points(means.expected)),
    line("expected", points(means.expected)),
    line("load", points(means.actual)),
    text("panel-name", x0, top - 18, name),
    ...hourTicks(x, bottom, 6),
  ];
}

function hourMeans(days: readonly ExplainedDay[]): HourMeans {
  const sums = { actual: new Float64Array(24), expected: new Float64Array(24), count: new Float64Array(24) };
  for (const { actualKw, expectedKw } of days) {
    for (let hour = 0; hour < 24; hour++) {
      if (Number.isNaN(actualKw[hour]) || Number.isNaN(expectedKw[hour])) continue;
      sums.actual[hour] += actualKw[hour];
      sums.expected[hour] += expectedKw[hour];
      sums.count[hour] += 1;
    }
  }
  const means = (of: Float64Array) => Array.from(of, (sum, hour) => (sums.count[hour] > 0 ? sum / sums.count[hour] : Number.NaN));
  return { actual: means(sums.actual), expected: means(sums.expected) };
}
