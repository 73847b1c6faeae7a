/**
 * A year of 1 000 hourly meters from CSV file to report, as a user runs it: CPU-seconds and peak memory of the whole process, and of half
 * the year, since memory must not grow with the input. Seeded; run with `node test/bench/replay.ts`. Bar: 40 CPU-seconds; goal 15.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatInstant, qualityNames } from "@hashwatt/contracts";
import { createFleet, type Fleet } from "@hashwatt/evaluation";

const cli = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));

function writeFleet(folder: string, fleet: Fleet): number {
  const meters = fleet.meters.map((m) => `${m.meterId},${m.level},${m.areaId},${m.region},${m.timeZone},${m.intervalMinutes}`);
  writeFileSync(join(folder, "meters.csv"), ["meter_id,level,area_id,region,time_zone,interval_minutes", ...meters, ""].join("\n"));
  const file = openSync(join(folder, "readings.csv"), "w");
  writeSync(file, "meter_id,interval_start,kw,quality\n");
  let rows = 0;
  for (const { count, meterIndex, startMs, kw, quality } of fleet.batches()) {
    const lines = Array.from({ length: count }, (_, i) => {
      return `${fleet.meters[meterIndex[i]].meterId},${formatInstant(startMs[i])},${kw[i].toPrecision(6)},${qualityNames[quality[i]]}\n`;
    });
    writeSync(file, lines.join(""));
    rows += count;
  }
  closeSync(file);
  return rows;
}

function replay(folder: string): string {
  const args = [
    cli,
    "replay",
    "--meters",
    join(folder, "meters.csv"),
    "--readings",
    join(folder, "readings.csv"),
    "--out",
    join(folder, "out"),
  ];
  const { stderr, status } = spawnSync("/usr/bin/time", ["-f", "%U %S %M", process.execPath, ...args], { encoding: "utf8" });
  const [user, system, kilobytes] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number);
  return `${(user + system).toFixed(1)} CPU-seconds, peak ${Math.round(kilobytes / 1024)} MB, exit ${status}`;
}

for (const days of [365, 183]) {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-replay-"));
  const fleet = createFleet({
    name: "replay",
    seed: 1,
    from: "2023-01-01T00:00:00Z",
    days,
    areas: 100,
    substationsPerArea: 10,
    feedersPerSubstation: 0,
  });
  const rows = writeFleet(folder, fleet);
  console.log(`${fleet.meters.length} meters, ${days} days, ${rows} rows: ${replay(folder)}`);
  rmSync(folder, { recursive: true });
}
