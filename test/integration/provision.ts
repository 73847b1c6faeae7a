import { startKafka, startRedis } from "@hashwatt/infra/native";
import type { TestProject } from "vitest/node";
import { dockerHost, startKafkaContainer, startRedisContainer } from "./containers.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** `host:port[,host:port]` of a real Kafka; "" when none could be had (never with CI=true). */
    kafkaBrokers: string;
    /** `redis://...` of a real Redis; "" when none could be had (never with CI=true). Tests share it: use own key prefixes. */
    redisUrl: string;
  }
}

/** A server that tests use, and how to end it. */
export interface TestServer {
  source: string;
  address: string;
  stop(): Promise<void>;
}

/** One kind of server and its ways to come by it, tried in this order: the environment, Docker, native. */
interface Ways {
  name: string;
  variable: "KAFKA_BROKERS" | "REDIS_URL";
  container(host: string): Promise<TestServer>;
  native(): Promise<TestServer>;
}

const kafka: Ways = {
  name: "Kafka",
  variable: "KAFKA_BROKERS",
  container: startKafkaContainer,
  async native() {
    const server = await startKafka();
    return { source: "native, Apache Kafka 4.1.1", address: server.brokers, stop: () => server.stop() };
  },
};

const redis: Ways = {
  name: "Redis",
  variable: "REDIS_URL",
  container: startRedisContainer,
  async native() {
    const server = await startRedis();
    return { source: "native redis-server", address: server.url, stop: () => server.stop() };
  },
};

/** Which way is allowed: HASHWATT_TEST_SERVERS=docker or native takes that one or fails; unset takes the first that works. */
const only = process.env["HASHWATT_TEST_SERVERS"];

/**
 * Brings up a real Kafka and a real Redis for the integration tests and says which it took.
 *
 * @throws Error with CI=true when either cannot be had
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([provide(kafka), provide(redis)]);
  const servers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stopAll = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const problems = started.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  if (problems.length > 0 && (process.env["CI"] === "true" || only !== undefined)) {
    await stopAll();
    throw new Error(problems.join("\n"));
  }
  for (const problem of problems) {
    console.log(`Tests that need it are skipped. ${problem}`);
  }
  project.provide("kafkaBrokers", started[0].status === "fulfilled" ? started[0].value.address : "");
  project.provide("redisUrl", started[1].status === "fulfilled" ? started[1].value.address : "");
  return stopAll;
}

async function provide(ways: Ways): Promise<TestServer> {
  const server = await firstThatWorks(ways);
  console.log(`${ways.name}: ${server.address} (${server.source})`);
  return server;
}

async function firstThatWorks(ways: Ways): Promise<TestServer> {
  const given = process.env[ways.variable];
  if (given) {
    return { source: ways.variable, address: given, stop: async () => {} };
  }
  if (only === "native") {
    return ways.native();
  }
  const docker = await dockerHost();
  if ("reason" in docker) {
    if (only === "docker") {
      throw new Error(`${ways.name}: no working Docker engine: ${docker.reason}`);
    }
    return ways.native();
  }
  return ways.container(docker.host).catch((error: unknown) => {
    if (only === "docker") {
      throw error;
    }
    console.log(`${ways.name}: Docker could not start it (${String(error)}), so native`);
    return ways.native();
  });
}
