import type { Assessment } from "./assessment.ts";
import { type KnownStep, noEnd } from "./detection-state.ts";
import { estimate } from "./estimates.ts";
import type { Finding, TestResult } from "./finding.ts";
import { type GroupView, hourKw } from "./group-view.ts";
import type { LoadOrigin } from "./load-origin.ts";
import { shareAt } from "./onset.ts";
import type { ScorePart } from "./score.ts";
import type { StepsBelow } from "./steps-below.ts";

/** Local days of evidence before the onset, and UTC hours to either side of it. */
const dailyBefore = 42;
const hourlyAround = 96;

export interface Raised {
  readonly found: Assessment;
  readonly lane: Finding["lane"];
  readonly tests: readonly TestResult[];
  readonly score: number;
  readonly scoreParts: readonly ScorePart[];
  /** The step up that a step down ends, where one was raised. */
  readonly ends?: KnownStep | undefined;
  readonly origin?: LoadOrigin | undefined;
  readonly below?: StepsBelow | undefined;
}

/** The numbers of a raised step as they leave detection. */
export function buildFinding(view: GroupView, raised: Raised): Finding {
  const { found, lane, tests, score, scoreParts, origin, below } = raised;
  const slot = found.judged.block.slots[found.stream];
  return {
    slot,
    lane,
    signature: below?.signature ?? shapeOf(found),
    direction: found.direction,
    judgedDay: found.civilDay,
    onsetDay: found.onset.civilDay,
    onsetHour: found.onset.utcHour,
    stepKw: found.stepKw,
    stepKwLow: found.stepKw - found.halfWidthKw,
    stepKwHigh: found.stepKw + found.halfWidthKw,
    score,
    scoreParts,
    siteMeanKw: found.meanKw,
    ageDays: found.age,
    incrementKw: found.increment.profile.map((share) => share * found.meanKw),
    tests,
    estimates: estimate(view, found),
    ...(origin === undefined ? {} : { origin }),
    ...(below === undefined ? {} : { below: below.steps }),
    daily: dailySeries(view, found, slot),
    hourly: hourlySeries(view, found, slot),
  };
}

function shapeOf({ isLoss, weights, increment }: Assessment): Finding["signature"] {
  if (isLoss) return "loss";
  if (weights.gapDays > 1) return "buildup";
  return increment.template.signature;
}

/** The step as detection remembers it: its template at its size, so that the noise of the profile is not taken out of later readings. */
export function knownStepOf(found: Assessment): KnownStep {
  return {
    groupStream: found.groupStream,
    judgedDay: found.civilDay,
    onsetDay: found.onset.civilDay,
    onsetHour: found.onset.utcHour,
    stepKw: found.stepKw,
    profileKw: found.increment.template.running.map((running) => running * found.stepKw),
    ...noEnd,
  };
}

function dailySeries(view: GroupView, found: Assessment, slot: number): Finding["daily"] {
  const { residuals, calendar } = found.judged.fit;
  const firstDay = Math.max(residuals.firstDay, found.onset.civilDay - dailyBefore);
  const days = found.civilDay - firstDay + 1;
  const actualKw = new Float64Array(days).fill(Number.NaN);
  const expectedKw = new Float64Array(days).fill(Number.NaN);
  const table = calendar.utcHours[calendar.rowOf[found.stream]];
  for (let i = 0; i < days; i++) {
    let actual = 0;
    let residual = 0;
    let count = 0;
    for (let hour = 0; hour < 24; hour++) {
      const share = shareAt(found.judged, found.stream, firstDay + i, hour);
      const kw = hourKw(view, slot, table[(firstDay + i - calendar.firstDay) * 24 + hour]);
      if (Number.isNaN(share) || Number.isNaN(kw)) continue;
      actual += kw;
      residual += share * found.meanKw;
      count += 1;
    }
    if (count < 12) continue;
    actualKw[i] = actual / count;
    expectedKw[i] = (actual - residual) / count;
  }
  return { firstDay, actualKw, expectedKw };
}

function hourlySeries(view: GroupView, found: Assessment, slot: number): Finding["hourly"] {
  const { calendar, residuals } = found.judged.fit;
  const table = calendar.utcHours[calendar.rowOf[found.stream]];
  const fromHour = found.onset.utcHour - hourlyAround;
  const actualKw = new Float64Array(hourlyAround * 2).fill(Number.NaN);
  const expectedKw = actualKw.slice();
  const firstDay = Math.max(residuals.firstDay, found.onset.civilDay - hourlyAround / 24 - 1);
  const lastDay = Math.min(found.civilDay, found.onset.civilDay + hourlyAround / 24 + 1);
  for (let day = firstDay; day <= lastDay; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const utcHour = table[(day - calendar.firstDay) * 24 + hour];
      const i = utcHour - fromHour;
      if (utcHour < 0 || i < 0 || i >= actualKw.length) continue;
      actualKw[i] = hourKw(view, slot, utcHour);
      expectedKw[i] = actualKw[i] - shareAt(found.judged, found.stream, day, hour) * found.meanKw;
    }
  }
  return { fromHour, actualKw, expectedKw };
}
