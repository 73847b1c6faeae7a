import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeTemporaryFolder, writeText } from "../testing/files.ts";
import { openDuck } from "./duck.ts";
import { type FleetTables, readFleetTables } from "./read-fleet-tables.ts";
import type { FileReject } from "./rejects.ts";
import { tableCsv } from "./write-fleet.ts";

const folder = makeTemporaryFolder();
const meterHeader = "meter_id,name,level,parent_id,area_id,region,time_zone,interval_minutes,rated_kw,latitude,longitude\n";
const meters = `${meterHeader}m1,"Site, one",substation,,a,R,Asia/Almaty,60,5000,49.8,73.1\nm2,,feeder,m1,a,,UTC,15,,,\n`;

async function read(files: {
  meters: string;
  permits?: string;
  events?: string;
  weather?: string;
}): Promise<{ tables: FleetTables; told: string[] }> {
  const rejects: FileReject[] = [];
  const place = (name: keyof typeof files) => (files[name] === undefined ? undefined : [writeText(folder, `${name}.csv`, files[name])]);
  const duck = await openDuck();
  try {
    const tables = await readFleetTables(
      duck.connection,
      { meters: place("meters")!, permits: place("permits"), events: place("events"), weather: place("weather") },
      (reject) => rejects.push(reject),
    );
    const told = rejects.map(
      ({ file, line, column, reason, detail }) => `${file.slice(folder.length + 1)}:${line} ${column ?? "-"} ${reason}: ${detail}`,
    );
    return { tables, told };
  } finally {
    duck.close();
  }
}

describe("readFleetTables", () => {
  it("reads all four tables into the contracts' records", async () => {
    const { tables, told } = await read({
      meters,
      permits: "holder,permit_id,meter_id,max_kw,valid_from,valid_to\nH,p1,m1,800,2022-01-01T00:00:00Z,\n",
      events:
        "event_id,kind,area_id,meter_id,counterpart_meter_id,from,to\ne1,switching,,m1,m2,2022-01-01T00:00:00Z,\ne2,holiday,,,,2022-01-01T00:00:00Z,2022-01-02T00:00:00Z\n",
      weather: "area_id,interval_start,temp_c\na,2022-01-01T00:00:00Z,-12.5\n",
    });
    expect(told).toEqual([]);
    expect(tables.meters[0]).toMatchObject({ meterId: "m1", name: "Site, one", parentId: null, ratedKw: 5000, intervalMinutes: 60 });
    expect(tables.meters[1]).toMatchObject({ meterId: "m2", name: "", parentId: "m1", region: "", ratedKw: null });
    expect(tables.permits).toEqual([
      { permitId: "p1", meterId: "m1", maxKw: 800, validFrom: "2022-01-01T00:00:00Z", validTo: null, holder: "H" },
    ]);
    expect(tables.events.map(({ kind, counterpartMeterId, to }) => [kind, counterpartMeterId, to])).toEqual([
      ["switching", "m2", null],
      ["holiday", null, "2022-01-02T00:00:00Z"],
    ]);
    expect(tables.weather).toEqual([{ areaId: "a", intervalStart: "2022-01-01T00:00:00Z", tempC: -12.5 }]);
  });

  it("rejects bad rows with file, line and column and uses the rest", async () => {
    const { tables, told } = await read({
      meters: `${meters}m3,,tower,,a,,UTC,60,,,\nm4,,feeder,,a,,Mars/Base,60,,,\nm5,,feeder,,a,,UTC,7,,,\nm6,,feeder,,a,,UTC,60,big,,\n\nm1,,feeder,,a,,UTC,60,,,\nm7,,feeder,,,,UTC,60,,,\nm8,feeder\n`,
      permits: "permit_id,meter_id,max_kw,valid_from\np1,m9,800,2022-01-01T00:00:00Z\np2,m1,-3,2022-01-01T00:00:00Z\np3,m1,3,yesterday\n",
      weather: "area_id,interval_start,temp_c\nb,2022-01-01T00:00:00Z,1\na,2022-01-01T00:00:00Z,300\n",
    });
    expect(tables.meters.map(({ meterId }) => meterId)).toEqual(["m1", "m2"]);
    expect(tables.permits).toEqual([]);
    expect(tables.weather).toEqual([]);
    const sentences = told.map((text) => text.replace(/(: Invalid option|: Invalid input|: Too (big|small)).*/, "$1"));
    expect(sentences).toEqual([
      "meters.csv:11 - invalid_row: the row has fewer cells than the header (2 instead of 11)",
      'meters.csv:4 level invalid_row: level "tower": Invalid option',
      'meters.csv:5 time_zone invalid_row: time_zone "Mars/Base": "Mars/Base" is not a known IANA time zone',
      'meters.csv:6 interval_minutes invalid_row: interval_minutes "7": must divide 60',
      'meters.csv:7 rated_kw invalid_row: rated_kw "big" is not a number',
      "meters.csv:10 area_id invalid_row: area_id is empty",
      expect.stringMatching(/^meters.csv:9 meter_id invalid_row: meter m1 was already given at .*meters.csv:2$/),
      'permits.csv:3 max_kw invalid_row: max_kw "-3": Too small',
      'permits.csv:4 valid_from invalid_row: valid_from "yesterday": "yesterday" is not an ISO 8601 instant with zone such as 2022-01-03T06:00:00Z',
      'weather.csv:3 temp_c invalid_row: temp_c "300": Too big',
      'permits.csv:2 meter_id unknown_meter: meter_id "m9" is not in the registry of meters',
      'weather.csv:2 area_id invalid_row: area_id "b" is not in the registry of meters',
    ]);
  });

  it("stops where no meter is left", async () => {
    await expect(read({ meters: meterHeader })).rejects.toThrow(/meters.csv: holds no usable meter/);
    await expect(read({ meters: "id,name\n1,a\n" })).rejects.toThrow(
      /columns meter_id, level, area_id, time_zone, interval_minutes missing/,
    );
  });

  it("reads compressed and Parquet tables like plain ones, and what it writes itself", async () => {
    const { tables } = await read({ meters });
    const duck = await openDuck();
    const [plain, gz, parquet] = [join(folder, "meters.csv"), join(folder, "meters.csv.gz"), join(folder, "meters.parquet")];
    writeText(folder, "meters.csv.gz", gzipSync(tableCsv("meters", tables.meters)));
    await duck.connection.run(`copy (select * from read_csv('${plain}')) to '${parquet}'`);
    for (const path of [gz, parquet]) {
      const other = await readFleetTables(duck.connection, { meters: [path] }, (reject) => expect(reject).toBeUndefined());
      expect(other.meters).toEqual(tables.meters);
    }
    duck.close();
  });
});
