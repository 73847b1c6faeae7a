import type { Batch } from "kafkajs";
import type { MessageRange } from "@hashwatt/pipeline";

/**
 * A message as patches/kafkajs@2.2.4.patch fetches it: key and value as ranges of the fetched bytes. `key`, `value`, `offset` and
 * `headers` of KafkaMessage are made when they are asked for.
 */
export interface FetchedRecord extends MessageRange {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offsetDelta: number;
  readonly batchContext: { readonly firstOffset: string };
}

/** The batch's messages as fetched. Throws where kafkajs runs unpatched. */
export function recordsOf(batch: Batch): readonly FetchedRecord[] {
  const records = batch.messages as unknown as readonly FetchedRecord[];
  if (records.length > 0 && records[0].bytes === undefined) {
    throw new Error("kafkajs is not patched: install with pnpm from the repository's root, which applies patches/kafkajs@2.2.4.patch");
  }
  return records;
}

/** Gives the offset of each record in turn without making a string; records of one stored batch share their context. */
export function createOffsetReader(): (record: FetchedRecord) => number {
  let context: FetchedRecord["batchContext"] | undefined;
  let firstOffset = 0;
  return (record) => {
    if (record.batchContext !== context) {
      context = record.batchContext;
      firstOffset = Number(context.firstOffset);
    }
    return firstOffset + record.offsetDelta;
  };
}

/** Offset the fetch asked for: kafkajs moves it by itself when the wanted one is gone. */
export function fetchedOffsetOf(batch: Batch): number {
  return Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
}
