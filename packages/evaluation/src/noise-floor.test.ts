import { DAY_MS, parseInstant } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { type ConfounderLabel, emptyLabels, type FleetLabels, type MineLabel } from "./labels.ts";
import { noiseFloor, streamNoise, type StreamSteps } from "./noise-floor.ts";
import { createRandom } from "./random.ts";

const from = "2022-01-01T00:00:00Z";
const firstDay = parseInstant(from) / DAY_MS;
const iso = (day: number) => new Date((firstDay + day) * DAY_MS).toISOString();
const bare: FleetLabels = { ...emptyLabels, from, to: iso(400) };
const mine: MineLabel = { mineId: "m", meterIds: ["a"], kind: "flat", onset: iso(100), end: iso(200), kw: 9, pctOfMean: 9, machines: 3 };
const change: ConfounderLabel = { confounderId: "c", kind: "permitted_load", meterIds: ["a"], from: iso(100), to: iso(200), kw: 9 };

/** Gaussian steps with a deviation of the given share, larger by `added` where the day is one of `loud`. */
function gaussian(deviation: number, days: number, loud: (day: number) => boolean = () => false, seed = 1): StreamSteps {
  const random = createRandom(seed);
  const steps = Array.from({ length: days }, (_, day) => [firstDay + day, random.normal() * deviation + (loud(day) ? 0.5 : 0)] as const);
  return { meterId: "a", stream: "feeder", steps: new Map(steps) };
}

describe("noise floor", () => {
  it("is the deviation of gaussian steps, in % of the mean", () => {
    const { robustPct, halfOf95Pct, thirdOf99Pct } = streamNoise(gaussian(0.02, 20_000), bare)!;
    expect(robustPct).toBeCloseTo(2, 1);
    expect(halfOf95Pct).toBeCloseTo(2 * (1.96 / 2), 1);
    expect(thirdOf99Pct).toBeCloseTo(2 * (2.576 / 3), 1);
  });

  it("leaves out what is beside the onset and the end of a labelled mine or change of the meter", () => {
    const steps = gaussian(0.01, 400, (day) => Math.abs(day - 100) <= 12 || Math.abs(day - 200) <= 12);
    expect(streamNoise(steps, bare)!.thirdOf99Pct).toBeGreaterThan(15);
    const others = { ...bare, mines: [{ ...mine, meterIds: ["b"] }], confounders: [{ ...change, meterIds: ["b"] }] };
    expect(streamNoise(steps, others)).toEqual(streamNoise(steps, bare));
    for (const labels of [
      { ...bare, mines: [mine] },
      { ...bare, confounders: [change] },
    ]) {
      const { robustPct, thirdOf99Pct } = streamNoise(steps, labels)!;
      expect(robustPct).toBeCloseTo(1, 0);
      expect(thirdOf99Pct).toBeLessThan(1.2);
    }
  });

  it("leaves out a build-up, both ends of a pause, and all of a drift", () => {
    const steps = gaussian(0.01, 400, (day) => day >= 88 && day <= 152);
    const drift = { ...change, to: iso(140), drift: true };
    expect(streamNoise(steps, { ...bare, mines: [{ ...mine, buildupEnd: iso(140) }] })!.thirdOf99Pct).toBeLessThan(1.2);
    expect(streamNoise(steps, { ...bare, confounders: [drift] })!.thirdOf99Pct).toBeLessThan(1.2);
    const paused = gaussian(0.01, 400, (day) => Math.abs(day - 130) <= 12 || Math.abs(day - 170) <= 12);
    const pause = { from: iso(130), to: iso(170) };
    expect(streamNoise(paused, { ...bare, mines: [{ ...mine, pause }] })!.thirdOf99Pct).toBeLessThan(1.2);
  });

  it("is the median over the streams of a kind, and nothing where there are none", () => {
    const streams = [0.01, 0.02, 0.9].map((deviation, seed) => streamNoise(gaussian(deviation, 2_000, undefined, seed), bare)!);
    const floor = noiseFloor(streams);
    expect(floor.feeder).toMatchObject({ streams: 3, robustPct: streams[1].robustPct });
    expect(floor.balance).toEqual({ streams: 0, robustPct: null, halfOf95Pct: null, thirdOf99Pct: null });
    expect(streamNoise(gaussian(0.01, 9), bare)).toBeUndefined();
  });
});
