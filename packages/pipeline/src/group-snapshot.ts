import type { LedgerEntry } from "./candidate-ledger.ts";
import { recountClock } from "./group-clock.ts";
import { oldestHeldDay, openHourPage } from "./hour-store.ts";
import { readPages, rowsWithData, writePages } from "./page-snapshot.ts";
import { parkReading } from "./parking.ts";
import { type PeerGroup, setLimits } from "./peer-group.ts";
import { createSnapshotReader, createSnapshotWriter, SnapshotError, type SnapshotReader, type SnapshotWriter } from "./snapshot-bytes.ts";

/** `savedVersion` of a group whose history was never saved: then `recent` alone is everything. */
const neverSaved = -1;

/** What changes when a day closes: hour pages, detection's state, the ledger; and the interval pages as they are now. */
export function saveGroupHistory(group: PeerGroup, settingsDigest: string): Uint8Array {
  const { hours, days, lostHours } = group;
  const writer = createSnapshotWriter();
  writer.numbers(group.historyVersion);
  writer.bytes(group.detection.saveState(group.state));
  writer.text(JSON.stringify(group.ledger));
  const oldest = oldestHeldDay(hours, days.horizonHour);
  const held = hours.cells.filter((page) => page !== undefined && page.utcDay >= oldest).toSorted((a, b) => a!.utcDay - b!.utcDay);
  writer.numbers(held.length);
  for (const page of held) {
    const rows = rowsWithData(page!.kw, hours.meterCount);
    writer.numbers(page!.utcDay, rows.from, rows.to);
    writer.column(page!.kw.subarray(rows.from * hours.meterCount, rows.to * hours.meterCount));
    writer.column(page!.estimated);
  }
  const lostDays = [...lostHours.keys()].toSorted((a, b) => a - b);
  writer.numbers(lostDays.length);
  for (const utcDay of lostDays) {
    writer.numbers(utcDay);
    writer.column(lostHours.get(utcDay)!);
  }
  writePages(group, writer, () => true);
  const bytes = writer.finish({ kind: "history", registryDigest: group.layout.digest, settingsDigest });
  for (const { days: pages } of group.pages) for (const page of pages) if (page !== undefined) page.touched = false;
  group.savedVersion = group.historyVersion;
  return bytes;
}

/** What has changed since the history was saved. Throws Error where a day has closed since: then the history must be saved first. */
export function saveGroupRecent(group: PeerGroup, settingsDigest: string): Uint8Array {
  if (group.savedVersion !== group.historyVersion && !(group.savedVersion === neverSaved && group.historyVersion === 0)) {
    throw new Error(
      `Group "${group.layout.groupKey}" has closed a day since its history was saved (version ${group.historyVersion}, saved ${group.savedVersion}); save the history first.`,
    );
  }
  const writer = createSnapshotWriter();
  writer.numbers(group.savedVersion);
  writer.column(group.counts);
  writeTime(group, writer);
  writeVotes(group, writer);
  writeParking(group, writer);
  writer.column(group.dirtyHours);
  writePages(group, writer, (page) => page.touched);
  return writer.finish({ kind: "recent", registryDigest: group.layout.digest, settingsDigest });
}

/** Fills a new group. Throws SnapshotError where the two do not belong together or do not belong here. */
export function restoreGroup(group: PeerGroup, history: Uint8Array | undefined, recent: Uint8Array, settingsDigest: string): void {
  const header = { registryDigest: group.layout.digest, settingsDigest };
  const reader = createSnapshotReader(recent, { ...header, kind: "recent" });
  group.savedVersion = reader.number();
  reader.column(group.counts);
  readTime(group, reader);
  setLimits(group);
  if (history === undefined) {
    if (group.savedVersion !== neverSaved) {
      throw new SnapshotError(`This recent snapshot needs the history of version ${group.savedVersion}, and none was given.`);
    }
  } else {
    const past = createSnapshotReader(history, { ...header, kind: "history" });
    readHistory(group, past);
    if (group.historyVersion !== group.savedVersion) {
      throw new SnapshotError(`This recent snapshot needs the history of version ${group.savedVersion}, not ${group.historyVersion}.`);
    }
  }
  readVotes(group, reader);
  readParking(group, reader);
  reader.column(group.dirtyHours);
  readPages(group, reader, true);
  reader.end();
}

