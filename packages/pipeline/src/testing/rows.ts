import { type CandidateMessage, HOUR_MS, type Meter, MeterSchema, parseInstant } from "@hashwatt/contracts";
import type { Reject } from "../admit-readings.ts";
import { createMeterRegistry, type MeterRegistry } from "../meter-registry.ts";
import { createPipeline, type Pipeline, type PipelineOptions } from "../pipeline.ts";
import { createReadingBatch } from "../reading-batch.ts";
import { stepDetectionApi } from "./step-detector.ts";

/** One reading as tests write it. */
export interface Row {
  readonly meterId: string;
  readonly startMs: number;
  readonly value: number;
  readonly quantity?: number;
  readonly quality?: number;
}

export const firstMs = parseInstant("2022-01-03T00:00:00Z");

export function testMeter(meterId: string, over: Partial<Meter> = {}): Meter {
  return MeterSchema.parse({ meterId, level: "feeder", areaId: "a", timeZone: "UTC", intervalMinutes: 60, ...over });
}

/** Readings of all intervals of the meters from `fromMs` for `days` days, by time; kW by `load`. */
export function rowsOf(meters: readonly Meter[], days: number, load: (meter: Meter, startMs: number) => number, fromMs = firstMs): Row[] {
  const rows: Row[] = [];
  for (const meter of meters) {
    const intervalMs = meter.intervalMinutes * 60_000;
    for (let startMs = fromMs; startMs < fromMs + days * 24 * HOUR_MS; startMs += intervalMs) {
      rows.push({ meterId: meter.meterId, startMs, value: load(meter, startMs) });
    }
  }
  const ends = new Map(meters.map((meter) => [meter.meterId, meter.intervalMinutes * 60_000]));
  return rows.toSorted((a, b) => a.startMs + ends.get(a.meterId)! - b.startMs - ends.get(b.meterId)!);
}

/** Loads in eighths of a kW, so that sums and differences of them are exact: 40 to 50 kW, and `stepKw` more from `onsetMs` on. */
export function loadWithStep(seed: number, stepKw: number, onsetMs: number): (meter: Meter, startMs: number) => number {
  return (meter, startMs) => {
    const name = Array.from(meter.meterId).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed);
    const noise = Math.imul(Math.floor(startMs / 60_000) ^ name, 0x9e3779b1) >>> 26;
    return 40 + noise / 8 + (startMs >= onsetMs ? stepKw : 0);
  };
}

/** A pipeline with the step detector, 3 late days and 12 days of history, and all that it said. */
export interface TestRun {
  readonly pipeline: Pipeline;
  readonly registry: MeterRegistry;
  readonly messages: CandidateMessage[];
  readonly rejects: Reject[];
  feed(rows: readonly Row[], batchSize?: number): void;
}

export function createTestRun(meters: readonly Meter[], over: Partial<PipelineOptions> = {}): TestRun {
  const registry = over.registry ?? createMeterRegistry(meters, "area");
  const messages: CandidateMessage[] = [];
  const rejects: Reject[] = [];
  const pipeline = createPipeline(
    {
      lateDays: 3,
      parameters: { historyDays: 16, fitLagDays: 3 },
      ...over,
      registry,
      onMessage: (message) => messages.push(message),
      onReject: (reject) => rejects.push(reject),
    },
    stepDetectionApi,
  );
  const feed = (rows: readonly Row[], batchSize = 97): void => {
    const batch = createReadingBatch(batchSize);
    for (let from = 0; from < rows.length; from += batchSize) {
      const part = rows.slice(from, from + batchSize);
      batch.count = part.length;
      for (const [row, { meterId, startMs, value, quantity = 0, quality = 0 }] of part.entries()) {
        batch.ordinals[row] = registry.ordinalOf(meterId);
        batch.startMs[row] = startMs;
        batch.values[row] = value;
        batch.quantities[row] = quantity;
        batch.qualities[row] = quality;
      }
      pipeline.ingest(batch);
    }
  };
  return { pipeline, registry, messages, rejects, feed };
}

/** The last word on every candidate, without the time at which it was said first. */
export function finalSet(messages: readonly CandidateMessage[]): unknown[] {
  const last = new Map<string, unknown>();
  for (const message of messages) {
    if (message.type === "withdraw") last.delete(message.candidateId);
    else last.set(message.candidate.candidateId, { ...message.candidate, raisedAt: "" });
  }
  return [...last].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, candidate]) => candidate);
}
