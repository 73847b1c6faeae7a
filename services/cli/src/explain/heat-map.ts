import type { ExplainedDay } from "./explanation.ts";
import { chart, type ChartText, chartWidth, dayTicks, text } from "./drawing.ts";
import { power } from "./format.ts";
import { type Markup, markup, shortNumber } from "./markup.ts";
import type { DayAxis } from "./scale.ts";
import { drawMarks, type TimeMarks } from "./time-marks.ts";

const top = 10;
const hourHeight = 7;
const bottom = top + 24 * hourHeight;

/** Colours either side of none: blue below the expectation, orange above it, stronger the further. */
export const heatSteps = 5;

/** Difference that has the strongest colour, kW: a quarter above the step, or what a twentieth of the hours exceeds. */
export function heatLimit(days: readonly ExplainedDay[], stepKw: number): number {
  const sizes = days
    .flatMap(({ actualKw, expectedKw }) => Array.from(actualKw, (kw, hour) => Math.abs(kw - expectedKw[hour])))
    .filter((kw) => !Number.isNaN(kw))
    .toSorted((a, b) => a - b);
  return Math.max(1.25 * Math.abs(stepKw), sizes[Math.floor(0.95 * sizes.length)] ?? 0, 1e-6);
}

/** Load less expected load by local day and hour; a cell without data is hatched. Cells of one colour are one path. */
export function heatMap(days: readonly ExplainedDay[], axis: DayAxis, marks: TimeMarks, limitKw: number, words: ChartText): Markup {
  const paths = new Map<string, string>();
  for (const { day, actualKw, expectedKw } of days) {
    const x = axis(day);
    for (let hour = 0; hour < 24; ) {
      const colour = colourOf(actualKw[hour] - expectedKw[hour], limitKw);
      let end = hour + 1;
      while (end < 24 && colourOf(actualKw[end] - expectedKw[end], limitKw) === colour) end++;
      const cell = `M${shortNumber(x)} ${top + hour * hourHeight}H${shortNumber(axis(day + 1) + 0.3)}v${(end - hour) * hourHeight}H${shortNumber(x)}z`;
      paths.set(colour, (paths.get(colour) ?? "") + cell);
      hour = end;
    }
  }
  const hours = [0, 6, 12, 18, 24].map((hour) => text("tick end", axis.left - 6, top + hour * hourHeight + 4, `${hour} h`));
  return chart(words, chartWidth, bottom + 26, [
    ...[...paths].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([colour, path]) => markup`<path class="heat ${colour}" d="${path}"/>`),
    ...hours,
    ...drawMarks(axis, { ...marks, events: [] }, top, bottom),
    ...dayTicks(axis, bottom),
  ]);
}

/** Class of a difference: h-5 to h5, or `hx` where there is none. */
function colourOf(kw: number, limitKw: number): string {
  if (Number.isNaN(kw)) return "hx";
  const level = Math.round((kw / limitKw) * heatSteps);
  return `h${Math.max(-heatSteps, Math.min(heatSteps, level)) + 0}`;
}

/** Colour key in words and numbers. */
export function heatLegend(limitKw: number): Markup {
  const width = 22;
  const cells = Array.from({ length: 2 * heatSteps + 1 }, (_, i) => i - heatSteps).map(
    (level, i) => markup`<rect class="heat h${String(level)}" x="${i * width}" y="0" width="${width}" height="12"/>`,
  );
  const limit = power(limitKw);
  return markup`<p class="key"><span class="entry">−${limit} below expected <svg class="key-bar" viewBox="0 0 ${width * cells.length} 12" width="${width * cells.length}" height="12" aria-hidden="true">${cells}</svg> +${limit} above expected</span><span class="entry"><span class="swatch hx-swatch"></span>no usable data</span></p>`;
}
