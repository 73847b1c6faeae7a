import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Candidate } from "@hashwatt/contracts";
import { createTopics } from "@hashwatt/infra/topics";
import { caseStates, openRedisQueue } from "@hashwatt/review-queue";
import kafkajs, { type Admin, type Consumer, type Kafka, type Producer } from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type DetectorProcess, startDetectorProcess } from "./detector/detector-process.ts";
import { fleetFiles, fleetMessages, type Message, readingsFile } from "./detector/substations.ts";
import { describeWithServers, kafkaBrokers, redisUrl } from "./servers.ts";

const run = `detector-test-${Date.now()}`;
const topics = { readings: `${run}-readings`, detectorState: `${run}-state`, deadLetters: `${run}-dead-letters` };
const settings = {
  KAFKA_BROKERS: kafkaBrokers.join(","),
  KAFKA_GROUP_ID: run,
  KAFKA_READINGS_TOPIC: topics.readings,
  KAFKA_STATE_TOPIC: topics.detectorState,
  KAFKA_DEAD_LETTERS_TOPIC: topics.deadLetters,
  KAFKA_SESSION_TIMEOUT_MS: "6000",
  REDIS_URL: redisUrl,
  REDIS_KEY_PREFIX: run,
  CHECKPOINT_SECONDS: "1",
  ...fleetFiles,
};

/** Numbers of a candidate that must not depend on how it was come by. */
const essence = ({ candidateId, meterId, lane, onset, raisedAt, stepKw, stepKwLow, stepKwHigh, score, evidence }: Candidate) => ({
  candidateId,
  meterId,
  lane,
  onset,
  raisedAt,
  stepKw,
  stepKwLow,
  stepKwHigh,
  score,
  evidence,
});
const byId = (a: { candidateId: string }, b: { candidateId: string }) => (a.candidateId < b.candidateId ? -1 : 1);

/** What `replay` finds in the files. */
async function replayed(): Promise<Candidate[]> {
  const out = mkdtempSync(join(tmpdir(), "hashwatt-replay-"));
  const cli = resolve(import.meta.dirname, "../../services/cli/src/main.ts");
  const { METERS_FILE, PERMITS_FILE, EVENTS_FILE } = fleetFiles;
  const args = [
    "--peer-group",
    "area",
    "--meters",
    METERS_FILE,
    "--permits",
    PERMITS_FILE,
    "--events",
    EVENTS_FILE,
    "--readings",
    readingsFile,
    "--out",
    out,
  ];
  await promisify(execFile)(process.execPath, [cli, "replay", ...args]);
  const lines = readFileSync(join(out, "candidates.jsonl"), "utf8").trim().split("\n");
  rmSync(out, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Candidate);
}

/** What stands in the review queue. */
async function admitted(): Promise<Candidate[]> {
  const { queue } = await openRedisQueue({ url: redisUrl, prefix: run });
  const now = Date.now();
  const page = await queue.list({ states: caseStates, limit: 1000 }, now);
  const details = await Promise.all(page.cases.map(({ caseId }) => queue.get(caseId, now)));
  await queue.close();
  return details.flatMap((detail) => detail!.candidates);
}

const poison: (Message & { reason: string })[] = [
  { reason: "invalid_json", key: "area-2", value: '{"meterId":"cd-051","kw":' },
  { reason: "invalid_json", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":NaN}' },
  { reason: "null_value", key: "area-5", value: null },
  { reason: "no_key", key: null, value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "wrong_partition", key: "area-5", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "unknown_meter", key: "area-2", value: '{"meterId":"stranger","intervalStart":"2016-12-01T00:00:00Z","kw":1}' },
  { reason: "invalid_value", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1e400}' },
  { reason: "invalid_time", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"1970-01-01T00:00:00Z","kw":1}' },
  { reason: "invalid_time", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"noon","kw":1}' },
  {
    reason: "unknown_quality",
    key: "area-2",
    value: '[{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z","kw":1,"quality":"fine"}]',
  },
  { reason: "invalid_reading", key: "area-2", value: '{"meterId":"cd-051","intervalStart":"2016-12-01T00:00:00Z"}' },
  { reason: "too_large", key: "area-2", value: Buffer.alloc(5_242_880, 0x20) },
];

const partitionOf = (key: string) =>
  kafkajs.Partitioners.DefaultPartitioner()({
    topic: topics.readings,
    partitionMetadata: [0, 1, 2, 3].map((partitionId) => ({ partitionId, leader: 0, partitionErrorCode: 0, replicas: [], isr: [] })),
    message: { key, value: null },
  });

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(50);
}

