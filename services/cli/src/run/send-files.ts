import { type PeerGrouping } from "@hashwatt/contracts";
import { Partitioners, type Producer } from "kafkajs";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import type { FileReject } from "../files/rejects.ts";
import { createProgress } from "../output/progress.ts";
import { createReadingEncoder, type ReadingMessage } from "./encode-readings.ts";
import { openKafka } from "./kafka-connection.ts";
import { createPace } from "./pace.ts";
import { withFleetFiles } from "./run-files.ts";

export interface SendFilesOptions {
  readonly meters: readonly string[];
  readonly readings: readonly string[];
  readonly brokers?: string;
  readonly topic: string;
  /** Event seconds per second; Infinity = as fast as it goes. */
  readonly speed: number;
  /** Readings a message. */
  readonly batch: number;
  readonly peerGroup: PeerGrouping;
}

/** Characters of values in one request: far below a broker's limit of 1 MB a batch, large enough to be fast. */
const requestCharacters = 400_000;

/** Sends the readings; the rejected rows are named on stderr and counted. */
export async function sendFiles(options: SendFilesOptions): Promise<ExitCode> {
  const producer = openKafka(options.brokers, process.env).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    // A retried request must not put readings out of order or in twice.
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  try {
    await asService(producer.connect());
    return await sendAll(producer, options);
  } finally {
    await producer.disconnect();
  }
}

async function sendAll(producer: Producer, options: SendFilesOptions): Promise<ExitCode> {
  const progress = createProgress("send");
  const pace = createPace(options.speed);
  const isPaced = Number.isFinite(options.speed);
  let rejects = 0;
  const onReject = (reject: FileReject): void => {
    rejects++;
    if (rejects <= shownRejects) progress.warn(`${reject.file}:${reject.line ?? "?"}: ${reject.detail}`, { ...reject });
  };
  return withFleetFiles(options, options.peerGroup, onReject, async ({ registry, source, batch }) => {
    const encoder = createReadingEncoder(registry, options.batch);
    let rows = 0;
    for await (const _filled of source.batches()) {
      for await (const { from, to } of pace.pieces(batch)) {
        const messages = encoder.add(batch, from, to);
        // A reader at the other end should not wait for messages to fill while clock time is the pace.
        if (isPaced) messages.push(...encoder.rest());
        await send(producer, options.topic, messages);
        rows += to - from;
        progress.update(rows, batch.startMs[to - 1]);
      }
    }
    await send(producer, options.topic, encoder.rest());
    progress.done(rows);
    console.log(`${options.topic}: ${rows} readings sent, ${rejects} rejected`);
    return rejects > 0 ? exitCodes.data : exitCodes.ok;
  });
}

/** More would only hide the first ones. */
const shownRejects = 20;

async function send(producer: Producer, topic: string, messages: readonly ReadingMessage[]): Promise<void> {
  for (let from = 0; from < messages.length; ) {
    let to = from;
    for (let size = 0; to < messages.length && (to === from || size + messages[to].value.length <= requestCharacters); to++)
      size += messages[to].value.length;
    await asService(producer.send({ topic, messages: messages.slice(from, to) }));
    from = to;
  }
}

/** A failure of Kafka in one sentence. */
async function asService<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CliError(exitCodes.unavailable, `Kafka: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
