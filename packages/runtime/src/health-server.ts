import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

/** Undefined = fine; else one sentence saying what is wrong. */
export type HealthCheck = () => string | undefined | Promise<string | undefined>;

export interface HealthServerOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Default all interfaces: probes come from outside the container. */
  readonly host?: string;
  /** Says whether a restart would help: the process is stuck. */
  readonly live: HealthCheck;
  /** Says whether it can do its work now: its servers answer. */
  readonly ready: HealthCheck;
  readonly metrics: Registry;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves GET /livez, /readyz (200 or 503 with the reason) and /metrics. Rejects where the port is taken. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => void answer(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new Error(`health server: cannot listen on port ${options.port} (${error.code ?? error.message})`, { cause: error })),
    );
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HealthServerOptions): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (path === "/metrics") {
    send(response, 200, options.metrics.contentType, await options.metrics.metrics());
    return;
  }
  const check = path === "/livez" ? options.live : path === "/readyz" ? options.ready : undefined;
  if (check === undefined) {
    send(response, 404, "text/plain", "not found; there are /livez, /readyz and /metrics\n");
    return;
  }
  const reason = await runCheck(check);
  const body = reason === undefined ? { status: "ok" } : { status: "unavailable", reason };
  send(response, reason === undefined ? 200 : 503, "application/json", `${JSON.stringify(body)}\n`);
}

async function runCheck(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return `the check itself failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(body);
}
