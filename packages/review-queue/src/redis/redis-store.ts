import { readFileSync } from "node:fs";
import { hash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Candidate } from "@hashwatt/contracts";
import type { CaseRecord, CaseState, SiteRecord } from "../case-record.ts";
import type { CaseStore, Commit, IndexEntry, LogEntry } from "../case-store.ts";
import { QueueUnavailableError } from "../queue-errors.ts";
import { unavailable } from "./unavailable.ts";

/**
 * Keys. A fixed number of hashes instead of one key a case: a page of 1000 cases is one HMGET, and every key a script touches is
 * known before it runs. The braces are a hash tag: on a cluster all keys of one queue live in one slot, as scripts require.
 * With two weeks of hourly evidence a case takes 9 kB of Redis' memory, most of it the evidence.
 */
export function keysOf(prefix: string) {
  const key = (name: string) => `{${prefix}}:${name}`;
  return {
    schema: key("schema"),
    cases: key("cases"),
    sites: key("sites"),
    evidence: key("evidence"),
    log: key("log"),
    history: (caseId: string) => key(`history:${caseId}`),
    index: (state: CaseState) => key(`index:${state}`),
  };
}

const commitBody = readFileSync(new URL("scripts/commit.lua", import.meta.url), "utf8");
const scripts = {
  detector: withDigest(`#!lua\n${commitBody}`),
  person: withDigest(`#!lua flags=allow-oom\n${commitBody}`),
};

function withDigest(source: string) {
  return { source, sha: hash("sha1", source) };
}

/** Loads the scripts; afterwards only their digests travel. Works above maxmemory. */
export async function loadScripts(redis: Redis): Promise<void> {
  for (const script of Object.values(scripts)) await redis.script("LOAD", script.source);
}

