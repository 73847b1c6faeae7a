import type { Batch, EachBatchPayload } from "kafkajs";
import { describe, expect, it, vi } from "vitest";
import { createPartitionState, type PartitionState } from "./partition-state.ts";
import { createReadingConsumer, type ReadingConsumerOptions } from "./reading-consumer.ts";

const topics = { readings: "readings", state: "detector-state" };

/** A batch of `count` records from `fetchedOffset` on. */
function batchOf(fetchedOffset: number, count: number, partition = 0): Batch {
  const messages = Array.from({ length: count }, (_, i) => ({ offset: String(fetchedOffset + i), bytes: Buffer.alloc(0) }));
  const lastOffset = () => String(fetchedOffset + count - 1);
  return {
    topic: topics.readings,
    partition,
    highWatermark: "1000",
    messages,
    lastOffset,
    fetchedOffset: String(fetchedOffset),
  } as unknown as Batch;
}

function setUp(more: Partial<ReadingConsumerOptions> = {}) {
  const state: PartitionState = Object.assign(createPartitionState(0, 0), { phase: "running" as const });
  const resolved: string[] = [];
  const membership = { epoch: 1, onJoin: () => undefined };
  const flow = { held: false, apply: vi.fn(), hold: vi.fn(), release: vi.fn(), reasons: [] };
  const options = {
    topics,
    states: new Map([[0, state]]),
    membership,
    flow,
    // Two records at a time.
    intake: {
      take: vi.fn((taken: PartitionState, records: readonly unknown[], start: number) => {
        const index = Math.min(records.length, start + 2);
        taken.nextOffset = Number((records[index - 1] as { offset: string }).offset) + 1;
        return index;
      }),
      onReject: () => undefined,
      decoded: { messages: 0, readings: 0, rejected: new Map() },
    },
    restorer: { onStateBatch: vi.fn(async () => undefined) },
    admin: { fetchTopicOffsets: vi.fn(async () => [{ partition: 0, low: "0", high: "1000", offset: "1000" }]) },
    onRebalance: vi.fn(async () => undefined),
    halt: vi.fn((halted: PartitionState) => void (halted.phase = "halted")),
    fatal: vi.fn(),
    ...more,
  };
  const consumer = createReadingConsumer(options);
  const deliver = (batch: Batch, heartbeat: () => Promise<void> = async () => undefined) =>
    consumer.eachBatch({
      batch,
      heartbeat,
      resolveOffset: (offset: string) => void resolved.push(offset),
      commitOffsetsIfNecessary: async () => undefined,
    } as unknown as EachBatchPayload);
  return { state, resolved, membership, flow, options, consumer, deliver };
}

class RebalanceError extends Error {
  override readonly name = "KafkaJSProtocolError";
  readonly type = "REBALANCE_IN_PROGRESS";
}

describe("the handler of a batch", () => {
  it("resolves what it has taken, slice by slice", async () => {
    const { deliver, resolved, state } = setUp();
    await deliver(batchOf(0, 5));
    expect(resolved).toEqual(["1", "3", "4"]);
    expect(state.nextOffset).toBe(5);
  });

  it("leaves what a hold, a pause or a rebalance made stale, to be fetched again", async () => {
    const held = setUp();
    held.flow.held = true;
    await held.deliver(batchOf(0, 4));
    const waiting = setUp();
    waiting.state.phase = "waiting";
    await waiting.deliver(batchOf(0, 4));
    const lost = setUp();
    await lost.deliver(batchOf(0, 4, 3));
    const joined = setUp();
    await joined.deliver(batchOf(0, 4), async () => void joined.membership.epoch++);
    expect([held.resolved, waiting.resolved, lost.resolved, joined.resolved]).toEqual([[], [], [], ["1"]]);
  });

  it("checkpoints when the heartbeat says that the group rebalances, and lets kafkajs know", async () => {
    const { deliver, options } = setUp();
    await expect(deliver(batchOf(0, 4), () => Promise.reject(new RebalanceError("rebalancing")))).rejects.toThrow("rebalancing");
    expect(options.onRebalance).toHaveBeenCalledOnce();
    expect(options.fatal).not.toHaveBeenCalled();
  });

  it("never throws anything of its own: kafkajs would end the consumer or deliver everything again", async () => {
    const take = vi.fn(() => {
      throw new TypeError("a bug");
    });
    const { deliver, options } = setUp({ intake: { take } as never });
    await deliver(batchOf(0, 4));
    expect(options.fatal).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: "a bug" }));
  });

  it("halts where kafkajs has jumped over readings that are gone", async () => {
    const admin = { fetchTopicOffsets: async () => [{ partition: 0, low: "10", high: "1000", offset: "1000" }] };
    const { deliver, state, options, resolved } = setUp({ admin });
    state.nextOffset = 5;
    await deliver(batchOf(10, 4));
    expect(options.halt).toHaveBeenCalledExactlyOnceWith(state, expect.stringContaining("readings 5 to 9 (5 messages) were deleted"));
    expect(resolved).toEqual([]);
  });

  it("goes on over control records, which take offsets but are never delivered", async () => {
    const { deliver, state, options } = setUp();
    state.nextOffset = 5;
    await deliver(batchOf(7, 2));
    expect(options.halt).not.toHaveBeenCalled();
    expect(state.nextOffset).toBe(9);
  });

  it("hands records of the state topic to the restorer", async () => {
    const { deliver, options } = setUp();
    await deliver({ ...batchOf(0, 1), topic: topics.state });
    expect(options.restorer.onStateBatch).toHaveBeenCalledOnce();
    expect(options.intake.take).not.toHaveBeenCalled();
  });
});
