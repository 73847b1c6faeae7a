import { describe, expect, it } from "vitest";
import { onShutdown } from "./shutdown.ts";

describe("onShutdown", () => {
  it("runs the hooks once, in order, and ends with the code", async () => {
    const order: string[] = [];
    const codes: number[] = [];
    const hook = (name: string) => ({ name, stop: async () => void order.push(name) });
    const shutdown = onShutdown({ hooks: [hook("consumer"), hook("redis")], exit: (code) => codes.push(code) });
    await Promise.all([shutdown.stop("done", 3), shutdown.stop("again")]);
    expect(order).toEqual(["consumer", "redis"]);
    expect(codes).toEqual([3]);
  });

  it("goes on after a failed hook and ends with at least 1", async () => {
    const codes: number[] = [];
    const steps: string[] = [];
    const shutdown = onShutdown({
      hooks: [
        { name: "consumer", stop: () => Promise.reject(new Error("gone")) },
        { name: "redis", stop: () => {} },
      ],
      onStep: (step, error) => steps.push(error instanceof Error ? `${step} (${error.message})` : step),
      exit: (code) => codes.push(code),
    });
    await shutdown.stop("test");
    expect(steps).toEqual(["stopping: test", "could not stop: consumer (gone)", "stopped: redis"]);
    expect(codes).toEqual([1]);
  });

  it("stops on SIGTERM, ends at the time limit and at once on a second signal", async () => {
    const codes: number[] = [];
    const done = Promise.withResolvers<void>();
    let begun = 0;
    const shutdown = onShutdown({
      hooks: [{ name: "slow", stop: () => (begun++, done.promise) }],
      limitMs: 20,
      exit: (code) => codes.push(code),
    });
    process.emit("SIGTERM", "SIGTERM");
    process.emit("SIGINT", "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(begun).toBe(1);
    expect(codes).toEqual([130, 1]);
    done.resolve();
    await shutdown.stop("wait");
  });
});