export function createRedisStore(redis: Redis, prefix: string): CaseStore {
  const keys = keysOf(prefix);
  return {
    sites: async (meterIds) => (await readHash(redis, keys.sites, meterIds)).map((text) => parseVersioned(text) as SiteRecord | null),
    cases: async (caseIds) => (await readHash(redis, keys.cases, caseIds)).map((text) => parseVersioned(text) as CaseRecord | null),
    evidence: async (candidateIds) =>
      (await readHash(redis, keys.evidence, candidateIds)).map((text) => (text === null ? null : (JSON.parse(text) as Candidate))),
    async commit(commits, writer) {
      const calls = commits.map((commit) => commitArguments(keys, commit));
      const first = await runScript(redis, scripts[writer].sha, calls);
      if (!first.some(isNoScript)) return first.map(isWritten);
      // The server has restarted or its script cache was flushed. A repeat of what did get written returns 0, so only the rest goes again.
      await loadScripts(redis).catch((error: unknown) => {
        throw unavailable(error);
      });
      const again = await runScript(
        redis,
        scripts[writer].sha,
        calls.filter((_, i) => isNoScript(first[i])),
      );
      return first.map((result) => isWritten(isNoScript(result) ? again.shift() : result));
    },
    index: (state, after, count) => readIndex(redis, keys.index(state), after, count),
    log: (query) => readLog(redis, keys, query),
    async close() {
      // Replies still under way are awaited while connected; otherwise there is nothing to wait for.
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}

async function readHash(redis: Redis, key: string, fields: readonly string[]): Promise<(string | null)[]> {
  if (fields.length === 0) return [];
  return redis.hmget(key, ...fields).catch((error: unknown) => {
    throw unavailable(error);
  });
}

/** The record behind its version: every reader knows the type by the key it asked. */
function parseVersioned(text: string | null) {
  return text === null ? null : JSON.parse(text.slice(text.indexOf(" ") + 1));
}

function formatVersioned(record: { readonly version: number }): string {
  return `${record.version} ${JSON.stringify(record)}`;
}

function commitArguments(keys: ReturnType<typeof keysOf>, commit: Commit): string[] {
  const { case: next, previous, site, evidence, entry } = commit;
  const member = memberOf(next);
  const moved = previous !== null && (previous.state !== next.state || memberOf(previous) !== member);
  return [
    keys.cases,
    keys.sites,
    keys.evidence,
    keys.log,
    keys.history(next.caseId),
    keys.index((previous ?? next).state),
    keys.index(next.state),
    next.caseId,
    String(next.version - 1),
    formatVersioned(next),
    moved ? memberOf(previous) : "",
    member,
    String(-next.rank),
    JSON.stringify(entry),
    site?.meterId ?? "",
    site === null ? "" : String(site.version - 1),
    site === null ? "" : formatVersioned(site),
    evidence?.candidateId ?? "",
    evidence?.json ?? "",
  ];
}

/** Results in order; an error of the server for one call stands in its place, except one that makes all of them vain. */
async function runScript(redis: Redis, sha: string, calls: readonly string[][]): Promise<unknown[]> {
  const pipeline = redis.pipeline();
  for (const call of calls) pipeline.evalsha(sha, 7, ...call);
  const results = await pipeline.exec().catch((error: unknown) => {
    throw unavailable(error);
  });
  return (results ?? []).map(([error, result]) => {
    if (error !== null && !isNoScript(error)) throw unavailable(error);
    return error ?? result;
  });
}

function isNoScript(result: unknown): boolean {
  return result instanceof Error && result.message.startsWith("NOSCRIPT");
}

function isWritten(result: unknown): boolean {
  if (result === 1) return true;
  if (result === 0) return false;
  throw new QueueUnavailableError("refused", `Redis answered ${String(result)} to a commit; expected 1 or 0`);
}

/** Lane and region stand in the member, so that a filter reads no case it does not show. */
function memberOf(record: CaseRecord): string {
  return `${record.caseId}\t${record.lane}\t${record.region}`;
}

async function readIndex(redis: Redis, key: string, after: Parameters<CaseStore["index"]>[1], count: number): Promise<IndexEntry[]> {
  const from = after === null ? "-inf" : String(-after.rank);
  const entries: IndexEntry[] = [];
  for (let offset = 0; ; offset += count) {
    const found = await redis.zrange(key, from, "+inf", "BYSCORE", "LIMIT", offset, count, "WITHSCORES").catch((error: unknown) => {
      throw unavailable(error);
    });
    for (let i = 0; i < found.length; i += 2) {
      const entry = parseMember(found[i], Number(found[i + 1]));
      // Cases of equal rank up to the position were shown before.
      const shown = after !== null && entry.rank === after.rank && entry.caseId <= after.caseId;
      if (!shown) entries.push(entry);
    }
    if (found.length < 2 * count || entries.length >= count) return entries.slice(0, count);
  }
}

function parseMember(member: string, score: number): IndexEntry {
  const [caseId, lane, ...region] = member.split("\t");
  return { rank: -score, caseId: caseId, lane: lane as IndexEntry["lane"], region: region.join("\t") };
}

async function readLog(
  redis: Redis,
  keys: ReturnType<typeof keysOf>,
  query: Parameters<CaseStore["log"]>[0],
): ReturnType<CaseStore["log"]> {
  try {
    const { caseId, after, limit } = query;
    if (caseId === undefined) {
      const found = await redis.xrange(keys.log, after === undefined ? "-" : `(${after}`, "+", "COUNT", limit);
      return { entries: found.map(toLogEntry) };
    }
    const ids = await redis.lrange(keys.history(caseId), 0, -1);
    const wanted = ids.slice(after === undefined ? 0 : ids.indexOf(after) + 1).slice(0, limit);
    const pipeline = redis.pipeline();
    for (const id of wanted) pipeline.xrange(keys.log, id, id);
    const results = (await pipeline.exec()) ?? [];
    return {
      entries: results.flatMap(([error, found]) => {
        if (error !== null) throw error;
        return (found as [string, string[]][]).map(toLogEntry);
      }),
    };
  } catch (error) {
    throw unavailable(error);
  }
}

function toLogEntry([id, fields]: [string, string[]]): LogEntry & { id: string } {
  return { ...(JSON.parse(fields[1]) as LogEntry), id };
}
