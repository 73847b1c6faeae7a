import type { InspectedStep } from "@hashwatt/pipeline";
import { dayProfileChart } from "./day-profile-chart.ts";
import { chartWidth, colourKey, leftSide, type PowerUnit, powerUnit, rightSide } from "./drawing.ts";
import { type ExplainedDay, type Explanation, shownDays, type StreamExplanation } from "./explanation.ts";
import { dayName, power, shortDay, signedPower, significant } from "./format.ts";
import { heatLegend, heatLimit, heatMap } from "./heat-map.ts";
import { incrementChart } from "./increment-chart.ts";
import { loadChart, overviewChart } from "./load-chart.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import { residualChart, usualResidual } from "./residual-chart.ts";
import { type DayAxis, dayAxis, extent } from "./scale.ts";
import { scorePartList } from "./score-parts.ts";
import { signatureNames, statisticChart } from "./statistic-chart.ts";
import { testTable } from "./test-table.ts";
import { type TimeMarks, timeMarks } from "./time-marks.ts";
import { weekTable } from "./week-table.ts";

interface Shown {
  readonly explanation: Explanation;
  readonly stream: StreamExplanation;
  readonly days: readonly ExplainedDay[];
  readonly axis: DayAxis;
  readonly marks: TimeMarks;
  readonly unit: PowerUnit;
  readonly step: InspectedStep | undefined;
  /** Keeps the ids of two streams on a page apart. */
  readonly prefix: string;
}

/** All charts and tables of one stream. */
export function streamSections(explanation: Explanation, stream: StreamExplanation, prefix: string): Markup {
  const days = shownDays(stream);
  const shown: Shown = {
    explanation,
    stream,
    days,
    axis: dayAxis(stream.fromDay, stream.toDay, leftSide, chartWidth - rightSide),
    marks: timeMarks(explanation, stream),
    unit: unitOf(days.map(({ maxKw }) => maxKw)),
    step: stream.focus?.step,
    prefix,
  };
  return markup`${loadSection(shown)}
${hasExpectation(shown) ? markup`${dayShapeSection(shown)}${residualSection(shown)}${statisticSection(shown)}` : nothing}
${
  shown.step
    ? markup`<section><h2>What moved the score (${shown.step.score.toFixed(2)})</h2>${scorePartList(shown.step.scoreParts)}</section>
<section><h2>The tests</h2>${testTable(shown.step.tests)}</section>`
    : nothing
}
<details class="numbers"><summary>The charts in numbers, by week</summary>${weekTable(days, shown.step?.direction ?? 1, shown.unit)}</details>`;
}

function hasExpectation({ days }: Shown): boolean {
  return days.some(({ expectedMeanKw }) => !Number.isNaN(expectedMeanKw));
}

function loadSection(shown: Shown): Markup {
  const { stream, days, axis, marks, unit, prefix, step } = shown;
  const subject = stream.kind === "balance" ? "The balance (this meter less those below it)" : "The load";
  const isLonger = stream.days.length > days.length + 7;
  const isLater = step !== undefined && stream.toDay > stream.focus!.judgedDay + 1;
  const description =
    `Daily mean between daily minimum and maximum, ${dayName(stream.fromDay)} to ${dayName(stream.toDay)}, beside the load that was to be expected.` +
    (step ? ` ${signedPower(step.stepKw)} from ${shortDay(Math.floor(marks.onset!))} on.` : "");
  return markup`<section><h2>${subject}</h2>
${colourKey([
  ["load", "daily mean"],
  ["band", "daily minimum to maximum"],
  ["expected", "expected from its neighbours, the weather and its own past"],
  ["excess", "beyond expectation since the onset"],
])}
${loadChart(days, axis, marks, unit, { id: `${prefix}-load`, title: `${subject} by day`, description })}
${marks.events.length > 0 ? markup`<ul class="events">${marks.events.map(({ letter, label }) => markup`<li><b>${letter}</b> ${label}</li>`)}</ul>` : nothing}
${isLater ? markup`<p class="hint">Right of the dashed line is what came later: the detector did not know it when it judged.</p>` : nothing}
${
  isLonger
    ? markup`<h3>Everything on record</h3>${overviewChart(stream.days, axis, marks, unit, { id: `${prefix}-all`, title: "Daily mean over the whole record", description: `${dayName(stream.days[0].day)} to ${dayName(stream.days.at(-1)!.day)}; the frame is the time shown above.` })}`
    : nothing
}</section>`;
}

