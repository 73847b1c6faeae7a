import { formatInstant, type RejectReason } from "@hashwatt/contracts";
import {
  createMessageDecoder,
  createReadingBatch,
  type DecodeReject,
  type MeterRegistry,
  type Pipeline,
  type Reject,
} from "@hashwatt/pipeline";
import { type DeadLetter, deadLetterOf, type RejectedReading } from "./dead-letters.ts";
import { createOffsetReader, type FetchedRecord } from "./fetched-record.ts";
import type { PartitionState } from "./partition-state.ts";

/** Readings handed to the pipeline at a time: 0.4 MB of columns, a few milliseconds. */
const sliceRows = 16_384;

export interface ReadingIntakeOptions {
  readonly registry: MeterRegistry;
  readonly partitionOfGroup: Int32Array;
  readonly topic: string;
  /** Set after creation: the pipeline needs `onReject`, the intake the pipeline. */
  readonly pipeline: () => Pick<Pipeline, "ingest">;
  readonly onDeadLetter: (letter: DeadLetter) => void;
}

/** Messages of a partition into the pipeline, and what was wrong with them into dead letters. */
export interface ReadingIntake {
  /**
   * Takes in records from `start` on until a slice is full; those before the state's next offset are passed over (kafkajs delivers
   * them again after a rebalance). Moves the state's next offset. Returns the index after the last record taken.
   */
  readonly take: (state: PartitionState, records: readonly FetchedRecord[], start: number) => number;
  /** For the pipeline. */
  readonly onReject: (reject: Reject) => void;
  /** Readings that messages held, and those that decoding turned away, since the process began. */
  readonly decoded: { messages: number; readings: number; readonly rejected: Map<RejectReason, number> };
}

export function createReadingIntake(options: ReadingIntakeOptions): ReadingIntake {
  const { registry, partitionOfGroup, topic, onDeadLetter } = options;
  const rows = createReadingBatch(2 * sliceRows);
  const offsetOf = createOffsetReader();
  const decoded = { messages: 0, readings: 0, rejected: new Map<RejectReason, number>() };
  /** Of the slice: which record each message is, and the first row it gave. */
  const recordOfMessage = new Int32Array(sliceRows);
  const rowOfMessage = new Int32Array(sliceRows);
  let messages = 0;
  const rejects = new Map<number, RejectedReading[]>();

  const addReject = (message: number, reject: RejectedReading) => rejects.set(message, [...(rejects.get(message) ?? []), reject]);
  const decoder = createMessageDecoder(
    registry,
    (reject: DecodeReject) => {
      decoded.rejected.set(reject.reason, (decoded.rejected.get(reject.reason) ?? 0) + 1);
      addReject(messages - 1, { reason: reject.reason, detail: reject.detail, index: reject.index });
    },
    { partitionOfGroup },
  );

  const sendDeadLetters = (state: PartitionState, records: readonly FetchedRecord[]) => {
    for (const [message, found] of rejects) {
      const record = records[recordOfMessage[message]];
      onDeadLetter(deadLetterOf({ topic, partition: state.partition, offset: offsetOf(record), ...copyOf(record) }, found));
    }
    rejects.clear();
  };

  return {
    decoded,
    take(state, records, start) {
      rows.count = 0;
      messages = 0;
      let index = start;
      let next = state.nextOffset;
      for (; index < records.length && rows.count < sliceRows && messages < sliceRows; index++) {
        const record = records[index];
        const offset = offsetOf(record);
        if (offset < next) continue;
        recordOfMessage[messages] = index;
        rowOfMessage[messages++] = rows.count;
        const readings = decoder.decodeRange(record, rows, state.partition);
        decoded.readings += readings;
        state.readingsSinceCheckpoint += readings;
        next = offset + 1;
      }
      decoded.messages += messages;
      options.pipeline().ingest(rows);
      state.nextOffset = next;
      if (rejects.size > 0) sendDeadLetters(state, records);
      return index;
    },
    onReject(reject) {
      const { reason, detail, row } = reject;
      if (row >= 0) addReject(messageOfRow(rowOfMessage, messages, row), { reason, detail, index: -1 });
      else onDeadLetter(deadLetterOfParked(reject, topic));
    },
  };
}

/** Copies: the letter may wait, and must not keep the 32 MB of its fetch alive. */
function copyOf({ key, value }: FetchedRecord): { key: Buffer | null; value: Buffer | null } {
  return { key: key && Buffer.from(key), value: value && Buffer.from(value) };
}

/** The last message that begins at or before the row and is not empty: with empty ones between, rows begin at the later. */
function messageOfRow(rowOfMessage: Int32Array, messages: number, row: number): number {
  let low = 0;
  let high = messages - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rowOfMessage[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A reading that waited for its group's time and was then turned away: its message is long gone, so it is written anew. */
function deadLetterOfParked({ reason, detail, meterId, startMs, value }: Reject, topic: string): DeadLetter {
  const reading = { meterId, intervalStart: formatInstant(startMs), value };
  return {
    key: null,
    value: Buffer.from(JSON.stringify(reading)),
    headers: { reason, detail, rejected: "1", "source-topic": topic, parked: "true" },
  };
}
