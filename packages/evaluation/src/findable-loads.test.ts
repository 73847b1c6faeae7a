import { DAY_MS, formatInstant, type Meter, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { findableLoads, findableSizes, type SeenNoise, type TriedLoad, triedLoads } from "./findable-loads.ts";
import type { FleetLabels, MineLabel } from "./labels.ts";
import type { ScoredCandidate } from "./match.ts";
import { createRandom } from "./random.ts";

const meter = (meterId: string, level: Meter["level"], parentId: string | null = null): Meter => ({
  meterId,
  name: "",
  level,
  parentId,
  areaId: "a",
  region: "",
  timeZone: "UTC",
  intervalMinutes: 60,
  ratedKw: null,
  latitude: null,
  longitude: null,
});
const meters = [meter("f1", "feeder"), meter("t1", "transformer", "f1"), meter("t2", "transformer", "f1"), meter("f2", "feeder")];

/** Loads that are found with a chance of 4 in 5 at `size` times the noise. */
function drawTried(seed: number, count: number, stream: TriedLoad["stream"], size: number): TriedLoad[] {
  const random = createRandom(seed, "tried");
  return Array.from({ length: count }, () => {
    const sizeOverNoise = 2 * 40 ** random.next();
    const odds = Math.log(4) + 3 * Math.log(sizeOverNoise / size);
    return { stream, sizeOverNoise, isFound: random.next() < 1 / (1 + Math.exp(-odds)) };
  });
}

describe("size over noise that is found 4 times in 5", () => {
  it("is what the loads were drawn with, for each kind of stream", () => {
    const sizes = findableSizes([...drawTried(1, 300, "feeder", 10), ...drawTried(2, 300, "transformer", 25)]);
    expect(Math.abs(Math.log(sizes.feeder! / 10))).toBeLessThan(0.25);
    expect(Math.abs(Math.log(sizes.transformer! / 25))).toBeLessThan(0.25);
  });

  it("lies between the others' and its own where a kind of stream has few loads, and is the others' where it has none", () => {
    const sizes = findableSizes([...drawTried(1, 300, "feeder", 10), ...drawTried(3, 4, "transformer", 60)]);
    expect(sizes.transformer!).toBeGreaterThanOrEqual(sizes.feeder! * 0.8);
    expect(sizes.transformer!).toBeLessThan(40);
    expect(Math.abs(Math.log(sizes.substation! / sizes.feeder!))).toBeLessThan(0.3);
  });

  it("is not moved by a few large loads that were missed by accident", () => {
    const sharp = Array.from({ length: 60 }, (_, i) => ({
      stream: "substation" as const,
      sizeOverNoise: 2 + i,
      isFound: i > 7 && i !== 40,
    }));
    const sizes = findableSizes(sharp);
    expect(sizes.substation!).toBeGreaterThan(8.5);
    expect(sizes.substation!).toBeLessThan(13);
  });

  it("is the smallest that was tried where all were found", () => {
    const all = drawTried(5, 200, "feeder", 10).map((load) => ({ ...load, isFound: true }));
    expect(findableSizes(all).feeder).toBe(Math.min(...all.map(({ sizeOverNoise }) => sizeOverNoise)));
  });

  it("is not known where too few were tried, or where none that was tried would do", () => {
    expect(findableSizes(drawTried(1, 11, "feeder", 10)).feeder).toBeNull();
    expect(findableSizes(drawTried(4, 200, "feeder", 1000)).feeder).toBeNull();
    expect(findableSizes(drawTried(5, 200, "feeder", 10).map((load) => ({ ...load, isFound: false }))).feeder).toBeNull();
  });
});

const week = 2800 * 7;
const noiseOf = (meterId: string, stream: SeenNoise["stream"], noiseKw: number, weeks = 12): SeenNoise[] =>
  Array.from({ length: weeks }, (_, i) => ({
    meterId,
    stream,
    week: week + 7 * i,
    meanKw: 100,
    noiseKw: noiseKw * (i === weeks - 2 ? 5 : 1),
  }));
const noise = [
  ...noiseOf("t1", "transformer", 3),
  ...noiseOf("f1", "feeder", 8),
  ...noiseOf("f1", "balance", 2),
  ...noiseOf("f2", "feeder", 1),
];
const sizes = { substation: null, feeder: 10, transformer: 20, customer: null, balance: 15 };

describe("the smallest load of a meter", () => {
  it("follows from its own noise, that of a parent from its balance, and one restless week does not move it", () => {
    const loads = findableLoads(meters, noise, sizes, () => 0);
    expect(loads.map(({ meterId, smallestKw }) => [meterId, smallestKw])).toEqual([
      ["f1", 30],
      ["t1", 60],
      ["t2", null],
      ["f2", 10],
    ]);
    expect(loads[2]).toEqual({ meterId: "t2", level: "transformer", meanKw: null, noiseKw: null, smallestKw: null });
  });

  it("is never below what is raised at all, and null where no size would do", () => {
    const [, , , least] = findableLoads(meters, noise, sizes, (_, meanKw) => 0.5 * meanKw);
    expect(least).toEqual({ meterId: "f2", level: "feeder", meanKw: 100, noiseKw: 1, smallestKw: 50 });
    expect(findableLoads(meters, noise, { ...sizes, feeder: null }, () => 0).map(({ smallestKw }) => smallestKw)).toEqual([
      30,
      60,
      null,
      null,
    ]);
  });
});

describe("loads that were tried", () => {
  const onset = formatInstant((week + 30) * DAY_MS);
  const mine: MineLabel = { mineId: "m", meterIds: ["t1", "f1"], kind: "flat", onset, end: null, kw: 60, pctOfMean: 60, machines: null };
  const from = formatInstant((week - 60) * DAY_MS);
  const labels: FleetLabels = {
    fleet: "x",
    from,
    to: formatInstant((week + 200) * DAY_MS),
    warmupDays: 45,
    mines: [mine],
    confounders: [],
    unscored: [],
    lookalikes: [],
    hidden: [],
  };
  const candidate = (meterId: string, afterDays: number, onsetDays = 0): ScoredCandidate => ({
    meterId,
    onset: formatInstant(parseInstant(onset) + onsetDays * DAY_MS),
    raisedAt: formatInstant(parseInstant(onset) + afterDays * DAY_MS),
    stepKw: 60,
    stepKwLow: 50,
    stepKwHigh: 70,
    score: 0.8,
  });
  const isFound = (...candidates: ScoredCandidate[]) => triedLoads([{ labels, meterIds: ["t1"], candidates }], meters, noise)[0];

  it("are found where a candidate of theirs, on any meter that sees it, is raised within 21 days", () => {
    expect(isFound(candidate("t1", 10))).toEqual({ stream: "transformer", sizeOverNoise: 20, isFound: true });
    expect(isFound(candidate("f1", 21)).isFound).toBe(true);
    expect(isFound(candidate("t1", 22)).isFound).toBe(false);
    expect(isFound(candidate("t1", 10, -20)).isFound).toBe(false);
    expect(isFound(candidate("f2", 10)).isFound).toBe(false);
    expect(isFound().isFound).toBe(false);
  });
});
