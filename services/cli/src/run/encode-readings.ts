import { formatInstant, Quality, qualityNames } from "@hashwatt/contracts";
import type { MeterRegistry, ReadingBatch } from "@hashwatt/pipeline";

/** A Kafka message: key = peer group, value = one JSON reading or an array of them. */
export interface ReadingMessage {
  readonly key: string;
  readonly value: string;
}

export interface ReadingEncoder {
  /** Messages that became full with rows from..to of the batch. Order within a peer group stays the order of arrival. */
  add(batch: ReadingBatch, from: number, to: number): ReadingMessage[];
  /** The begun ones. */
  rest(): ReadingMessage[];
}

/** Gathers `perMessage` readings of a peer group into a message; 1 = a single object each. */
export function createReadingEncoder(registry: MeterRegistry, perMessage: number): ReadingEncoder {
  const begun: string[][] = registry.groupKeys.map(() => []);
  const ids = registry.meters.map(({ meterId }) => JSON.stringify(meterId));
  let formattedMs = Number.NaN;
  let formatted = "";

  const encodeRow = (batch: ReadingBatch, row: number): string => {
    if (batch.startMs[row] !== formattedMs) {
      formattedMs = batch.startMs[row];
      formatted = formatInstant(formattedMs);
    }
    const quality = batch.qualities[row] === Quality.measured ? "" : `,"quality":"${qualityNames[batch.qualities[row]]}"`;
    return `{"meterId":${ids[batch.ordinals[row]]},"intervalStart":"${formatted}","kw":${batch.values[row]}${quality}}`;
  };
  const close = (group: number): ReadingMessage => {
    const readings = begun[group];
    begun[group] = [];
    return { key: registry.groupKeys[group], value: perMessage === 1 ? readings[0] : `[${readings.join(",")}]` };
  };
  return {
    add(batch, from, to) {
      const full: ReadingMessage[] = [];
      for (let row = from; row < to; row++) {
        const group = registry.groupOf[batch.ordinals[row]];
        begun[group].push(encodeRow(batch, row));
        if (begun[group].length >= perMessage) full.push(close(group));
      }
      return full;
    },
    rest() {
      return begun.flatMap((readings, group) => (readings.length === 0 ? [] : [close(group)]));
    },
  };
}
