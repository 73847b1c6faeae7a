import type { JudgedGroup } from "./group-context.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { shareAt } from "./onset.ts";

/** Hours of a stream by local day, [(day - firstDay) * 24 + localHour], up to the judged day. */
export interface InspectedSeries {
  readonly firstDay: number;
  readonly days: number;
  /** As metered, kW; of a balance the parent less its children. NaN = no measured hour. */
  readonly actualKw: Float32Array;
  /** The load to be expected without any step of the stream's own, kW. NaN = none, or the hour was not believed. */
  readonly expectedKw: Float32Array;
}

/** Hours of the fit's window for a stream; only what was metered where nothing is fitted yet. */
export function inspectSeries(
  group: JudgedGroup,
  slot: number,
  fitted: { judged: JudgedBlock; stream: number } | undefined,
): InspectedSeries {
  const { view, parameters, civilDay } = group;
  const firstDay = fitted?.judged.fit.residuals.firstDay ?? civilDay - parameters.residualDays;
  const days = civilDay - firstDay + 1;
  const actualKw = new Float32Array(days * 24).fill(Number.NaN);
  const expectedKw = actualKw.slice();
  const calendar = view.calendars[view.calendarOf[slot]];
  const children = fitted ? fitted.judged.block.children[fitted.stream] : new Int32Array(0);
  const minus = Array.from(children, (child) => fitted!.judged.block.slots[child]);
  for (let i = 0; i < actualKw.length; i++) {
    const day = firstDay + Math.floor(i / 24);
    const utcHour = calendar.utcHour(day, i % 24);
    if (utcHour < 0) continue;
    actualKw[i] = meteredKw(group, utcHour, slot, minus);
    if (fitted) expectedKw[i] = actualKw[i] - residualKw(fitted, day, i % 24, utcHour);
  }
  return { firstDay, days, actualKw, expectedKw };
}

function meteredKw({ view }: JudgedGroup, utcHour: number, slot: number, minus: readonly number[]): number {
  const utcDay = Math.floor(utcHour / 24);
  const page = view.hourPage(utcDay);
  if (page === undefined) return Number.NaN;
  const row = (utcHour - utcDay * 24) * view.meterCount;
  return minus.reduce((kw, child) => kw - page[row + child], page[row + slot]);
}

/** What the fit leaves, with the steps put back that were known when it was made: they are no part of the expectation. */
function residualKw({ judged, stream }: { judged: JudgedBlock; stream: number }, day: number, hour: number, utcHour: number): number {
  const { scale } = judged.fit;
  let kw = shareAt(judged, stream, day, hour) * scale.meanKw[stream];
  for (const step of scale.knownSteps) {
    const isOn = step.groupStream === judged.block.groupStreams[stream] && utcHour >= step.onsetHour && utcHour < step.endHour;
    if (isOn) kw += step.profileKw[hour];
  }
  return kw;
}
