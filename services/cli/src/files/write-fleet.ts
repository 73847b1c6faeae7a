import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { fileFormats, type FileFormatName, formatInstant, qualityNames } from "@hashwatt/contracts";
import type { Fleet } from "@hashwatt/evaluation";

/**
 * Writes a fleet folder: meters.csv, readings.csv.gz, permits.csv, events.csv, weather.csv.gz and labels.json. The same fleet gives the
 * same bytes. `onRows` is told how many readings were written so far and the last one's start.
 */
export async function writeFleet(folder: string, fleet: Fleet, onRows: (rows: number, eventMs: number) => void): Promise<number> {
  writeFileSync(join(folder, "meters.csv"), tableCsv("meters", fleet.meters));
  writeFileSync(join(folder, "permits.csv"), tableCsv("permits", fleet.permits));
  writeFileSync(join(folder, "events.csv"), tableCsv("events", fleet.events));
  writeFileSync(join(folder, "labels.json"), `${JSON.stringify(fleet.labels, null, 2)}\n`);
  await writeGzip(join(folder, "weather.csv.gz"), [tableCsv("weather", fleet.weather)]);
  let rows = 0;
  const readings = function* () {
    yield `${Object.keys(fileFormats.readings).join(",")}\n`;
    for (const piece of readingsCsv(fleet)) {
      yield piece.text;
      rows += piece.rows;
      onRows(rows, piece.eventMs);
    }
  };
  await writeGzip(join(folder, "readings.csv.gz"), readings());
  return rows;
}

async function writeGzip(path: string, pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 2 }), createGzip(), createWriteStream(path));
}

function* readingsCsv(fleet: Fleet): Generator<{ text: string; rows: number; eventMs: number }> {
  const ids = fleet.meters.map(({ meterId }) => toCell(meterId));
  // Most neighbouring rows share their interval.
  let formattedMs = Number.NaN;
  let formatted = "";
  for (const batch of fleet.batches()) {
    const lines: string[] = [];
    for (let i = 0; i < batch.count; i++) {
      if (batch.startMs[i] !== formattedMs) {
        formattedMs = batch.startMs[i];
        formatted = formatInstant(formattedMs);
      }
      const kvar = Number.isNaN(batch.kvar[i]) ? "" : batch.kvar[i];
      lines.push(`${ids[batch.meterIndex[i]]},${formatted},${batch.kw[i]},${kvar},${qualityNames[batch.quality[i]]}\n`);
    }
    yield { text: lines.join(""), rows: batch.count, eventMs: formattedMs };
  }
}

/** Records as CSV with the format's columns; null and undefined are empty cells. */
export function tableCsv(format: FileFormatName, records: readonly object[]): string {
  const columns = Object.keys(fileFormats[format]);
  const fields = columns.map((column) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  const lines = records.map((record) => fields.map((field) => toCell((record as Record<string, unknown>)[field])).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

function toCell(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