const sumOf = (values: ReadonlyMap<string, number>) => [...values.values()].reduce((total, value) => total + value, 0);

/** Every reading is accounted for. */
async function expectSumRule(detector: DetectorProcess): Promise<void> {
  const read = sumOf(await detector.metric("hashwatt_readings_read_total"));
  const outcomes = sumOf(await detector.metric("hashwatt_readings_total"));
  const rejected = sumOf(await detector.metric("hashwatt_readings_rejected_total"));
  expect(read).toBeGreaterThan(70_000);
  expect(outcomes + rejected).toBe(read);
}

describeWithServers("the detector on Kafka and Redis", () => {
  let kafka: Kafka;
  let producer: Producer;
  const started: DetectorProcess[] = [];
  const start = (more: Record<string, string> = {}) => {
    const detector = startDetectorProcess({ ...settings, ...more });
    started.push(detector);
    return detector;
  };

  beforeAll(async () => {
    kafka = new kafkajs.Kafka({ brokers: [...kafkaBrokers], logLevel: kafkajs.logLevel.NOTHING });
    await createTopics({ brokers: kafkaBrokers, partitions: 4, names: topics });
    const admin = kafka.admin();
    await admin.connect();
    // So that a message of 5 MB comes as far as the detector.
    const entries = [{ name: "max.message.bytes", value: "8388608" }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topics.readings, configEntries: entries }],
    });
    await admin.disconnect();
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
  });

  // So that one that fails does not take the others' partitions.
  afterEach(() => {
    for (const { process: child } of started) child.kill("SIGKILL");
  });

  afterAll(async () => {
    await producer?.disconnect();
  });

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  const send = async (messages: readonly Message[]) => {
    for (let from = 0; from < messages.length; from += 200) {
      await producer.send({ topic: topics.readings, messages: messages.slice(from, from + 200) });
    }
  };

  /** Messages sent and not read, over the partitions the detectors have. */
  async function caughtUp(detectors: readonly DetectorProcess[]): Promise<void> {
    for (;;) {
      const lags = await Promise.all(detectors.map((detector) => detector.metric("hashwatt_lag_messages")));
      const all = lags.flatMap((lag) => [...lag.values()]);
      const waiting = await Promise.all(detectors.map((detector) => detector.metric("hashwatt_outbox_waiting")));
      const idle = waiting.every((outboxes) => [...outboxes.values()].every((count) => count === 0));
      const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topics.readings));
      const positions = await Promise.all(detectors.map((detector) => detector.metric("hashwatt_next_offset")));
      const next = positions.flatMap((position) => [...position.values()]).reduce((sum, value) => sum + value, 0);
      const end = ends.reduce((sum, { high }) => sum + Number(high), 0);
      if (idle && all.every((lag) => lag === 0) && next === end) return;
      await sleep(100);
    }
  }

  it("finds what replay finds, through a kill, a second member and a stop, poison between", { timeout: 120_000 }, async () => {
    const messages = fleetMessages();
    const third = Math.floor(messages.length / 3);
    const expected = replayed();
    // Looked at in the end; a failure before must not end the test runner.
    expected.catch(() => undefined);

    const first = start();
    await send(messages.slice(0, third));
    await first.line(({ msg }) => msg === "checkpoint");
    await send(messages.slice(third, Math.floor(1.5 * third)));
    expect(await first.end("SIGKILL")).toBe("SIGKILL");

    const second = start();
    await send(poison);
    await second.line(({ msg }) => msg === "restored");
    const fresh = start();
    await send(messages.slice(Math.floor(1.5 * third), 2 * third));
    await fresh.line(({ msg, partitions }) => msg === "joined the group" && (partitions as number[]).length === 2);
    await send(messages.slice(2 * third, Math.floor(2.5 * third)));
    expect(await second.end("SIGTERM")).toBe(0);
    await send(messages.slice(Math.floor(2.5 * third)));
    await fresh.line(({ msg, partitions }) => msg === "joined the group" && (partitions as number[]).length === 4);
    await caughtUp([fresh]);

    const found = await admitted();
    expect(found.length).toBeGreaterThanOrEqual(2);
    expect(found.map(essence).toSorted(byId)).toEqual((await expected).map(essence).toSorted(byId));
    expect((await deadLetters()).map(({ reason }) => reason).toSorted()).toEqual(poison.map(({ reason }) => reason).toSorted());
    await expectSumRule(fresh);
    expect(await fresh.end("SIGTERM")).toBe(0);
  });

  it("goes on after a clean stop where it was, reading nothing twice", { timeout: 60_000 }, async () => {
    const detector = start();
    await caughtUp([detector]);
    expect(await detector.metric("hashwatt_messages_total")).toEqual(new Map([["", 0]]));
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  it("refuses a snapshot that was made with other settings, and says what to do", { timeout: 60_000 }, async () => {
    const detector = start({ LATE_DAYS: "10" });
    await detector.line(({ level }) => level === "fatal").catch(() => undefined);
    const fatal = detector.lines.find(({ level }) => level === "fatal");
    expect(fatal?.msg).toMatch(/settings .* Start with the meters and settings it was made with; to begin anew, /);
  });

  it("finds its state when the broker has forgotten what the group committed", { timeout: 60_000 }, async () => {
    await withAdmin(async (admin) => {
      // The member that was refused did not leave by itself.
      await eventually(async () => (await admin.describeGroups([run])).groups[0].state === "Empty");
      await admin.deleteGroups([run]);
    });
    const detector = start();
    await caughtUp([detector]);
    expect(detector.lines.some(({ msg }) => msg.startsWith("goes back to the newest whole snapshot"))).toBe(true);
    expect(await detector.metric("hashwatt_messages_total")).toEqual(new Map([["", 0]]));
    // So that the group has committed again.
    await send(poison.slice(0, 1));
    await caughtUp([detector]);
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  it("halts a partition whose next reading retention has deleted, and goes on with the others", { timeout: 60_000 }, async () => {
    const other = fleetMessages().findLast(({ key }) => key === "area-2")!;
    await send([poison[0], poison[0], other]);
    await withAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topics.readings);
      const { partition, high } = ends.find((end) => end.partition === partitionOf("area-2"))!;
      await admin.deleteTopicRecords({ topic: topics.readings, partitions: [{ partition, offset: high }] });
    });
    await send([{ key: "area-5", value: "{" }]);
    const detector = start();
    const halted = await detector.line(({ level }) => level === "error");
    expect(halted.msg).toMatch(/^partition \d halted: readings \d+ to \d+ \(3 messages\) were deleted by retention/);
    await eventually(
      async () => (await detector.metric("hashwatt_messages_total")).get("") === (partitionOf("area-5") === partitionOf("area-2") ? 0 : 1),
    );
    expect([...(await detector.metric("hashwatt_partition_halted")).values()].toSorted()).toEqual([0, 0, 0, 1]);
    const { port } = await detector.line(({ msg }) => msg === "starting");
    expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(503);
    expect((await fetch(`http://127.0.0.1:${String(port)}/livez`)).status).toBe(200);
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  /** The dead letters, each once: after a kill some are sent again, with the same headers. */
  async function deadLetters(): Promise<{ reason: string; offset: string }[]> {
    const consumer: Consumer = kafka.consumer({ groupId: `${run}-dead-letters` });
    await consumer.connect();
    await consumer.subscribe({ topic: topics.deadLetters, fromBeginning: true });
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
