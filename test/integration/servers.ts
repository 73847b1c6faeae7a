import { describe, inject } from "vitest";

export const kafkaBrokers: readonly string[] = inject("kafkaBrokers").split(",").filter(Boolean);
export const redisUrl = inject("redisUrl");

/** A `describe` for tests that need the real Kafka and Redis: skipped where neither could be had, which CI never allows. */
export const describeWithServers = describe.skipIf(kafkaBrokers.length === 0 || redisUrl === "");
