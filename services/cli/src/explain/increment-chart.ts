import type { InspectedStep } from "@hashwatt/pipeline";
import { panelChartWidth } from "./day-profile-chart.ts";
import { area, chart, type ChartText, hourTicks, line, type Point, type PowerUnit, valueAxis } from "./drawing.ts";
import { type Markup, markup } from "./markup.ts";
import { linearScale } from "./scale.ts";

const width = panelChartWidth;
const top = 40;
const bottom = 230;
const left = 56;
const right = width - 14;
/** A normal number is within so many deviations 9 times in 10. */
const ninetyPercent = 1.645;

/** The step hour by hour, the template that was fitted to it, and the noise around the template that the shape test allows for. */
export function incrementChart(step: InspectedStep, unit: PowerUnit, words: ChartText): Markup {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const template = hours.map((hour) => step.running[hour] * step.templateKw);
  const high = hours.map((hour) => template[hour] + ninetyPercent * step.noiseKw[hour]);
  const low = hours.map((hour) => template[hour] - ninetyPercent * step.noiseKw[hour]);
  const values = [...step.incrementKw, ...high, ...low];
  const scale = linearScale(Math.min(0, ...values) / unit.kw, Math.max(1e-6, ...values) / unit.kw, bottom, top);
  const x = (hour: number): number => left + (hour / 24) * (right - left);
  const steps = (of: readonly number[]): Point[] =>
    hours.flatMap((hour): Point[] => [
      [x(hour), scale(of[hour] / unit.kw)],
      [x(hour + 1), scale(of[hour] / unit.kw)],
    ]);
  const bars = hours.map((hour) => {
    const kw = step.incrementKw[hour] / unit.kw;
    const [up, down] = [scale(Math.max(0, kw)), scale(Math.min(0, kw))];
    return markup`<rect class="${kw >= 0 ? "above" : "below"}" x="${x(hour) + 2}" y="${up}" width="${x(1) - x(0) - 4}" height="${Math.max(0.5, down - up)}"/>`;
  });
  return chart(words, width, bottom + 28, [
    ...valueAxis(scale, left, right, unit.name),
    ...bars,
    area("template-band", steps(high), steps(low)),
    line("template", steps(template)),
    ...hourTicks(x, bottom),
  ]);
}
