import { significant } from "./format.ts";
import { type Markup, markup, nothing, shortNumber } from "./markup.ts";
import type { DayAxis, Scale } from "./scale.ts";

/** Width of a full chart and the sides that axis texts need, user units: 1 unit = 1 px on a 1180 px wide window. */
export const chartWidth = 1100;
export const leftSide = 62;
export const rightSide = 14;

export interface ChartText {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What somebody who cannot see the chart should know. */
  readonly description: string;
}

/** An SVG with its text alternative, in a box that scrolls where the window is too narrow to read it. */
export function chart({ id, title, description }: ChartText, width: number, height: number, content: readonly Markup[]): Markup {
  return markup`<div class="chart" tabindex="0" role="group" aria-label="${title}"><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d" style="max-width:${width}px;min-width:${0.65 * width}px">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${content}
</svg></div>`;
}

/** What the colours of a chart mean: a swatch's class and its words. */
export function colourKey(entries: readonly (readonly [swatch: string, words: string])[]): Markup {
  const items = entries.map(([swatch, words]) => markup`<span class="entry"><span class="swatch ${swatch}-swatch"></span>${words}</span>`);
  return markup`<p class="key">${items}</p>`;
}

export type Point = readonly [x: number, y: number];

/** A path through the points; a point that is no number breaks the line. */
export function line(className: string, points: readonly Point[]): Markup {
  let path = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (Number.isNaN(x) || Number.isNaN(y)) {
      pen = "M";
      continue;
    }
    path += `${pen}${shortNumber(x)} ${shortNumber(y)}`;
    pen = "L";
  }
  return path === "" ? nothing : markup`<path class="${className}" d="${path}"/>`;
}

/** The area between two lines of the same x; broken where either is no number. */
export function area(className: string, upper: readonly Point[], lower: readonly Point[]): Markup {
  let path = "";
  for (let start = 0; start < upper.length; start++) {
    let end = start;
    while (end < upper.length && !Number.isNaN(upper[end][1]) && !Number.isNaN(lower[end][1])) end++;
    if (end - start >= 2) {
      const outline = [...upper.slice(start, end), ...lower.slice(start, end).toReversed()];
      path += `M${outline.map(([x, y]) => `${shortNumber(x)} ${shortNumber(y)}`).join("L")}Z`;
    }
    start = Math.max(start, end);
  }
  return path === "" ? nothing : markup`<path class="${className}" d="${path}"/>`;
}

export function text(className: string, x: number, y: number, content: string): Markup {
  return markup`<text class="${className}" x="${x}" y="${y}">${content}</text>`;
}

export function gridLines(scale: Scale, left: number, right: number): Markup[] {
  return scale.ticks.map(
    (tick) => markup`<line class="grid${tick === 0 ? " zero" : ""}" x1="${left}" x2="${right}" y1="${scale(tick)}" y2="${scale(tick)}"/>`,
  );
}

/** Grid lines with numbers at the left, and the unit above them. */
export function valueAxis(scale: Scale, left: number, right: number, unit: string): Markup[] {
  return [
    ...gridLines(scale, left, right),
    ...scale.ticks.map((tick) => text("tick end", left - 6, scale(tick) + 4, tickText(tick))),
    unit === "" ? nothing : text("tick end unit", left - 6, scale(scale.high) - 10, unit),
  ];
}

function tickText(tick: number): string {
  return Number.isInteger(tick) ? String(tick).replace("-", "−") : significant(tick);
}

/** Dates below a chart, with a small tick at each. */
export function dayTicks(axis: DayAxis, bottom: number): Markup[] {
  return axis.ticks
    .filter(({ day }) => axis(day) < axis.right - 24)
    .map(
      ({ day, label }) => markup`<line class="tickmark" x1="${axis(day)}" x2="${axis(day)}" y1="${bottom}" y2="${bottom + 5}"/>
<text class="tick" x="${axis(day)}" y="${bottom + 18}">${label}</text>`,
    );
}

/** Local hours 0 to 24 below a chart. */
export function hourTicks(x: (hour: number) => number, bottom: number, every = 3): Markup[] {
  return Array.from({ length: 24 / every + 1 }, (_, i) => i * every).map(
    (hour) => markup`<line class="tickmark" x1="${x(hour)}" x2="${x(hour)}" y1="${bottom}" y2="${bottom + 5}"/>
<text class="tick middle" x="${x(hour)}" y="${bottom + 18}">${String(hour)}</text>`,
  );
}

/** kW or MW for a whole chart, so that its axis has short numbers. */
export interface PowerUnit {
  readonly name: "kW" | "MW";
  readonly kw: number;
}

export function powerUnit(largestKw: number): PowerUnit {
  return largestKw >= 2000 ? { name: "MW", kw: 1000 } : { name: "kW", kw: 1 };
}
