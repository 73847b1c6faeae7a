import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@hashwatt/runtime";
import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

const logger = createLogger({ name: "test", level: "silent" });

function outboxTo(send: (items: readonly number[]) => Promise<void>) {
  const events: string[] = [];
  const outbox = new Outbox<number>({
    name: "test",
    batchSize: 3,
    limit: 4,
    sizeOf: () => 1,
    send,
    logger,
    onFull: () => events.push("full"),
    onDrained: () => events.push("drained"),
  });
  return { outbox, events };
}

describe("the outbox", () => {
  it("hands items over in order and says when those pushed so far are delivered", async () => {
    const sent: number[] = [];
    const { outbox } = outboxTo(async (items) => {
      await sleep(1);
      sent.push(...items);
    });
    for (let item = 0; item < 10; item++) outbox.push(item);
    const delivered = outbox.delivered();
    outbox.push(10);
    await delivered;
    expect(sent.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await outbox.delivered();
    expect(sent).toHaveLength(11);
    expect(outbox.waiting).toBe(0);
  });

  it("repeats until the server is back, loses nothing, and is full meanwhile", async () => {
    let away = true;
    const sent: number[] = [];
    const { outbox, events } = outboxTo(async (items) => {
      if (away) throw new Error("away");
      sent.push(...items);
    });
    for (let item = 0; item < 5; item++) outbox.push(item);
    expect(events).toEqual(["full"]);
    await sleep(150);
    expect(outbox.failingSinceMs).toBeGreaterThan(0);
    expect(outbox.waiting).toBe(5);
    away = false;
    await outbox.delivered();
    expect(sent).toEqual([0, 1, 2, 3, 4]);
    expect(events).toEqual(["full", "drained"]);
    expect(outbox.failingSinceMs).toBeUndefined();
  });

  it("has delivered nothing when there is nothing", async () => {
    await expect(outboxTo(async () => {}).outbox.delivered()).resolves.toBeUndefined();
  });
});
