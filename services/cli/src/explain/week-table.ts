import { type ExplainedDay, mean } from "./explanation.ts";
import type { PowerUnit } from "./drawing.ts";
import { dateParts, dayName, significant } from "./format.ts";
import { type Markup, markup } from "./markup.ts";

const blocks = [0, 4, 8, 12, 16, 20];

/** The charts in numbers, a row a week: for those who cannot see them, and for those who want to copy them. */
export function weekTable(days: readonly ExplainedDay[], direction: 1 | -1, unit: PowerUnit): Markup {
  const weeks = Map.groupBy(days, ({ day }) => day - dateParts(day).weekday);
  const number = (kw: number): string => significant(kw / unit.kw);
  const rows = [...weeks].map(([monday, ofWeek]) => {
    const means = ofWeek.filter(({ meanKw, expectedMeanKw }) => !Number.isNaN(meanKw - expectedMeanKw));
    const residuals = blocks.map((from) => known(ofWeek.flatMap((day) => hoursOf(day, from, from + 4))));
    const strongest = ofWeek
      .flatMap(({ statistics }) => statistics.filter((one) => one.direction === direction))
      .reduce((best, one) => (one.sigma / one.neededSigma > best.sigma / best.neededSigma ? one : best), {
        sigma: Number.NaN,
        neededSigma: 1,
      });
    return markup`<tr><th scope="row">${dayName(monday)}</th><td>${number(known(ofWeek.map(({ meanKw }) => meanKw)))}</td>
<td>${number(known(means.map(({ expectedMeanKw }) => expectedMeanKw)))}</td><td>${number(known(means.map(({ meanKw, expectedMeanKw }) => meanKw - expectedMeanKw)))}</td>
${residuals.map((kw) => markup`<td>${number(kw)}</td>`)}
<td>${Number.isNaN(strongest.sigma) ? "–" : `${significant(strongest.sigma)} of ${significant(strongest.neededSigma)}`}</td></tr>`;
  });
  return markup`<table class="weeks"><caption>Means by week, ${unit.name}; the last column is the strongest step of the week and the size asked of it, in units of its noise</caption>
<thead><tr><th scope="col">Week from</th><th scope="col">Load</th><th scope="col">Expected</th><th scope="col">Difference</th>
${blocks.map((from) => markup`<th scope="col">${`${from}–${from + 4} h`}</th>`)}<th scope="col">σ of needed</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function hoursOf({ actualKw, expectedKw }: ExplainedDay, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => actualKw[from + i] - expectedKw[from + i]);
}

function known(values: readonly number[]): number {
  return mean(values.filter((value) => !Number.isNaN(value)));
}
