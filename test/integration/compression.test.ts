import { randomUUID } from "node:crypto";
import { registerCodecs } from "@hashwatt/detector";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, expect, it } from "vitest";
import { describeWithServers, kafkaBrokers } from "./servers.ts";

describeWithServers("messages compressed by Kafka itself", () => {
  const id = randomUUID();
  const compressions = ["gzip", "snappy", "lz4", "zstd"];
  const topicOf = (compression: string) => `${compression}-${id}`;
  const kafka = new Kafka({ brokers: [...kafkaBrokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: id });
  afterAll(() => consumer.disconnect());

  it("are read, whichever way a producer or the topic compresses", async () => {
    registerCodecs();
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: compressions.map((compression) => ({
        topic: topicOf(compression),
        numPartitions: 1,
        configEntries: [{ name: "compression.type", value: compression }],
      })),
    });
    await admin.disconnect();
    // More than a block of each format, which repeats enough to be worth compressing.
    const values = Array.from({ length: 2_000 }, (_, i) => `{"meterId":"meter-${i}","intervalStart":"2022-01-03T06:00:00Z","kw":${i / 7}}`);
    const producer = kafka.producer();
    await producer.connect();
    for (const compression of compressions) {
      await producer.send({ topic: topicOf(compression), messages: values.map((value) => ({ value })) });
    }
    await producer.disconnect();

    const read = new Map<string, string[]>(compressions.map((compression) => [topicOf(compression), []]));
    await consumer.connect();
    await consumer.subscribe({ topics: [...read.keys()], fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ topic, message }) => {
          read.get(topic)!.push(message.value!.toString());
          if ([...read.values()].every(({ length }) => length >= values.length)) resolve();
        },
      });
    });
    for (const compression of compressions) expect(read.get(topicOf(compression))).toEqual(values);
  });
});
