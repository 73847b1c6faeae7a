import { type Calibration, type Meter, type PeerGrouping, streamKinds } from "@hashwatt/contracts";
import { detectorVersionOf, type JudgingOptions } from "../pipeline-settings.ts";

/** A calibration of some meters that corrects every score alike. */
export function testCalibration(
  meters: readonly Meter[],
  peerGrouping: PeerGrouping,
  correction: { intercept: number; slope: number; minScore: number },
  judging: JudgingOptions = {},
): Calibration {
  const counted = { ...correction, mines: 40, innocent: 60 };
  const scores = Object.fromEntries(streamKinds.map((kind) => [kind, { step: counted, buildup: counted }])) as Calibration["scores"];
  return {
    format: "hashwatt-calibration/1",
    detectorVersion: detectorVersionOf(judging),
    peerGrouping,
    history: { from: "2021-01-01T00:00:00Z", to: "2022-01-01T00:00:00Z", meterYears: meters.length, metersDigest: "0123456789abcdef" },
    settings: { falseBudget: 4, changesPer100MeterYears: 30, seed: 1, seeds: 8 },
    scores,
    findable: {
      chance: 0.8,
      withinDays: 21,
      check: { mines: 10, found: 8 },
      meters: meters.map(({ meterId, level }) => ({ meterId, level, meanKw: 300, noiseKw: 3, smallestKw: 60 })),
    },
  };
}
