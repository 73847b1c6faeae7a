import { randomUUID } from "node:crypto";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import type { CandidateMessage } from "@hashwatt/contracts";
import { openMemoryQueue, openRedisQueue, QueueConfigurationError, QueueUnavailableError, type QueuePolicy } from "@hashwatt/review-queue";
import {
  reviewQueueContract,
  sampleCandidate,
  sampleCandidateId,
  sampleNowMs as now,
  sameQueueContract,
} from "@hashwatt/review-queue/testing";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";

const url = inject("redisUrl");
const prefixes: string[] = [];

function freshPrefix(): string {
  const prefix = `test-${randomUUID()}`;
  prefixes.push(prefix);
  return prefix;
}

const openRedis = (policy?: QueuePolicy) => openRedisQueue({ url, prefix: freshPrefix(), ...policy });
const raise = (number: number): CandidateMessage => ({
  type: "raise",
  candidate: sampleCandidate({ meterId: `meter-${number}`, candidateId: sampleCandidateId(number) }),
});

describe.skipIf(url === "")("the review queue on a real Redis", () => {
  const admin = new Redis(url || "redis://localhost", { lazyConnect: true });

  beforeAll(() => admin.connect());
  afterAll(async () => {
    for (const prefix of prefixes) {
      const keys = await admin.keys(`{${prefix}}:*`);
      if (keys.length > 0) await admin.del(...keys);
    }
    await admin.quit();
  });

  reviewQueueContract("Redis", openRedis, 60);
  sameQueueContract("memory and Redis", openMemoryQueue, openRedis, 60);

  describe("two processes on one queue", () => {
    it("let exactly one claim win, admit one live case a site, and see each other's writes", async () => {
      const prefix = freshPrefix();
      const opened = await Promise.all([openRedisQueue({ url, prefix }), openRedisQueue({ url, prefix })]);
      const [one, other] = opened.map(({ queue }) => queue);
      const messages = Array.from({ length: 200 }, (_, i) => raise(i % 10)).map((message, i) =>
        message.type === "raise" ? { ...message, candidate: { ...message.candidate, candidateId: sampleCandidateId(i) } } : message,
      );
      await Promise.all([one.admitMany(messages, now), other.admitMany(messages.toReversed(), now)]);
      const { cases } = await one.list({ limit: 1000 }, now);
      expect(cases).toHaveLength(10);
      expect(cases.every((view) => view.seenCount === 20 && view.version === 20)).toBe(true);
      const claims = await Promise.all([
        one.claim({ caseId: cases[0].caseId, by: "ana" }, now),
        other.claim({ caseId: cases[0].caseId, by: "bek" }, now),
      ]);
      expect(claims.map((outcome) => outcome.outcome).toSorted()).toEqual(["claimed", "taken"]);
      await Promise.all([one.close(), other.close()]);
    });
  });

  describe("above maxmemory", () => {
    afterEach(() => admin.config("SET", "maxmemory", "0"));

    it("refuses new cases as a whole and lets people drain the queue, a newly opened client as well", async () => {
      const prefix = freshPrefix();
      const { queue } = await openRedisQueue({ url, prefix });
      await queue.admit(raise(1), now);
      const { caseId } = (await queue.list({}, now)).cases[0];
      await admin.config("SET", "maxmemory", "1");
      await admin.script("FLUSH");
      await expect(queue.admit(raise(2), now)).rejects.toMatchObject({ name: "QueueUnavailableError", reason: "full" });
      const late = await openRedisQueue({ url, prefix });
      const claimed = await late.queue.claim({ caseId, by: "ana" }, now);
      if (claimed.outcome !== "claimed") throw new Error(claimed.outcome);
      const request = { caseId, by: "ana", token: claimed.lease.token, version: claimed.case.version };
      expect(await queue.decide({ ...request, verdict: "benign", reason: "visited" }, now)).toMatchObject({ outcome: "decided" });
      await admin.config("SET", "maxmemory", "0");
      expect(await queue.admit(raise(2), now)).toMatchObject({ outcome: "opened" });
      await Promise.all([queue.close(), late.queue.close()]);
    });
  });

  describe("opening", () => {
    afterEach(() => admin.config("SET", "maxmemory-policy", "noeviction"));

    it("refuses, in one sentence, a server that may evict cases", async () => {
      await admin.config("SET", "maxmemory-policy", "allkeys-lru");
      const refused = openRedis();
      await expect(refused).rejects.toThrow(QueueConfigurationError);
      await expect(refused).rejects.toThrow(
        "Redis has maxmemory-policy allkeys-lru and may throw away cases to make room; set maxmemory-policy noeviction",
      );
    });

    it("warns where the append-only file is off", async () => {
      const isOn = (await admin.info("persistence")).includes("aof_enabled:1");
      const { queue, warnings } = await openRedis();
      expect(warnings).toHaveLength(isOn ? 0 : 1);
      await queue.close();
    });

    it("refuses a wrong password, a foreign schema and a prefix that is none", async () => {
      await expect(openRedisQueue({ url, username: "nobody", password: "wrong" })).rejects.toThrow("refuses the user or password");
      await expect(openRedisQueue({ url: "localhost:6379" })).rejects.toThrow("must look like redis://host:6379");
      await expect(openRedisQueue({ url, prefix: "a{b}" })).rejects.toThrow('prefix "a{b}" must be made of');
      const prefix = freshPrefix();
      await admin.set(`{${prefix}}:schema`, "99");
      await expect(openRedisQueue({ url, prefix })).rejects.toThrow("has schema 99, this version reads 1");
    });

    it("says that nobody answers instead of waiting for ever", async () => {
      const refused = openRedisQueue({ url: "redis://127.0.0.1:1" });
      await expect(refused).rejects.toMatchObject({ name: "QueueUnavailableError", reason: "connection" });
      await expect(refused).rejects.toThrow("Redis at 127.0.0.1:1 cannot be reached");
    });

    it("works for a user with no more rights than are listed", async () => {
      const prefix = freshPrefix();
      const rights = "+info +get +set +hget +hmget +hset +zrange +zadd +zrem +xadd +xrange +rpush +lrange +evalsha +script|load".split(" ");
      await admin.acl("SETUSER", prefix, "on", ">secret", `~{${prefix}}:*`, ...rights);
      const { queue } = await openRedisQueue({ url, prefix, username: prefix, password: "secret" });
      await queue.admit(raise(1), now);
      const { cases } = await queue.list({}, now);
      expect(await queue.claim({ caseId: cases[0].caseId, by: "ana" }, now)).toMatchObject({ outcome: "claimed" });
      expect((await queue.log({ caseId: cases[0].caseId })).entries).toHaveLength(2);
      await queue.close();
      await admin.acl("DELUSER", prefix);
    });
  });

  describe("an outage", () => {
    let proxy: CuttableProxy;
    beforeAll(async () => {
      proxy = await startProxy();
    });
    afterAll(() => proxy.cut());

    it("fails every verb at once, keeps nothing in memory, and goes on when the server is back", async () => {
      const { queue } = await openRedisQueue({ url: proxy.url, prefix: freshPrefix() });
      await queue.admit(raise(1), now);
      await proxy.cut();
      const refused = await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => queue.admit(raise(i), now)));
      expect(refused.every((result) => result.status === "rejected" && result.reason instanceof QueueUnavailableError)).toBe(true);
      await expect(queue.list({}, now)).rejects.toMatchObject({ reason: "connection" });
      await proxy.mend();
      await expect.poll(() => queue.admit(raise(2), now).catch(String), { timeout: 10_000 }).toMatchObject({ outcome: "opened" });
      expect((await queue.list({}, now)).cases).toHaveLength(2);
      await queue.close();
    });

    it("gives up a command that nobody answers", async () => {
      const { queue } = await openRedisQueue({ url: proxy.url, prefix: freshPrefix(), commandTimeoutMs: 200 });
      proxy.swallowAnswers();
      await expect(queue.list({}, now)).rejects.toMatchObject({ name: "QueueUnavailableError", reason: "connection" });
      await expect(queue.admit(raise(1), now)).rejects.toMatchObject({ name: "QueueUnavailableError", reason: "connection" });
      await proxy.cut();
      await proxy.mend();
      await queue.close();
    });

    it("repeats to one effect when the answer was lost on the way", async () => {
      const { queue } = await openRedisQueue({ url: proxy.url, prefix: freshPrefix() });
      const messages = Array.from({ length: 50 }, (_, i) => raise(i));
      proxy.swallowAnswers();
      const lost = queue.admitMany(messages, now);
      setTimeout(() => void proxy.cut(), 100);
      await expect(lost).rejects.toMatchObject({ reason: "connection" });
      await proxy.mend();
      await expect.poll(() => queue.admitMany(messages, now).then(() => "done", String), { timeout: 10_000 }).toBe("done");
      expect((await queue.log({ limit: 1000 })).entries).toHaveLength(50);
      await queue.close();
    });
  });
});

interface CuttableProxy {
  url: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  swallowAnswers(): void;
}

/** A TCP proxy before the real Redis: an outage without ending a server that other tests use. */
async function startProxy(): Promise<CuttableProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let swallows = false;
  let server: Server;
  let port = 0;
  const mend = () =>
    new Promise<void>((resolve) => {
      swallows = false;
      server = createServer((client) => {
        const upstream = connect(Number(target.port), target.hostname);
        for (const socket of [client, upstream]) {
          sockets.add(socket);
          socket.on("error", () => {});
          socket.on("close", () => {
            client.destroy();
            upstream.destroy();
          });
        }
        client.pipe(upstream);
        upstream.on("data", (data) => swallows || client.write(data));
      }).listen(port, "127.0.0.1", () => {
        ({ port } = server.address() as AddressInfo);
        resolve();
      });
    });
  await mend();
  const address = new URL(url);
  address.hostname = "127.0.0.1";
  address.port = String(port);
  return {
    url: address.href,
    mend,
    swallowAnswers: () => {
      swallows = true;
    },
    cut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        sockets.clear();
      }),
  };
}
