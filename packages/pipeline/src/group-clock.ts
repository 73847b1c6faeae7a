/**
 * A group's event time, from its meters' own latest interval ends: the hour that the k-th latest of them has reached, with
 * k = min(seen, max(2, a quarter of the meters seen)). So the bulk sets it: fewer than k wrong clocks cannot push it, and silent meters
 * cannot hold it. It never goes back. O(1) a reading: a histogram counts the meters that are ahead of it by 1 to 24 hours.
 */
export interface GroupClock {
  /** False until the group's first readings agree on a time (time-votes.ts). */
  started: boolean;
  /** Group time, UTC hours since 1970. */
  hour: number;
  /** By slot: UTC hour of the latest interval end; 0 = not seen, or silent for longer than the late limit. */
  readonly latestHours: Int32Array;
  seen: number;
  quorum: number;
  /** Meters whose latest end is past `hour`. */
  ahead: number;
  /** Of those, by hour & 31. */
  readonly aheadByHour: Int32Array;
}

/** Hours a reading may end ahead of group time; beyond it is parked. Less than the 32 cells of the histogram. */
export const aheadLimitHours = 24;

export function createGroupClock(meterCount: number): GroupClock {
  return {
    started: false,
    hour: 0,
    latestHours: new Int32Array(meterCount),
    seen: 0,
    quorum: 1,
    ahead: 0,
    aheadByHour: new Int32Array(32),
  };
}

/** Meters that must agree before their time counts, out of `meters`. */
export function quorumOf(meters: number): number {
  return Math.min(meters, Math.max(2, Math.ceil(meters / 4)));
}

/** The meter's latest interval end moves to `hour`, at most `aheadLimitHours` ahead. Group time follows when `isBehind` says so. */
export function noteLatest(clock: GroupClock, slot: number, hour: number): void {
  const before = clock.latestHours[slot];
  clock.latestHours[slot] = hour;
  if (before === 0) clock.quorum = quorumOf(++clock.seen);
  if (hour <= clock.hour) return;
  if (before > clock.hour) clock.aheadByHour[before & 31]--;
  else clock.ahead++;
  clock.aheadByHour[hour & 31]++;
}

export function isBehind(clock: GroupClock): boolean {
  return clock.started && clock.ahead >= clock.quorum;
}

/** One hour forward. */
export function stepHour(clock: GroupClock): void {
  clock.hour++;
  const reached = clock.hour & 31;
  clock.ahead -= clock.aheadByHour[reached];
  clock.aheadByHour[reached] = 0;
}

/** Meters silent for more than `hours` no longer count as seen: else a group that lost most of its meters would stand still. */
export function forgetSilent(clock: GroupClock, hours: number): void {
  const { latestHours } = clock;
  clock.seen = 0;
  for (let slot = 0; slot < latestHours.length; slot++) {
    if (latestHours[slot] < clock.hour - hours) latestHours[slot] = 0;
    else clock.seen++;
  }
  clock.quorum = Math.max(1, quorumOf(clock.seen));
}

/** Rebuilds what follows from `hour` and `latestHours`. */
export function recountClock(clock: GroupClock): void {
  clock.seen = 0;
  clock.ahead = 0;
  clock.aheadByHour.fill(0);
  for (const latest of clock.latestHours) {
    if (latest > 0) clock.seen++;
    if (latest <= clock.hour) continue;
    clock.ahead++;
    clock.aheadByHour[latest & 31]++;
  }
  clock.quorum = Math.max(1, quorumOf(clock.seen));
}
