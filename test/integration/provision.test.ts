import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import { expect, it } from "vitest";
import { describeWithServers, kafkaBrokers, redisUrl } from "./servers.ts";

describeWithServers("the provisioned servers", () => {
  it("carries a message through Kafka", async () => {
    const kafka = new Kafka({ clientId: "provision-test", brokers: [...kafkaBrokers], logLevel: logLevel.NOTHING });
    const topic = `provision-${randomUUID()}`;
    const admin = kafka.admin();
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: topic });
    try {
      await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
      await producer.send({ topic, messages: [{ key: "Karaganda", value: "42.5" }] });
      await consumer.subscribe({ topic, fromBeginning: true });
      const seen = Promise.withResolvers<string>();
      await consumer.run({ eachMessage: async ({ message }) => seen.resolve(`${message.key?.toString()} ${message.value?.toString()}`) });
      expect(await seen.promise).toBe("Karaganda 42.5");
    } finally {
      await consumer.disconnect();
      await admin.deleteTopics({ topics: [topic] });
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    }
  });

  it("reaches a Redis that never evicts", async () => {
    const client = new Redis(redisUrl);
    try {
      expect(await client.ping()).toBe("PONG");
      expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    } finally {
      client.disconnect();
    }
  });
});
