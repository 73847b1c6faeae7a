import type { Redis } from "ioredis";
import { QueueConfigurationError, QueueUnavailableError } from "../queue-errors.ts";

/** Scripts with flags (people's verbs above maxmemory) exist since 7.0. */
const oldestMajor = 7;

/**
 * Looks at the server by INFO alone: CONFIG is often not permitted, or renamed, where Redis is run by others.
 * Returns warnings; throws QueueConfigurationError on what would lose cases.
 */
export async function checkServer(redis: Redis): Promise<string[]> {
  const info = parseInfo(await redis.info());
  const version = info.get("redis_version") ?? "unknown";
  const policy = info.get("maxmemory_policy");
  if (!(Number.parseInt(version, 10) >= oldestMajor)) {
    throw new QueueConfigurationError(`Redis is version ${version}; the review queue needs 7.0 or newer`);
  }
  if (policy !== "noeviction") {
    throw new QueueConfigurationError(
      `Redis has maxmemory-policy ${policy ?? "unknown"} and may throw away cases to make room; set maxmemory-policy noeviction`,
    );
  }
  if (info.get("role") === "slave") {
    throw new QueueConfigurationError("Redis is a read-only replica; give the address of its master");
  }
  if (info.get("loading") === "1") throw new QueueUnavailableError("refused", "Redis is still loading its data; try again");
  if (info.get("aof_enabled") === "1") return [];
  return ["Redis has appendonly off: a restart loses every case and verdict since its last snapshot; set appendonly yes."];
}

function parseInfo(text: string): Map<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}
