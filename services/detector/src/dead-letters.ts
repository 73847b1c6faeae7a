import type { RejectReason } from "@hashwatt/contracts";
import type { IHeaders, Producer } from "kafkajs";

/** Why a reading of a message was not used. */
export interface RejectedReading {
  readonly reason: RejectReason;
  readonly detail: string;
  /** Place in the message; -1 = the message as a whole. */
  readonly index: number;
}

/** A message that was not used, or not wholly: its original bytes with what was wrong. */
export interface DeadLetter {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

/** Most rejects spelled out in a header: 20 with a sentence each stay below 8 KB. */
const detailLimit = 20;

/**
 * Headers of a dead letter: reason (of the first reject), detail, rejected (how many readings), rejects (JSON of the first 20),
 * source-topic, source-partition, source-offset. A repeat after a crash has the same ones.
 */
export function deadLetterOf(
  source: { topic: string; partition: number; offset: number; key: Buffer | null; value: Buffer | null },
  rejects: readonly RejectedReading[],
): DeadLetter {
  return {
    key: source.key,
    value: source.value,
    headers: {
      reason: rejects[0].reason,
      detail: rejects[0].detail,
      rejected: String(rejects.length),
      rejects: JSON.stringify(rejects.slice(0, detailLimit)),
      "source-topic": source.topic,
      "source-partition": String(source.partition),
      "source-offset": String(source.offset),
    },
  };
}

export function sizeOfDeadLetter({ key, value }: DeadLetter): number {
  return 500 + (key?.length ?? 0) + (value?.length ?? 0);
}

/** A request is one record batch, which the topic limits (1 MB by default; infra gives the dead letters' topic more). */
const requestBytes = 900_000;
/** What is kept of a value that the topic does not take. */
const keptBytes = 100_000;

/** Sends in order; a letter that is too large for the topic goes with the beginning of its value and says so. */
export async function sendDeadLetters(producer: Producer, topic: string, letters: readonly DeadLetter[]): Promise<void> {
  let request: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const size = sizeOfDeadLetter(letter);
    if (request.length > 0 && bytes + size > requestBytes) {
      await sendRequest(producer, topic, request);
      request = [];
      bytes = 0;
    }
    request.push(letter);
    bytes += size;
  }
  await sendRequest(producer, topic, request);
}

async function sendRequest(producer: Producer, topic: string, letters: readonly DeadLetter[]): Promise<void> {
  try {
    await producer.send({ topic, acks: -1, messages: [...letters] });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    for (const letter of letters) await producer.send({ topic, acks: -1, messages: [shortened(letter)] });
  }
}

function shortened(letter: DeadLetter): DeadLetter {
  const { key, value, headers } = letter;
  if (value === null || value.length <= keptBytes) return letter;
  return { key, value: value.subarray(0, keptBytes), headers: { ...headers, "truncated-from-bytes": String(value.length) } };
}

function isTooLarge(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ((cause as { type?: string }).type === "MESSAGE_TOO_LARGE" || (cause as { type?: string }).type === "RECORD_LIST_TOO_LARGE")
      return true;
  }
  return false;
}
