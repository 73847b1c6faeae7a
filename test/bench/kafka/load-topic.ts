import { createTopics } from "@hashwatt/infra/topics";
import kafkajs from "kafkajs";
import { type BenchRow, benchMessages, partitions } from "./rows.ts";

/** Names of the topics of a row on the benchmark's broker. */
export function topicsOf(row: BenchRow): { readings: string; detectorState: string; deadLetters: string } {
  return { readings: row.name, detectorState: `${row.name}-state`, deadLetters: `${row.name}-dead-letters` };
}

/** Creates a row's topics and fills its readings, unless they are there already. */
export async function loadTopic(row: BenchRow, brokers: readonly string[]): Promise<void> {
  const created = await createTopics({ brokers, partitions, names: topicsOf(row) });
  if (!created.includes(row.name)) return;
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const batchSize = row.readingsPerMessage === 1 ? 5_000 : 500;
  let batch: { key: string; value: string }[] = [];
  const flush = async () => {
    await producer.send({ topic: row.name, messages: batch, acks: 1 });
    batch = [];
  };
  for (const message of benchMessages(row)) {
    batch.push(message);
    if (batch.length === batchSize) await flush();
  }
  if (batch.length > 0) await flush();
  const admin = kafka.admin();
  await admin.connect();
  // For the peer: its candidates.
  await admin.createTopics({ topics: [{ topic: `${row.name}-candidates`, numPartitions: partitions }] });
  await Promise.all([producer.disconnect(), admin.disconnect()]);
}
