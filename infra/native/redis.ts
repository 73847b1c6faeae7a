import { resolve } from "node:path";
import type { Certificates } from "./certificates.ts";
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
 * @param certificates with them it takes TLS only, and clients must show a certificate
 * @throws Error when redis-server is missing and cannot be installed, or does not start
 */
export async function startRedis(settings: readonly string[] = [], certificates?: Certificates): Promise<NativeRedis> {
  await ensureTools([redisServer]);
  return retryTakenPort(() => startOnFreePort(settings, certificates));
}

async function startOnFreePort(settings: readonly string[], certificates?: Certificates): Promise<NativeRedis> {
  const dir = makeServerDir("redis");
  const port = await freePort();
  const server = await startServer({
    name: "Redis",
    file: "redis-server",
    args: [config, "--bind", "127.0.0.1", ...portSettings(port, certificates), "--dir", dir, ...settings],
    dir,
    readyLine: "Ready to accept connections",
  });
  return Object.assign(server, { url: `${certificates === undefined ? "redis" : "rediss"}://127.0.0.1:${port}` });
}

function portSettings(port: number, certificates?: Certificates): string[] {
  if (certificates === undefined) return ["--port", String(port)];
  const { caFile, server } = certificates;
  const files = ["--tls-ca-cert-file", caFile, "--tls-cert-file", server.certFile, "--tls-key-file", server.keyFile];
  return ["--port", "0", "--tls-port", String(port), ...files];
}
