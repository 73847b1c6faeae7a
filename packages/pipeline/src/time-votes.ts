import { aheadLimitHours, type GroupClock, quorumOf } from "./group-clock.ts";

/**
 * Who says that a group's time is wrong. Readings more than a day ahead of it are parked and vote for a later time, readings within it vote for the
 * present one; the round of voting begins anew whenever the present has as many voters. So one clock in 2040 never moves the group, and a
 * group that comes back after a gap of days does so with its first few readings. The group's first time is found in the same way.
 *
 * The later time wins when its voters agree within a day, and either
 *   - they are the bulk: half of the meters heard (a quorum of the registered ones where the group has no time yet), with 3 readings at
 *     least, so that a group of one meter does not follow one wrong reading; or
 *   - one of them has filled its parking in this round and they still outnumber the present: the rest of the group is gone.
 */
export interface TimeVotes {
  /** Number of the round, from 1. */
  round: number;
  aheadMeters: number;
  aheadReadings: number;
  /** Of aheadMeters: those never heard with another time. */
  aheadStrangers: number;
  presentMeters: number;
  /** By slot: round of the last vote for a later time, its hour, and the meter's readings in that round. */
  readonly aheadRounds: Int32Array;
  readonly claimedHours: Int32Array;
  readonly claims: Int32Array;
  readonly presentRounds: Int32Array;
}

const minReadings = 3;

export function createTimeVotes(meterCount: number): TimeVotes {
  return {
    round: 1,
    aheadMeters: 0,
    aheadReadings: 0,
    aheadStrangers: 0,
    presentMeters: 0,
    aheadRounds: new Int32Array(meterCount),
    claimedHours: new Int32Array(meterCount),
    claims: new Int32Array(meterCount),
    presentRounds: new Int32Array(meterCount),
  };
}

export function voteAhead(votes: TimeVotes, slot: number, hour: number, isStranger: boolean): void {
  if (votes.aheadRounds[slot] !== votes.round) {
    votes.aheadRounds[slot] = votes.round;
    votes.claims[slot] = 0;
    votes.aheadMeters++;
    if (isStranger) votes.aheadStrangers++;
  }
  votes.claims[slot]++;
  votes.aheadReadings++;
  votes.claimedHours[slot] = hour;
}

/** Called only while somebody votes for a later time. */
export function votePresent(votes: TimeVotes, slot: number): void {
  if (votes.presentRounds[slot] === votes.round) return;
  votes.presentRounds[slot] = votes.round;
  votes.presentMeters++;
  if (votes.presentMeters >= votes.aheadMeters) startRound(votes);
}

export function startRound(votes: TimeVotes): void {
  votes.round++;
  votes.aheadMeters = 0;
  votes.aheadReadings = 0;
  votes.aheadStrangers = 0;
  votes.presentMeters = 0;
}

/** Hour that the voters agree on (their earliest), or -1. `isFull`: the voter has filled its parking in this round. */
export function agreedHour(votes: TimeVotes, clock: GroupClock, isFull: boolean): number {
  const heard = clock.seen + votes.aheadStrangers;
  const needed = clock.started ? Math.max(quorumOf(heard), Math.ceil(heard / 2)) : quorumOf(votes.aheadRounds.length);
  const isBulk = votes.aheadReadings >= minReadings && votes.aheadMeters >= needed;
  if (!isBulk && !isFull) return -1;
  const hours = votes.claimedHours.filter((_, slot) => votes.aheadRounds[slot] === votes.round).toSorted();
  let bestCount = 0;
  let bestHour = -1;
  for (let first = 0, end = 0; first < hours.length; first++) {
    while (end < hours.length && hours[end] <= hours[first] + aheadLimitHours) end++;
    // On a tie the earlier time: a time too early is corrected by the next vote, one too late never.
    if (end - first > bestCount) {
      bestCount = end - first;
      bestHour = hours[first];
    }
  }
  return bestCount > votes.presentMeters && (isFull || bestCount >= needed) ? bestHour : -1;
}
