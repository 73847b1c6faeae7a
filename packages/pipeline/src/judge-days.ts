import type { Finding, FollowUp } from "@hashwatt/detection";
import type { PeerGroup } from "./peer-group.ts";

/** What judging said when a day closed. */
export interface JudgedDays {
  /** First day that was judged; equal to `closedDay` unless earlier days have changed, one more where nothing was judged. */
  readonly firstDay: number;
  readonly closedDay: number;
  /** In order of judged day. */
  readonly findings: readonly Finding[];
  readonly followUps: readonly FollowUp[];
  /** UTC hours of earlier days that had changed: from, and to (exclusive); Infinity and 0 = none. */
  readonly changedFromHour: number;
  readonly changedToHour: number;
}

/**
 * Judges the closed day; where hours of earlier days have changed, forgets what was judged since the first of them and judges all days
 * again. Each judging sees the hours up to the end of its own day and no more, so that a day judged again is judged as if it
 * had been right at first. `closedHour` = end of the day that closed before.
 */
export function judgeDays(group: PeerGroup, closedDay: number, closedHour: number): JudgedDays {
  const { days, calendar, detector, visible } = group;
  const { changedFromHour, changedToHour } = days;
  const nothing = { closedDay, changedFromHour, changedToHour, findings: [], followUps: [] };
  if (days.firstDataHour >= days.horizonHour) return { ...nothing, firstDay: closedDay + 1 };
  const changedDay = changedFromHour < closedHour ? calendar.dayOf(changedFromHour) : closedDay;
  const firstDay = Math.max(changedDay, calendar.dayOf(days.firstDataHour));
  if (firstDay > closedDay) return { ...nothing, firstDay };
  if (firstDay < closedDay) group.detection.rewindState(group.state, firstDay);

  const findings: Finding[] = [];
  const followUps: FollowUp[] = [];
  const lastUtcDay = Math.floor((days.horizonHour - 1) / 24);
  for (let day = firstDay; day <= closedDay; day++) {
    // The first judging hides what is later, the next ones show it again page by page.
    visible.hour = calendar.endHour(day);
    const shownTo = day === firstDay ? lastUtcDay : Math.floor((visible.hour - 1) / 24);
    const changedUtcDay = Math.floor(Math.min(changedFromHour, calendar.endHour(day - 1)) / 24);
    const shownFrom = day === firstDay ? changedUtcDay : Math.floor(calendar.endHour(day - 1) / 24);
    for (let utcDay = shownFrom; utcDay <= shownTo; utcDay++)
      detector.pageChanged(utcDay, day === firstDay ? (days.changedHours.get(utcDay) ?? 0) : 0);
    findings.push(...detector.judge(group.state, day));
    followUps.push(...detector.follow(group.state, day));
  }
  return { firstDay, closedDay, findings, followUps, changedFromHour, changedToHour };
}
