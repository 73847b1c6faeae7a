import { type NativeKafkaCluster, type NativeRedis, startKafkaCluster, startRedis } from "@hashwatt/infra/native";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDetectorFixture, type DetectorFixture, essenceOf, eventually } from "../integration/detector/fixture.ts";
import { replayed } from "../integration/detector/replayed.ts";
import { fleetMessages } from "../integration/detector/substations.ts";

let cluster: NativeKafkaCluster;
let redis: NativeRedis;
let fixture: DetectorFixture;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startKafkaCluster(), startRedis()]);
  fixture = await createDetectorFixture("broker-loss", {
    kafka: { brokers: cluster.brokers },
    redis: { url: redis.url },
    replicationFactor: 3,
  });
});
afterAll(async () => {
  fixture?.killAll();
  await Promise.all([cluster?.stop(), redis?.stop()]);
});

async function allInSync(): Promise<boolean> {
  const { topics } = await fixture.withAdmin((admin) => admin.fetchTopicMetadata({ topics: Object.values(fixture.topics) }));
  return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === 3));
}

// Each in turn: one of them is the group's coordinator, one the controller, and each leads some partition.
it("finds what replay finds while each broker in turn is killed and comes back", async () => {
  const messages = fleetMessages();
  const quarter = Math.ceil(messages.length / 4);
  const expected = replayed();
  expected.catch(() => undefined);
  const detectors = [fixture.start(), fixture.start()];
  for (const [round, node] of cluster.nodes.entries()) {
    await fixture.send(messages.slice(round * quarter, Math.floor((round + 0.5) * quarter)));
    const started = performance.now();
    await node.kill();
    await fixture.send(messages.slice(Math.floor((round + 0.5) * quarter), (round + 1) * quarter));
    await fixture.caughtUp(detectors);
    console.log(`broker ${round + 1} killed; sent and read without it after ${Math.round(performance.now() - started)} ms`);
    await node.restart();
    await eventually(allInSync);
  }
  await fixture.send(messages.slice(3 * quarter));
  await fixture.caughtUp(detectors);
  expect(essenceOf(await fixture.admitted())).toEqual(essenceOf(await expected));
  expect(await Promise.all(detectors.map((detector) => detector.end("SIGTERM")))).toEqual([0, 0]);
});
