import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** The fleet kept in test/data (see its README): 20 substations, October 2016 to March 2017. */
const fleetDir = resolve(import.meta.dirname, "../../data/substations");
export const fleetFiles = {
  METERS_FILE: join(fleetDir, "meters.csv"),
  PERMITS_FILE: join(fleetDir, "permits.csv"),
  EVENTS_FILE: join(fleetDir, "events.csv"),
};
export const readingsFile = join(fleetDir, "readings.csv.gz");

/** Our own files are plain enough: no quoted cells in the columns used here. */
function rowsOf(text: string): Record<string, string>[] {
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i], cell])));
}

export interface Message {
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly partition?: number;
}

/** The readings as messages keyed by area, in order of arrival: single readings, arrays and columns in turn. */
export function fleetMessages(): Message[] {
  const areaOf = new Map(rowsOf(readFileSync(fleetFiles.METERS_FILE, "utf8")).map((row) => [row["meter_id"], row["area_id"]]));
  const begun = new Map<string, Record<string, string>[]>();
  const messages: Message[] = [];
  const close = (area: string) => {
    messages.push({ key: area, value: encode(begun.get(area)!, messages.length % 3) });
    begun.delete(area);
  };
  for (const row of rowsOf(gunzipSync(readFileSync(readingsFile)).toString())) {
    const area = areaOf.get(row["meter_id"])!;
    begun.set(area, [...(begun.get(area) ?? []), row]);
    if (begun.get(area)!.length >= (messages.length % 3 === 0 ? 1 : 20)) close(area);
  }
  for (const area of begun.keys()) close(area);
  return messages;
}

function encode(rows: readonly Record<string, string>[], shape: number): string {
  const readings = rows.map((row) => ({
    meterId: row["meter_id"],
    intervalStart: row["interval_start"],
    kw: Number(row["kw"]),
    quality: row["quality"],
  }));
  if (readings.length === 1) return JSON.stringify(readings[0]);
  if (shape !== 2) return JSON.stringify(readings);
  return JSON.stringify({
    meterIds: readings.map(({ meterId }) => meterId),
    intervalStart: readings.map(({ intervalStart }) => intervalStart),
    kw: readings.map(({ kw }) => kw),
    quality: readings.map(({ quality }) => quality),
  });
}