const profileDays = 28;

function dayShapeSection({ stream, days, unit, prefix, step, marks }: Shown): Markup {
  if (!step) return nothing;
  const onsetDay = Math.floor(marks.onset!);
  const before = days.filter(({ day }) => day < onsetDay && day >= onsetDay - profileDays);
  const since = days.filter(({ day }) => day > onsetDay && day <= stream.focus!.judgedDay);
  const shape = signatureNames[step.signature];
  return markup`<section class="pair"><div><h2>The mean day, before and since</h2>
${colourKey([
  ["load", "metered"],
  ["expected", "expected for the same days"],
])}
${dayProfileChart(before, since, unit, { id: `${prefix}-day`, title: "Mean day before the onset and since", description: `Before the onset the metered day follows its expectation; since then it differs by ${signedPower(step.stepKw)} (${shape}).` })}</div>
<div><h2>What was added, hour by hour</h2>
${colourKey([
  ["above", "step of the hour"],
  ["template", `shape: ${shape}`],
  ["template-band", "its noise (9 in 10)"],
])}
${incrementChart(step, unitOf([...step.incrementKw]), { id: `${prefix}-inc`, title: "Step by local hour with the fitted template", description: `Template of ${power(Math.abs(step.templateKw))}, ${shape}. By hour: ${Array.from(step.incrementKw, (kw, hour) => `${hour} h ${power(kw)}`).join(", ")}.` })}</div></section>`;
}

function unitOf(values: readonly number[]): PowerUnit {
  return powerUnit(Math.max(...extent(values).map(Math.abs)));
}

function residualSection({ days, axis, marks, prefix, step }: Shown): Markup {
  const unit = unitOf(days.map(({ meanKw, expectedMeanKw }) => meanKw - expectedMeanKw));
  const usual = usualResidual(days, marks.onset);
  const limitKw = heatLimit(days, step?.templateKw ?? 0);
  return markup`<section><h2>What the expectation does not explain</h2>
${colourKey([
  ["above", "above"],
  ["below", "below the expectation, daily mean"],
  ...(Number.isNaN(usual) ? [] : [["usual", `where 9 days in 10 before the onset keep: ±${power(usual)}`] as const]),
])}
${residualChart(days, axis, marks, unit, { id: `${prefix}-res`, title: "Load less expected load by day", description: `Before the onset 9 days in 10 keep within ${Number.isNaN(usual) ? "an unknown band" : power(usual)}.` })}
<h3>By hour of the day</h3>
${heatLegend(limitKw)}
${heatMap(days, axis, marks, limitKw, { id: `${prefix}-heat`, title: "Load less expected load by day and local hour", description: "Days run from left to right, hours from top to bottom; the table of numbers by week holds the same in words." })}</section>`;
}

function statisticSection({ stream, days, axis, marks, prefix, step }: Shown): Markup {
  if (days.every(({ statistics }) => statistics.length === 0)) return nothing;
  const direction = step?.direction ?? 1;
  const description = step
    ? `On ${dayName(stream.focus!.judgedDay)} the step is ${significant(step.sigma)} times its noise; ${significant(step.neededSigma)} were needed.`
    : "No step was measured.";
  return markup`<section><h2>How sure the detector was, day by day</h2>
${colourKey([
  ["sigma", "step over its own noise (σ), strongest age of the day"],
  ["needed", "needed on that day"],
  ["cleared", "enough"],
])}
${statisticChart(days, axis, marks, direction, { id: `${prefix}-sig`, title: "Step over its noise by day, for three shapes, with the size needed", description })}
<p class="hint">The strips see a step only from its fourth day on: they peak days after the load appears.</p></section>`;
}
