import { describe, expect, it } from "vitest";
import { startHealthServer } from "./health-server.ts";
import { Counter, createMetrics } from "./metrics.ts";

const fails = (): string => {
  throw new Error("boom");
};

describe("startHealthServer", () => {
  it("answers livez, readyz with the reason, and metrics", async () => {
    const metrics = createMetrics("test");
    new Counter({ name: "hashwatt_rows_total", help: "Rows.", registers: [metrics] }).inc(7);
    let reason: string | undefined = "Redis does not answer";
    const server = await startHealthServer({ port: 0, host: "127.0.0.1", live: () => undefined, ready: () => reason, metrics });
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
      return { status: response.status, body: await response.text() };
    };
    try {
      expect(await get("/livez")).toEqual({ status: 200, body: '{"status":"ok"}\n' });
      expect(await get("/readyz?verbose")).toEqual({ status: 503, body: '{"status":"unavailable","reason":"Redis does not answer"}\n' });
      reason = undefined;
      expect((await get("/readyz")).status).toBe(200);
      expect((await get("/metrics")).body).toContain('hashwatt_rows_total{service="test"} 7');
      expect((await get("/")).status).toBe(404);
      await expect(
        startHealthServer({ port: server.port, host: "127.0.0.1", live: () => undefined, ready: () => undefined, metrics }),
      ).rejects.toThrow(/cannot listen on port \d+ \(EADDRINUSE\)/);
    } finally {
      await server.close();
    }
  });

  it("is unavailable where the check throws", async () => {
    const server = await startHealthServer({ port: 0, host: "127.0.0.1", live: fails, ready: fails, metrics: createMetrics("test") });
    const response = await fetch(`http://127.0.0.1:${server.port}/livez`);
    expect([response.status, await response.text()]).toEqual([503, '{"status":"unavailable","reason":"the check itself failed: boom"}\n']);
    await server.close();
  });
});
