import { resolve } from "node:path";
import { freePort, retryTakenPort } from "./free-port.ts";
import { makeServerDir, type ServerProcess, startServer } from "./server-process.ts";
import { ensureTools, redisServer } from "./system-tools.ts";

const config = resolve(import.meta.dirname, "..", "redis.conf");

export interface NativeRedis extends ServerProcess {
  readonly url: string;
}

/**
 * Starts the system's redis-server with infra/redis.conf on a free port of 127.0.0.1, data in a temporary folder.
 *
 * @param settings further settings, as on redis-server's command line: `["--maxmemory", "8mb"]`
 * @throws Error when redis-server is missing and cannot be installed, or does not start
 */
export async function startRedis(settings: readonly string[] = []): Promise<NativeRedis> {
  await ensureTools([redisServer]);
  return retryTakenPort(() => startOnFreePort(settings));
}

async function startOnFreePort(settings: readonly string[]): Promise<NativeRedis> {
  const dir = makeServerDir("redis");
  const port = await freePort();
  const server = await startServer({
    name: "Redis",
    file: "redis-server",
    args: [config, "--bind", "127.0.0.1", "--port", String(port), "--dir", dir, ...settings],
    dir,
    readyLine: "Ready to accept connections",
  });
  return Object.assign(server, { url: `redis://127.0.0.1:${port}` });
}
