import type { KnownStep } from "./detection-state.ts";
import type { JudgedGroup } from "./group-context.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { shareAt } from "./onset.ts";

export interface FittedStream {
  readonly judged: JudgedBlock;
  readonly stream: number;
}

/** Hours of a stream by local day, [(day - firstDay) * 24 + localHour], up to the judged day. */
export interface InspectedSeries {
  readonly firstDay: number;
  readonly days: number;
  /** As metered, kW; of a balance the parent less its children. NaN = no measured hour. */
  readonly actualKw: Float32Array;
  /** The load to be expected without any step of the stream's own, kW. NaN = none, or the hour was not believed. */
  readonly expectedKw: Float32Array;
  /** The stream's own steps that had been raised when the fit was made: no part of the expectation, but no news either. */
  readonly raised: readonly RaisedLoad[];
}

/** Load that was raised before: the profile by local hour, signed kW, over the UTC hours [onsetHour, endHour). */
export type RaisedLoad = Pick<KnownStep, "onsetHour" | "endHour" | "profileKw">;

/** Hours of the fit's window for a stream; only what was metered where nothing is fitted yet. */
export function inspectSeries(group: JudgedGroup, slot: number, fitted: FittedStream | undefined): InspectedSeries {
  const { view, parameters, civilDay } = group;
  const firstDay = fitted?.judged.fit.residuals.firstDay ?? civilDay - parameters.residualDays;
  const days = civilDay - firstDay + 1;
  const actualKw = new Float32Array(days * 24).fill(Number.NaN);
  const expectedKw = actualKw.slice();
  const calendar = view.calendars[view.calendarOf[slot]];
  const children = fitted ? fitted.judged.block.children[fitted.stream] : new Int32Array(0);
  const raised = fitted ? raisedLoads(fitted) : [];
  const minus = Array.from(children, (child) => fitted!.judged.block.slots[child]);
  for (let i = 0; i < actualKw.length; i++) {
    const day = firstDay + Math.floor(i / 24);
    const utcHour = calendar.utcHour(day, i % 24);
    if (utcHour < 0) continue;
    actualKw[i] = meteredKw(group, utcHour, slot, minus);
    if (fitted) expectedKw[i] = actualKw[i] - residualKw(fitted, day, i % 24) - raisedKw(raised, i % 24, utcHour);
  }
  return { firstDay, days, actualKw, expectedKw, raised };
}

function meteredKw({ view }: JudgedGroup, utcHour: number, slot: number, minus: readonly number[]): number {
  const utcDay = Math.floor(utcHour / 24);
  const page = view.hourPage(utcDay);
  if (page === undefined) return Number.NaN;
  const row = (utcHour - utcDay * 24) * view.meterCount;
  return minus.reduce((kw, child) => kw - page[row + child], page[row + slot]);
}

/** What the fit leaves. */
function residualKw({ judged, stream }: FittedStream, day: number, hour: number): number {
  return shareAt(judged, stream, day, hour) * judged.fit.scale.meanKw[stream];
}

function raisedLoads({ judged, stream }: FittedStream): RaisedLoad[] {
  return judged.fit.scale.knownSteps
    .filter((step) => step.groupStream === judged.block.groupStreams[stream])
    .map(({ onsetHour, endHour, profileKw }) => ({ onsetHour, endHour, profileKw: profileKw.slice() }));
}

/** The fit took these loads out of what was metered. */
function raisedKw(raised: readonly RaisedLoad[], hour: number, utcHour: number): number {
  return raised.reduce((kw, step) => (utcHour >= step.onsetHour && utcHour < step.endHour ? kw + step.profileKw[hour] : kw), 0);
}
