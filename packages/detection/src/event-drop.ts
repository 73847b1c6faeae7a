import type { KnownStep } from "./detection-state.ts";
import type { JudgedGroup } from "./group-context.ts";
import type { GroupEvent, GroupView } from "./group-view.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { shareAt } from "./onset.ts";
import { medianInPlace, robustDeviationInPlace } from "./statistics/select.ts";

/** Hours of an event at which a load is looked at, as cells (day of the residuals * 24 + local hour) in order. */
export interface EventHours {
  readonly fromHour: number;
  readonly cells: Int32Array;
  /** Days before the event's first that the load ran on: what its hours are compared with. */
  readonly baseDays: number;
}

/** Of a longer event its first days are looked at: what has not stopped by then does not stop for it. */
const longestDays = 7;
const mostBaseDays = 7;
const leastBaseDays = 2;
/** Days back that the same hours are looked at on quiet days, and how many of those are needed. */
const quietDays = 60;
const fewQuietDays = 10;
/** Meters of the event's place that tell what innocent load does in it. */
const fewPeers = 5;

/** UTC hour up to which an event is looked at. */
export function endOfEvent({ fromHour, toHour }: GroupEvent, leastHours: number): number {
  return Math.min(Math.max(toHour, fromHour + leastHours), fromHour + longestDays * 24);
}

/** undefined where the event is not over, began before the load had run for two days, or is beyond the residuals. */
export function hoursOfEvent(
  judged: JudgedBlock,
  stream: number,
  event: GroupEvent,
  setting: { lagHours: number; leastHours: number; load: KnownStep; civilDay: number },
): EventHours | undefined {
  const { calendar, residuals } = judged.fit;
  const { lagHours, leastHours, load, civilDay } = setting;
  const fromHour = event.fromHour + lagHours;
  const toHour = endOfEvent(event, leastHours);
  if (toHour - fromHour < Math.min(leastHours, 3) || load.endHour < event.fromHour) return undefined;
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const shift = (residuals.firstDay - calendar.firstDay) * 24;
  const cells: number[] = [];
  let lastHour = -1;
  for (let cell = 0; cell < (civilDay + 1 - residuals.firstDay) * 24; cell++) {
    const utcHour = table[shift + cell];
    if (utcHour >= fromHour && utcHour < toHour) cells.push(cell);
    lastHour = Math.max(lastHour, utcHour);
  }
  if (cells.length === 0 || toHour > lastHour + 1) return undefined;
  const firstDay = Math.floor(cells[0] / 24);
  const baseDays = Math.min(mostBaseDays, firstDay, residuals.firstDay + firstDay - load.onsetDay - 1);
  return baseDays < leastBaseDays ? undefined : { fromHour: event.fromHour, cells: Int32Array.from(cells), baseDays };
}

/**
 * By how much a load dropped in the hours of an event, in steps, against the days before; less the median of what the other meters of its area
 * did in the same hours. Its deviation is that of the same difference on quiet days, or that of the other meters of its level if those were more
 * restless. undefined where there are no data for it or the load does not run at those hours.
 */
export function measureDrop(
  group: JudgedGroup,
  judged: JudgedBlock,
  stream: number,
  load: KnownStep,
  hours: EventHours,
): { ratio: number; sigma: number } | undefined {
  const { residuals, scale } = judged.fit;
  const levels = levelsOf(judged, stream, group.civilDay, load);
  const levelAt: LevelAt = (cell) => levels[cell];
  const size = meanOver(hours.cells, (cell) => load.profileKw[cell % 24]) / scale.meanKw[stream];
  const largest = Math.max(...load.profileKw.map(Math.abs)) / scale.meanKw[stream];
  const fall = -change(levelAt, hours, 0);
  if (Number.isNaN(fall) || Math.abs(size) < largest / 2) return undefined;
  const quiet = quietChanges(levelAt, hours, load.onsetDay - residuals.firstDay);
  if (quiet.length < fewQuietDays) return undefined;
  const own = 1.4826 * medianInPlace(quiet.map(Math.abs), quiet.length);
  const peers = peerFalls(group.view, judged, stream, hours);
  const usual = peers.length < fewPeers ? 0 : medianInPlace(peers, peers.length);
  const spread = peers.length < fewPeers ? 0 : robustDeviationInPlace(peers, peers.length, usual);
  return { ratio: (fall - usual) / size, sigma: Math.max(own, spread, group.parameters.minNoiseRatio) / Math.abs(size) };
}

