import { describe, expect, it } from "vitest";
import { createFlowControl } from "./flow-control.ts";
import { createPartitionState, type PartitionPhase } from "./partition-state.ts";

type Call = readonly { readonly topic: string; readonly partitions?: number[] }[];

const keysOf = (call: Call) => call.flatMap(({ topic, partitions }) => (partitions ?? []).map((partition) => `${topic}/${partition}`));

/** kafkajs' memory of pauses, which outlives rebalances. */
function consumerOf() {
  const paused = new Set<string>();
  return {
    paused,
    pause: (call: Call) => {
      for (const key of keysOf(call)) paused.add(key);
    },
    resume: (call: Call) => {
      for (const key of keysOf(call)) paused.delete(key);
    },
  };
}

const stateIn = (partition: number, phase: PartitionPhase) => Object.assign(createPartitionState(partition, 0), { phase });

function setUp() {
  const consumer = consumerOf();
  const states = new Map(
    (["waiting", "restoring", "running", "halted"] as const).map((phase, partition) => [partition, stateIn(partition, phase)]),
  );
  const flow = createFlowControl(consumer, { readings: "r", state: "s" }, states);
  const fetched = () =>
    [0, 1, 2, 3].flatMap((partition) => ["r", "s"].map((topic) => `${topic}/${partition}`)).filter((key) => !consumer.paused.has(key));
  return { consumer, states, flow, fetched };
}

describe("what is fetched", () => {
  it("is the state of what restores and the readings of what runs", () => {
    const { flow, fetched } = setUp();
    flow.apply();
    expect(fetched()).toEqual(["s/1", "r/2"]);
  });

  it("is no readings while anything holds, and all again when the last reason is gone", () => {
    const { flow, fetched } = setUp();
    flow.hold("queue");
    flow.hold("dead letters");
    expect(fetched()).toEqual(["s/1"]);
    flow.release("queue");
    expect([flow.held, fetched()]).toEqual([true, ["s/1"]]);
    flow.release("dead letters");
    expect([flow.held, fetched()]).toEqual([false, ["s/1", "r/2"]]);
  });

  it("is said anew each time, so that a partition that was lost while paused is not paused when it comes back", () => {
    const { flow, fetched, states } = setUp();
    flow.apply();
    states.set(0, stateIn(0, "running"));
    flow.apply();
    expect(fetched()).toEqual(["r/0", "s/1", "r/2"]);
  });
});