function readHistory(group: PeerGroup, reader: SnapshotReader): void {
  const { hours, lostHours } = group;
  group.historyVersion = reader.number();
  group.state = group.detection.loadState(reader.bytes());
  group.ledger = JSON.parse(reader.text()) as LedgerEntry[];
  for (let left = reader.number(); left > 0; left--) {
    const page = openHourPage(hours, reader.number());
    const from = reader.number() * hours.meterCount;
    reader.column(page.kw.subarray(from, reader.number() * hours.meterCount));
    reader.column(page.estimated);
  }
  for (let left = reader.number(); left > 0; left--) {
    const lost = new Uint32Array(hours.meterCount);
    lostHours.set(reader.number(), lost);
    reader.column(lost);
  }
  readPages(group, reader, false);
  reader.end();
}

function writeTime({ clock, days }: PeerGroup, writer: SnapshotWriter): void {
  writer.numbers(Number(clock.started), clock.hour);
  writer.column(clock.latestHours);
  const { nextDay, closeAtHour, horizonHour, firstDataHour, changedFromHour, changedToHour } = days;
  writer.numbers(nextDay, closeAtHour, horizonHour, firstDataHour, changedFromHour, changedToHour);
}

function readTime({ clock, days }: PeerGroup, reader: SnapshotReader): void {
  clock.started = reader.number() === 1;
  clock.hour = reader.number();
  reader.column(clock.latestHours);
  recountClock(clock);
  days.nextDay = reader.number();
  days.closeAtHour = reader.number();
  days.horizonHour = reader.number();
  days.firstDataHour = reader.number();
  days.changedFromHour = reader.number();
  days.changedToHour = reader.number();
}

/** Only the present round; its number is no part of the state. */
function writeVotes({ votes }: PeerGroup, writer: SnapshotWriter): void {
  const { round, aheadMeters, aheadReadings, aheadStrangers, presentMeters, aheadRounds, presentRounds } = votes;
  writer.numbers(aheadMeters, aheadReadings, aheadStrangers, presentMeters);
  for (const [slot, inRound] of aheadRounds.entries()) {
    if (aheadMeters > 0 && inRound === round) writer.numbers(slot, votes.claimedHours[slot], votes.claims[slot]);
  }
  for (const [slot, inRound] of presentRounds.entries()) if (presentMeters > 0 && inRound === round) writer.numbers(slot);
}

function readVotes({ votes }: PeerGroup, reader: SnapshotReader): void {
  votes.aheadMeters = reader.number();
  votes.aheadReadings = reader.number();
  votes.aheadStrangers = reader.number();
  votes.presentMeters = reader.number();
  for (let left = votes.aheadMeters; left > 0; left--) {
    const slot = reader.number();
    votes.aheadRounds[slot] = votes.round;
    votes.claimedHours[slot] = reader.number();
    votes.claims[slot] = reader.number();
  }
  for (let left = votes.presentMeters; left > 0; left--) votes.presentRounds[reader.number()] = votes.round;
}

function writeParking({ parking }: PeerGroup, writer: SnapshotWriter): void {
  const slots = [...parking.bySlot.keys()].toSorted((a, b) => a - b);
  const rows = slots.flatMap((slot) => parking.bySlot.get(slot)!);
  writer.numbers(rows.length);
  for (const { slot, startMs, value, quantity, quality } of rows) writer.numbers(slot, startMs, value, quantity, quality);
}

function readParking({ parking, layout }: PeerGroup, reader: SnapshotReader): void {
  for (let left = reader.number(); left > 0; left--) {
    const slot = reader.number();
    const startMs = reader.number();
    const reading = { slot, startMs, value: reader.number(), quantity: reader.number(), quality: reader.number() };
    const cadence = layout.classes.find(({ firstSlot, meterCount }) => slot < firstSlot + meterCount)!;
    parkReading(parking, reading, startMs + cadence.intervalMs);
  }
}
