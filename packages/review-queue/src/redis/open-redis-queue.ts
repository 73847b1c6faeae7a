import type { ConnectionOptions } from "node:tls";
import { Redis } from "ioredis";
import { createReviewQueue } from "../create-review-queue.ts";
import { QueueConfigurationError, QueueUnavailableError } from "../queue-errors.ts";
import type { OpenedQueue, QueuePolicy } from "../review-queue.ts";
import { checkServer } from "./check-server.ts";
import { createRedisStore, keysOf, loadScripts } from "./redis-store.ts";
import { unavailable } from "./unavailable.ts";

/** Bumped when records of an older version could not be read any more. */
const schemaVersion = "1";

/** Longest pause between two attempts to reconnect, ms. */
const longestRetryMs = 2_000;

export interface RedisQueueOptions extends QueuePolicy {
  /** redis://host:port/db or rediss://... (TLS). */
  readonly url: string;
  /** TLS settings beyond those of rediss://; PEM texts, not file names. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
  /**
   * ACL user and password; they take precedence over those in the url. The user needs `~{prefix}:*` (with the braces) and
   * +info +get +set +hget +hmget +hset +zrange +zadd +zrem +xadd +xrange +rpush +lrange +evalsha +script|load.
   */
  readonly username?: string;
  readonly password?: string;
  /** Names the queue: every key begins with "{prefix}:". Default "hashwatt". */
  readonly prefix?: string;
  /** ms until a connection attempt is given up; default 5000. */
  readonly connectTimeoutMs?: number;
  /** ms until a command without answer is given up; default 5000. */
  readonly commandTimeoutMs?: number;
}

/**
 * Connects, and refuses to begin on a server that would lose cases.
 *
 * Throws QueueConfigurationError, one sentence that says what to change, when Redis is older than 7.0, may evict keys, is a replica,
 * refuses the user, or holds a queue of another schema; QueueUnavailableError when it cannot be reached or is still loading.
 *
 * After that a lost connection is sought again for ever, at most 2 s apart; meanwhile every verb fails at once with
 * QueueUnavailableError: nothing is queued in this process, so an outage costs no memory and the caller knows what was not done.
 */
export async function openRedisQueue(options: RedisQueueOptions): Promise<OpenedQueue> {
  const { prefix = "hashwatt" } = options;
  if (!/^[\w.:-]+$/.test(prefix)) {
    throw new QueueConfigurationError(`prefix "${prefix}" must be made of letters, digits and . : _ - only`);
  }
  const server = serverOf(options.url);
  let isOpen = false;
  let lastError: Error | undefined;
  const redis = new Redis(options.url, {
    ...clientOptions(options),
    retryStrategy: (times: number) => (isOpen ? retryDelayMs(times) : null),
  });
  // Without a listener ioredis prints each failed attempt to the console. The verbs report what matters.
  redis.on("error", (error) => {
    lastError = error;
  });
  try {
    await redis.connect();
    const warnings = await checkServer(redis);
    await checkSchema(redis, keysOf(prefix).schema);
    await loadScripts(redis);
    isOpen = true;
    return { queue: createReviewQueue(createRedisStore(redis, prefix), options), warnings };
  } catch (error) {
    redis.disconnect();
    // "Connection is closed" says less than the error before it.
    throw openingError(error, lastError, server);
  }
}

/** host:port, for messages: the url itself may carry a password. */
function serverOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !["redis:", "rediss:"].includes(parsed.protocol)) {
    throw new QueueConfigurationError("the address of Redis must look like redis://host:6379 or, with TLS, rediss://host:6379");
  }
  return parsed.host;
}

function openingError(error: unknown, lastError: Error | undefined, server: string): Error {
  if (error instanceof QueueConfigurationError) return error;
  const text = `${(error as Error).message} ${lastError?.message ?? ""}`;
  const denied = /(WRONGPASS|NOAUTH|NOPERM).*/.exec(text);
  if (denied) {
    return new QueueConfigurationError(`Redis at ${server} refuses the user or password it was given: ${denied[0].trim()}`, {
      cause: error,
    });
  }
  return unavailable(error instanceof QueueUnavailableError ? error : (lastError ?? error), server);
}

function clientOptions(options: RedisQueueOptions) {
  const { tls, username, password, connectTimeoutMs = 5_000, commandTimeoutMs = 5_000 } = options;
  return {
    lazyConnect: true,
    connectionName: "hashwatt-review-queue",
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    enableOfflineQueue: false,
    // A command whose answer was lost is not sent again behind the caller's back: it fails, and the caller repeats the verb.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    ...(tls && { tls: { ...tls } satisfies ConnectionOptions }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function retryDelayMs(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 10), longestRetryMs);
}

/** GET first: SET is refused above maxmemory, and a full queue must still be opened by the people who drain it. */
async function checkSchema(redis: Redis, key: string): Promise<void> {
  const stored = (await redis.get(key)) ?? ((await redis.set(key, schemaVersion, "NX")) === null ? await redis.get(key) : schemaVersion);
  if (stored !== schemaVersion) {
    throw new QueueConfigurationError(
      `the queue at ${key} has schema ${stored}, this version reads ${schemaVersion}; use the version that wrote it, or another prefix`,
    );
  }
}
