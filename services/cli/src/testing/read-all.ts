import { formatInstant, type Meter, MeterSchema, qualityNames } from "@hashwatt/contracts";
import { createMeterRegistry, createReadingBatch, type MeterRegistry } from "@hashwatt/pipeline";
import { openDuck } from "../files/duck.ts";
import { findInputFiles } from "../files/input-files.ts";
import { openReadings, type ReadCounts } from "../files/read-readings.ts";
import type { FileReject } from "../files/rejects.ts";

export function makeMeter(meterId: string, fields: Partial<Meter> = {}): Meter {
  return MeterSchema.parse({ meterId, level: "substation", areaId: "a", timeZone: "UTC", intervalMinutes: 60, ...fields });
}

export function makeRegistry(...meterIds: string[]): MeterRegistry {
  return createMeterRegistry(
    meterIds.map((id) => makeMeter(id)),
    "fleet",
  );
}

export interface ReadAll {
  /** "meter time kw quality" of each delivered row, in order. */
  readonly rows: string[];
  readonly rejects: FileReject[];
  readonly counts: ReadCounts;
}

/** Reads files to their end into memory. */
export async function readAll(registry: MeterRegistry, ...patterns: string[]): Promise<ReadAll> {
  const duck = await openDuck();
  const batch = createReadingBatch(8192);
  const rejects: FileReject[] = [];
  const rows: string[] = [];
  try {
    const source = await openReadings({
      files: findInputFiles(patterns),
      registry,
      duck: duck.connection,
      batch,
      onReject: (reject) => rejects.push(reject),
    });
    for await (const _ of source.batches()) {
      for (let i = 0; i < batch.count; i++) {
        const { meterId } = registry.meters[batch.ordinals[i]];
        rows.push(`${meterId} ${formatInstant(batch.startMs[i])} ${batch.values[i]} ${qualityNames[batch.qualities[i]]}`);
      }
    }
    return { rows, rejects, counts: source.counts };
  } finally {
    duck.close();
  }
}