/** Level of a cell, share of the mean; NaN = no data. */
type LevelAt = (cell: number) => number;

/** Residual by cell up to the judged day with the load put back where the fit has taken it out. */
function levelsOf(judged: JudgedBlock, stream: number, civilDay: number, load: KnownStep): Float64Array {
  const { residuals, scale, calendar } = judged.fit;
  const taken = scale.knownSteps.find(
    (step) => step.groupStream === load.groupStream && step.judgedDay === load.judgedDay && step.onsetHour === load.onsetHour,
  );
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const shift = (residuals.firstDay - calendar.firstDay) * 24;
  return Float64Array.from({ length: (civilDay + 1 - residuals.firstDay) * 24 }, (_, cell) => {
    const share = levelOf(judged, stream, cell);
    const isTaken = taken !== undefined && table[shift + cell] >= taken.onsetHour && table[shift + cell] < taken.endHour;
    return isTaken ? share + taken.profileKw[cell % 24] / scale.meanKw[stream] : share;
  });
}

function levelOf(judged: JudgedBlock, stream: number, cell: number): number {
  return shareAt(judged, stream, judged.fit.residuals.firstDay + Math.floor(cell / 24), cell % 24);
}

/** Mean of the event's hours over the medians of the same local hours on the days before, all `back` days earlier; NaN = too few data. */
function change(levelAt: LevelAt, { cells, baseDays }: EventHours, back: number): number {
  const firstDay = Math.floor(cells[0] / 24) - back;
  const base = Float64Array.from({ length: 24 }, (_, hour) => {
    const before = Float64Array.from({ length: baseDays }, (_day, k) => levelAt((firstDay - k - 1) * 24 + hour));
    const present = before.filter((level) => !Number.isNaN(level));
    return present.length * 2 >= baseDays ? medianInPlace(present, present.length) : Number.NaN;
  });
  return meanOver(cells, (cell) => levelAt(cell - back * 24) - base[cell % 24]);
}

/** Mean of the values that are there; NaN where fewer than half are. */
function meanOver(cells: Int32Array, valueAt: (cell: number) => number): number {
  let sum = 0;
  let count = 0;
  for (const cell of cells) {
    const value = valueAt(cell);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count * 2 >= cells.length ? sum / count : Number.NaN;
}

/** The same difference on days when nothing is known to have happened: neither the event nor the onset within them. */
function quietChanges(levelAt: LevelAt, hours: EventHours, onsetDay: number): Float64Array {
  const firstDay = Math.floor(hours.cells[0] / 24) - hours.baseDays;
  const days = Math.floor(hours.cells.at(-1)! / 24) - firstDay + 1;
  const changes: number[] = [];
  for (let back = days - hours.baseDays; back <= quietDays && firstDay >= back; back++) {
    const hasOnset = onsetDay >= firstDay - back && onsetDay < firstDay - back + days;
    const value = hasOnset ? Number.NaN : change(levelAt, hours, back);
    if (!Number.isNaN(value)) changes.push(value);
  }
  return Float64Array.from(changes);
}

/** Falls of the other meters of the area and level that are no relatives, share of their means. */
function peerFalls(view: GroupView, judged: JudgedBlock, stream: number, hours: EventHours): Float64Array {
  const { block, fit } = judged;
  const slot = block.slots[stream];
  const peers = Array.from({ length: block.meterCount }, (_, peer) => peer).filter(
    (peer) =>
      block.relatives[stream][peer] === 0 &&
      view.areas[block.slots[peer]] === view.areas[slot] &&
      view.levels[block.slots[peer]] === view.levels[slot] &&
      !Number.isNaN(fit.scale.meanKw[peer]),
  );
  return Float64Array.from(peers, (peer) => -change((cell) => levelOf(judged, peer, cell), hours, 0)).filter((fall) => !Number.isNaN(fall));
}
