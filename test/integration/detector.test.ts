import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "kafkajs";
import { afterEach, beforeAll, expect, it } from "vitest";
import { startProxy } from "./detector/cuttable-proxy.ts";
import type { DetectorProcess } from "./detector/detector-process.ts";
import { createDetectorFixture, type DetectorFixture, essenceOf, eventually, sumOf } from "./detector/fixture.ts";
import { replayed } from "./detector/replayed.ts";
import { fleetMessages, type Message } from "./detector/substations.ts";
import { describeWithServers, redisUrl } from "./servers.ts";

const poison: (Message & { reason: string })[] = [
  { reason: "invalid_json", key: "area-2", value: '{"meterId":"cd-051","kw":' },
  { reason: "invalid_json", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":NaN}' },
  { reason: "null_value", key: "area-5", value: null },
  { reason: "no_key", key: null, value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "wrong_partition", key: "area-5", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "unknown_meter", key: "area-2", value: '{"meterId":"stranger","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "invalid_value", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1e400}' },
  { reason: "invalid_time", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"1970-01-01T00:00:00Z","kw":1}' },
  { reason: "invalid_time", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2099-12-31T23:00:00Z","kw":1}' },
  { reason: "invalid_time", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"noon","kw":1}' },
  {
    reason: "unknown_quality",
    key: "area-2",
    value: '[{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1,"quality":"fine"}]',
  },
  { reason: "invalid_reading", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z"}' },
  { reason: "too_large", key: "area-2", value: Buffer.alloc(5_242_880, 0x20) },
];

/** Every reading is accounted for. */
async function expectSumRule(detector: DetectorProcess): Promise<void> {
  const read = sumOf(await detector.metric("hashwatt_readings_read_total"));
  const outcomes = sumOf(await detector.metric("hashwatt_readings_total"));
  const rejected = sumOf(await detector.metric("hashwatt_readings_rejected_total"));
  expect(read).toBeGreaterThan(70_000);
  expect(outcomes + rejected).toBe(read);
}

describeWithServers("the detector on Kafka and Redis", () => {
  let fixture: DetectorFixture;
  beforeAll(async () => {
    fixture = await createDetectorFixture("detector-test");
  });
  // So that one that fails does not take the others' partitions.
  afterEach(() => fixture.killAll());

  it("finds what replay finds, through a kill, a second member and a stop, poison between", { timeout: 120_000 }, async () => {
    const messages = fleetMessages();
    const third = Math.floor(messages.length / 3);
    const expected = replayed();
    // Looked at in the end; a failure before must not end the test runner.
    expected.catch(() => undefined);

    const first = fixture.start();
    await fixture.send(messages.slice(0, third));
    await first.line(({ msg }) => msg === "checkpoint");
    await fixture.send(messages.slice(third, Math.floor(1.5 * third)));
    expect(await first.end("SIGKILL")).toBe("SIGKILL");

    const second = fixture.start();
    await fixture.send(poison);
    await second.line(({ msg }) => msg === "restored");
    const fresh = fixture.start();
    await fixture.send(messages.slice(Math.floor(1.5 * third), 2 * third));
    await fresh.line(({ msg, partitions }) => msg === "joined the group" && (partitions as number[]).length === 2);
    await fixture.send(messages.slice(2 * third, Math.floor(2.5 * third)));
    expect(await second.end("SIGTERM")).toBe(0);
    await fixture.send(messages.slice(Math.floor(2.5 * third)));
    await fresh.line(({ msg, partitions }) => msg === "joined the group" && (partitions as number[]).length === 4);
    await fixture.caughtUp([fresh]);

    const found = await fixture.admitted();
    expect(found.length).toBeGreaterThanOrEqual(2);
    expect(essenceOf(found)).toEqual(essenceOf(await expected));
    // an internet outage five weeks later told more of a candidate that the killed detector had raised
    const later = found.filter(({ raisedAt, evidence }) => evidence.tests.some(({ events = [] }) => events.some((at) => at > raisedAt)));
    expect(later.length).toBeGreaterThanOrEqual(1);
    expect((await deadLetters()).map(({ reason }) => reason).toSorted()).toEqual(poison.map(({ reason }) => reason).toSorted());
    await expectSumRule(fresh);
    expect(await fresh.end("SIGTERM")).toBe(0);
  });

  it("goes on after a clean stop where it was, reading nothing twice", { timeout: 60_000 }, async () => {
    const detector = fixture.start();
    await fixture.caughtUp([detector]);
    expect(await detector.metric("hashwatt_messages_total")).toEqual(new Map([["", 0]]));
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  it("refuses a snapshot that was made with other settings, and says what to do", { timeout: 60_000 }, async () => {
    const detector = fixture.start({ LATE_DAYS: "10" });
    await detector.line(({ level }) => level === "fatal").catch(() => undefined);
    const fatal = detector.lines.find(({ level }) => level === "fatal");
    expect(fatal?.msg).toMatch(/settings .* Start with the meters and settings it was made with; to begin anew, /);
  });

  it("finds its state when the broker has forgotten what the group committed", { timeout: 60_000 }, async () => {
    await fixture.withAdmin(async (admin) => {
      // The member that was refused did not leave by itself.
      await eventually(async () => (await admin.describeGroups([fixture.group])).groups[0].state === "Empty");
      await admin.deleteGroups([fixture.group]);
    });
    const detector = fixture.start();
    await fixture.caughtUp([detector]);
    expect(detector.lines.some(({ msg }) => msg.startsWith("goes back to the newest whole snapshot"))).toBe(true);
    expect(await detector.metric("hashwatt_messages_total")).toEqual(new Map([["", 0]]));
    // So that the group has committed again.
    await fixture.send(poison.slice(0, 1));
    await fixture.caughtUp([detector]);
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  it("halts a partition whose next reading retention has deleted, and goes on with the others", { timeout: 60_000 }, async () => {
    const other = fleetMessages().findLast(({ key }) => key === "area-2")!;
    await fixture.send([poison[0], poison[0], other]);
    await fixture.withAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(fixture.topics.readings);
      const { partition, high } = ends.find((end) => end.partition === fixture.partitionOf("area-2"))!;
      await admin.deleteTopicRecords({ topic: fixture.topics.readings, partitions: [{ partition, offset: high }] });
    });
    await fixture.send([{ key: "area-5", value: "{" }]);
    const detector = fixture.start();
    const halted = await detector.line(({ level }) => level === "error");
    expect(halted.msg).toMatch(/^partition \d halted: readings \d+ to \d+ \(3 messages\) were deleted by retention/);
    await eventually(
      async () =>
        (await detector.metric("hashwatt_messages_total")).get("") ===
        (fixture.partitionOf("area-5") === fixture.partitionOf("area-2") ? 0 : 1),
    );
    expect(sumOf(await detector.metric("hashwatt_partition_halted"))).toBe(1);
    const { port } = await detector.line(({ msg }) => msg === "starting");
    expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(503);
    expect((await fetch(`http://127.0.0.1:${String(port)}/livez`)).status).toBe(200);
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  /** The dead letters, each once: after a kill some are sent again, with the same headers. */
  async function deadLetters(): Promise<{ reason: string; offset: string }[]> {
    const consumer: Consumer = fixture.kafka.consumer({ groupId: `${fixture.group}-dead-letters` });
    await consumer.connect();
    await consumer.subscribe({ topic: fixture.topics.deadLetters, fromBeginning: true });
    const letters = new Map<string, { reason: string; offset: string }>();
    let last = Date.now();
    await consumer.run({
      eachMessage: async ({ message: { headers } }) => {
        const [reason, partition, offset] = ["reason", "source-partition", "source-offset"].map((name) => String(headers?.[name]));
        letters.set(`${partition}/${offset}`, { reason, offset });
        last = Date.now();
      },
    });
    while (letters.size < poison.length || Date.now() - last < 500) {
      if (Date.now() - last > 10_000) break;
      await sleep(50);
    }
    await consumer.disconnect();
    return [...letters.values()];
  }
});

describeWithServers("a detector whose review queue is away", () => {
  let fixture: DetectorFixture;
  beforeAll(async () => {
    fixture = await createDetectorFixture("outage-test");
  });
  afterEach(() => fixture.killAll());

  it("reads on, commits nothing, says so, and loses nothing", { timeout: 60_000 }, async () => {
    const { hostname, port } = new URL(redisUrl);
    const proxy = await startProxy(hostname, Number(port || 6379));
    const behindProxy = new URL(redisUrl);
    behindProxy.host = proxy.address;
    const messages = fleetMessages();
    const half = Math.floor(messages.length / 2);
    const detector = fixture.start({ REDIS_URL: behindProxy.href });
    await fixture.send(messages.slice(0, half));
    await detector.line(({ msg }) => msg === "checkpoint");
    proxy.cut();
    await fixture.send(messages.slice(half));
    await eventually(() => fixture.allRead([detector]));
    expect(sumOf(await detector.metric("hashwatt_outbox_waiting"))).toBeGreaterThan(0);
    const { port: httpPort } = await detector.line(({ msg }) => msg === "starting");
    const ready = await fetch(`http://127.0.0.1:${String(httpPort)}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining("the review queue has taken nothing for")]);
    const linesBefore = detector.lines.length;
    await sleep(2_500);
    expect(detector.lines.slice(linesBefore).filter(({ msg }) => msg === "checkpoint")).toEqual([]);
    proxy.mend();
    await fixture.caughtUp([detector]);
    await detector.line(({ msg }) => msg === "checkpoint", linesBefore);
    expect(essenceOf(await fixture.admitted())).toEqual(essenceOf(await replayed()));
    expect(await detector.end("SIGTERM")).toBe(0);
    await proxy.close();
  });
});

describeWithServers("a detector that sleeps through its session", () => {
  let fixture: DetectorFixture;
  beforeAll(async () => {
    fixture = await createDetectorFixture("zombie-test");
  });
  afterEach(() => fixture.killAll());

  it("changes nothing when it wakes: its commits are refused and it takes over what the others committed", {
    timeout: 90_000,
  }, async () => {
    const messages = fleetMessages();
    const third = Math.floor(messages.length / 3);
    const sleeper = fixture.start();
    await fixture.send(messages.slice(0, third));
    await sleeper.line(({ msg }) => msg === "checkpoint");
    await fixture.send(messages.slice(third, Math.floor(1.2 * third)));
    sleeper.process.kill("SIGSTOP");
    const linesBefore = sleeper.lines.length;

    const other = fixture.start();
    await other.line(({ msg, partitions }) => msg === "joined the group" && (partitions as number[]).length === 4);
    await fixture.send(messages.slice(Math.floor(1.2 * third), 2 * third));
    await other.line(({ msg }) => msg === "checkpoint");
    sleeper.process.kill("SIGCONT");
    await sleeper.line(({ msg }) => msg === "joined the group", linesBefore);
    await fixture.send(messages.slice(2 * third));
    await fixture.caughtUp([sleeper, other]);
    expect(essenceOf(await fixture.admitted())).toEqual(essenceOf(await replayed()));
    expect([await sleeper.end("SIGTERM"), await other.end("SIGTERM")]).toEqual([0, 0]);
  });
});
