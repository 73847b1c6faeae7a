import { randomUUID } from "node:crypto";
import { createTopics, topicDefinitions } from "@hashwatt/infra/topics";
import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithServers, kafkaBrokers } from "./servers.ts";

describeWithServers("the topic job", () => {
  const id = randomUUID();
  const names = { readings: `readings-${id}`, detectorState: `detector-state-${id}`, deadLetters: `dead-letters-${id}` };
  const job = { brokers: kafkaBrokers, partitions: 3, names };
  const admin = new Kafka({ clientId: "topics-test", brokers: [...kafkaBrokers], logLevel: logLevel.NOTHING }).admin();

  beforeAll(() => admin.connect());
  afterAll(async () => {
    await admin.deleteTopics({ topics: Object.values(names) });
    await admin.disconnect();
  });

  it("creates what is missing with the settings of its definitions, and nothing the second time", async () => {
    expect(await createTopics(job)).toEqual(Object.values(names));
    expect(await createTopics(job)).toEqual([]);
    for (const { topic, configEntries } of topicDefinitions(job)) {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: configEntries.map(({ name }) => name) }],
      });
      const found = resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(configEntries.map(({ name, value }) => [name, value])));
    }
  });

  it("refuses another number of partitions", async () => {
    await expect(createTopics({ ...job, partitions: 6 })).rejects.toThrow(`Topic ${names.readings} has 3 partitions, asked are 6.`);
  });
});
