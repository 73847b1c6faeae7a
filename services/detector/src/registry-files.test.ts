import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readRegistryFiles } from "./registry-files.ts";

const dir = mkdtempSync(join(tmpdir(), "hashwatt-registry-"));
const write = (name: string, content: string | Buffer) => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};
const meters = 'meter_id,name,level,area_id,time_zone,interval_minutes,colour\r\nm1,"North, 1",substation,a,Asia/Almaty,60,red\r\n';

describe("the registry files", () => {
  it("may have a mark, CRLF, quotes, unknown columns and gzip", () => {
    const METERS_FILE = write("meters.csv", `\uFEFF${meters}`);
    const PERMITS_FILE = write(
      "permits.csv.gz",
      gzipSync("permit_id,meter_id,max_kw,valid_from,valid_to\np1,m1,100,2022-01-01T00:00:00Z,\np2,gone,1,2022-01-01T00:00:00Z,\n"),
    );
    const files = readRegistryFiles({ METERS_FILE, PERMITS_FILE });
    expect(files.meters).toMatchObject([{ meterId: "m1", name: "North, 1", parentId: null, intervalMinutes: 60 }]);
    expect(files.permits).toMatchObject([{ permitId: "p1", maxKw: 100, validTo: null }]);
    expect(files.weather).toEqual([]);
  });

  it("name every problem with file, line and column", () => {
    const METERS_FILE = write("bad.csv", `${meters}m2,,village,a,Asia/Almaty,60,\r\nm3,,substation,a,Asia/Nowhere,60,\r\n`);
    const EVENTS_FILE = write("events.csv", "event_id,kind\ne1,holiday\n");
    expect(() => readRegistryFiles({ METERS_FILE, EVENTS_FILE, WEATHER_FILE: join(dir, "none.csv") })).toThrow(
      /4 problems[^]*bad\.csv, line 3, column level[^]*bad\.csv, line 4, column time_zone[^]*Asia\/Nowhere[^]*events\.csv: has no column from[^]*none\.csv: ENOENT/,
    );
  });

  it("may hold a calibration, and say what in it is none", () => {
    const METERS_FILE = write("meters.csv", meters);
    const path = (content: string) => write("calibration.json", content);
    expect(readRegistryFiles({ METERS_FILE }).calibration).toBeUndefined();
    const open = (content: string) => () => readRegistryFiles({ METERS_FILE, CALIBRATION_FILE: path(content) });
    expect(open("meter_id,name")).toThrow(/calibration\.json: .*JSON/);
    expect(open('{"format":"hashwatt-calibration/2"}')).toThrow(/calibration\.json: format: .*hashwatt-calibration\/1/);
  });

  it("must hold a meter", () => {
    expect(() => readRegistryFiles({ METERS_FILE: write("empty.csv", "") })).toThrow("holds no meter");
  });
});
