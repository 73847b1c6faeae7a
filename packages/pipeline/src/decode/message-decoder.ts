import { createCursor } from "./cursor.ts";
import { decodeJson } from "./decode-json.ts";
import { createReadingBatch, type ReadingBatch } from "../reading-batch.ts";
import type { DecodeReject, MeterLookup } from "./decode-types.ts";
import { createKeyJudge } from "./key-judge.ts";
import { createMeterTrail } from "./meter-trail.ts";
import { scanMessage } from "./scan-message.ts";
import type { ScanTarget } from "./scan-target.ts";

/** Values above this many bytes are not parsed: they would hold the partition up, and no honest producer sends them. */
export const maxMessageBytes = 5_000_000;

/** Where a message lies: key and value as ranges of one buffer. A start of -1 = null. */
export interface MessageRange {
  readonly bytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * Turns Kafka messages into rows. A value is one JSON reading, an array of readings, or columnar JSON (contracts, reading.ts); the key is
 * the peer group of its meters. Good readings are appended to `batch`, each bad one is one reject; no message makes it throw.
 *
 * `batch` grows when it is full (its columns are replaced by longer ones), so a message always fits. The caller ingests the batch and
 * sets `count` to 0 whenever it likes, best at some ten thousand rows; the decoder never empties it.
 */
export interface MessageDecoder {
  /**
   * @param partition the partition the message came from; compared with `partitionOfGroup` where that was given
   * @returns how many readings the message held: rows appended plus rejects
   */
  decode(key: Uint8Array | null, value: Uint8Array | null, batch: ReadingBatch, partition?: number): number;
  /** As `decode`, from the bytes as they came over the wire, without two views made for each message. */
  decodeRange(message: MessageRange, batch: ReadingBatch, partition?: number): number;
}

export interface DecoderOptions {
  /** Partition on which each peer group's readings belong (by group number). Without it, any partition is right. */
  readonly partitionOfGroup?: Int32Array;
}

const nothing = new Uint8Array(0);

export function createMessageDecoder(
  lookup: MeterLookup,
  onReject: (reject: DecodeReject) => void,
  options: DecoderOptions = {},
): MessageDecoder {
  const cursor = createCursor();
  const target: ScanTarget = { lookup, trail: createMeterTrail(lookup), batch: createReadingBatch(0), group: -1 };
  const judgeKey = createKeyJudge(lookup, options.partitionOfGroup);
  const rejectMessage = (reason: "null_value" | "too_large", detail: string) => {
    onReject({ reason, detail, meterId: "", startMs: Number.NaN, value: Number.NaN, index: -1 });
    return 1;
  };

  function decodeRange(message: MessageRange, batch: ReadingBatch, partition = -1, keyBytes = message.bytes): number {
    const { bytes, valueStart, valueEnd } = message;
    if (valueStart < 0) return rejectMessage("null_value", "the message has no value");
    const size = valueEnd - valueStart;
    if (size > maxMessageBytes) return rejectMessage("too_large", `the value has ${size} bytes; the limit is ${maxMessageBytes}`);
    const verdict = judgeKey(keyBytes, message.keyStart, message.keyEnd, partition);
    const before = batch.count;
    if (verdict.group >= 0) {
      cursor.bytes = bytes;
      cursor.at = valueStart;
      cursor.end = valueEnd;
      target.batch = batch;
      target.group = verdict.group;
      if (scanMessage(cursor, target)) return batch.count - before;
    }
    return decodeJson(bytes.subarray(valueStart, valueEnd), { lookup, batch, verdict, onReject });
  }

  return {
    decodeRange: (message, batch, partition) => decodeRange(message, batch, partition),
    decode(key, value, batch, partition) {
      const range = {
        bytes: value ?? nothing,
        keyStart: key === null ? -1 : 0,
        keyEnd: key?.length ?? 0,
        valueStart: value === null ? -1 : 0,
        valueEnd: value?.length ?? 0,
      };
      return decodeRange(range, batch, partition, key ?? nothing);
    },
  };
}
