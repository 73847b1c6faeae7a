/**
 * Admission and paging of the review queue: node test/bench/review-queue.ts [CASES]
 *
 * Bars: 10 000 admissions a second, all pages of 10 000 open cases in 200 ms. Runs on memory, on memory with a journal, and on a
 * redis-server with an append-only file (REDIS_URL, or one started here). Candidates carry two weeks of hourly evidence, seeded.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CandidateMessage } from "@hashwatt/contracts";
import { startRedis } from "@hashwatt/infra/native";
import { openMemoryQueue, openRedisQueue, type ReviewQueue } from "@hashwatt/review-queue";
import { sampleCandidate, sampleCandidateId, sampleNowMs as now } from "@hashwatt/review-queue/testing";

const count = Number(process.argv[2] ?? 10_000);

/** Numbers in [0, 1), the same in every run. */
function createSeeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function createMessages(): CandidateMessage[] {
  const random = createSeeded(1);
  const series = (length: number, aboutKw: number) =>
    Array.from({ length }, () => Math.round(aboutKw * (0.8 + 0.4 * random()) * 100) / 100);
  return Array.from({ length: count }, (_, i) => {
    const stepKw = Math.round(50 + 5000 * random());
    const candidate = sampleCandidate({ meterId: `meter-${i}`, candidateId: sampleCandidateId(i), stepKw, score: random() });
    candidate.evidence.hourly = { from: "2022-01-01T00:00:00Z", actualKw: series(336, 2000), expectedKw: series(336, 1500) };
    candidate.evidence.daily = { firstDay: "2021-12-01", actualKw: series(60, 2000), expectedKw: series(60, 1500) };
    candidate.evidence.incrementKw = series(24, stepKw);
    return { type: "raise", candidate };
  });
}

async function measure(name: string, queue: ReviewQueue, messages: readonly CandidateMessage[]): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const admitMs = await timed(() => queue.admitMany(messages, now));
  const admitCpu = process.cpuUsage(cpuBefore);
  const repeatMs = await timed(() => queue.admitMany(messages, now));
  const single = messages.slice(0, 1000).map((message): CandidateMessage => {
    if (message.type === "withdraw") return message;
    return { type: "revise", candidate: { ...message.candidate, score: message.candidate.score / 2 } };
  });
  const singleMs = await timed(async () => {
    for (const message of single) await queue.admit(message, now);
  });
  const pageMs: number[] = [];
  let listed = 0;
  for (let run = 0; run < 5; run++) {
    listed = 0;
    pageMs.push(
      await timed(async () => {
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const page = await queue.list({ limit: 1000, ...(cursor !== undefined && { cursor }) }, now);
          listed += page.cases.length;
          cursor = page.nextCursor;
        }
      }),
    );
  }
  console.log(
    JSON.stringify({
      store: name,
      admitPerSecond: perSecond(count, admitMs),
      // Of this process: tells a slow queue from a busy machine.
      admitPerCpuSecond: perSecond(count, (admitCpu.user + admitCpu.system) / 1000),
      repeatPerSecond: perSecond(count, repeatMs),
      oneByOnePerSecond: perSecond(single.length, singleMs),
      listed,
      listAllMs: pageMs.map((ms) => Math.round(ms)),
    }),
  );
}

function perSecond(rows: number, ms: number): number {
  return Math.round((rows / ms) * 1000);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const messages = createMessages();
const bytes = Math.round(messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0) / count);
console.log(JSON.stringify({ candidates: count, bytesEach: bytes }));

const memory = await openMemoryQueue();
await measure("memory", memory.queue, messages);

const folder = mkdtempSync(join(tmpdir(), "review-queue-"));
const journal = await openMemoryQueue({ journalFile: join(folder, "queue.jsonl") });
await measure("memory with journal", journal.queue, messages);
await journal.queue.close();
rmSync(folder, { recursive: true });

const given = process.env["REDIS_URL"];
const server = given === undefined ? await startRedis() : { url: given, stop: async () => {} };
const redis = await openRedisQueue({ url: server.url, prefix: `bench-${process.pid}` });
await measure("redis", redis.queue, messages);
await redis.queue.close();
await server.stop();
