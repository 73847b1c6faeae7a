import { type Meter, parseInstant } from "@hashwatt/contracts";
import { createMeterRegistry, createPipeline, createReadingBatch, type Pipeline } from "@hashwatt/pipeline";
import { describe, expect, it } from "vitest";
import { createPartitionState, type PartitionState } from "../partition-state.ts";
import { createSnapshotAssembly } from "./assembly.ts";
import { type CheckpointDeps, type CheckpointLog, writeCheckpoint } from "./checkpoint.ts";
import type { Pointer } from "./manifest.ts";
import { chooseSnapshot, planRestore } from "./restore-plan.ts";

const meters = ["a-1", "a-2", "b-1"].map(
  (meterId): Meter => ({
    meterId,
    name: "",
    level: "substation",
    parentId: null,
    areaId: meterId.slice(0, 1),
    region: "",
    timeZone: "Asia/Almaty",
    intervalMinutes: 60,
    ratedKw: null,
    latitude: null,
    longitude: null,
  }),
);
const newPipeline = (): Pipeline =>
  createPipeline({ registry: createMeterRegistry(meters, "area"), onMessage: () => undefined, onReject: () => undefined });

/** Hours from..to of all meters; a group at a time, so that what is in it does not depend on the other's. */
function ingest(pipeline: Pipeline, from: number, to: number): void {
  const batch = createReadingBatch(meters.length);
  for (let hour = from; hour < to; hour++) {
    for (let meter = 0; meter < meters.length; meter++) {
      batch.ordinals[meter] = meter;
      batch.startMs[meter] = parseInstant("2022-01-01T00:00:00Z") + hour * 3_600_000;
      batch.values[meter] = 100 + ((hour * 7 + meter) % 24);
    }
    batch.count = meters.length;
    pipeline.ingest(batch);
  }
}

/** A state topic and group offsets in memory that can be made to fail at its n-th operation, as if the process died there. */
class MemoryLog implements CheckpointLog {
  readonly records: Buffer[] = [];
  low = 0;
  pointer: Pointer | undefined;
  operations = 0;
  failAt = Number.POSITIVE_INFINITY;

  async append(_: number, records: readonly Buffer[]): Promise<number> {
    this.#step();
    return this.records.push(...records) - records.length;
  }
  async commit(_: number, pointer: Pointer): Promise<void> {
    this.#step();
    this.pointer = pointer;
  }
  async trim(_: number, beforeOffset: number): Promise<void> {
    this.#step();
    this.low = Math.max(this.low, beforeOffset);
  }
  #step(): void {
    if (++this.operations === this.failAt) throw new Error("died here");
  }
}

const depsOf = (pipeline: Pipeline, log: CheckpointLog, more: Partial<CheckpointDeps> = {}): CheckpointDeps => ({
  pipeline,
  log,
  partitionCount: 1,
  groupsOf: () => pipeline.activeGroups(),
  assertOwned: () => undefined,
  outboxesDelivered: () => Promise.resolve(),
  ...more,
});

/** What a process that knows nothing finds. */
async function restoreFrom(log: MemoryLog): Promise<{ pipeline: Pipeline; nextOffset: number } | undefined> {
  const plan = planRestore(log.pointer, { low: log.low, high: log.records.length });
  if (plan.kind !== "read") return undefined;
  const assembly = createSnapshotAssembly();
  for (let offset = plan.from; offset < plan.until; offset++) assembly.add(log.records[offset]);
  const choice = chooseSnapshot(assembly, log.pointer, plan.whole);
  if (choice.kind !== "load") return undefined;
  const pipeline = newPipeline();
  for (const { group, history, recent } of await assembly.load(choice.manifest)) pipeline.restore(group, history, recent);
  return { pipeline, nextOffset: choice.manifest.nextOffset };
}

/** Bytes of everything a pipeline holds. */
const stateOf = (pipeline: Pipeline) =>
  pipeline.activeGroups().map((group) => [group, Buffer.from(pipeline.saveHistory(group)), Buffer.from(pipeline.saveRecent(group))]);

/** A pipeline that has taken in the first `hours`. */
function reference(hours: number): Pipeline {
  const pipeline = newPipeline();
  ingest(pipeline, 0, hours);
  return pipeline;
}

const at = (state: PartitionState, nextOffset: number) => Object.assign(state, { nextOffset });

describe("a checkpoint", () => {
  it("gives back the same state, also where a history was not written again", async () => {
    const log = new MemoryLog();
    const pipeline = newPipeline();
    const state = createPartitionState(0, 0);
    for (const [from, to] of [
      [0, 50],
      [50, 53],
      [53, 120],
      [120, 121],
      [121, 122],
    ] as const) {
      ingest(pipeline, from, to);
      await writeCheckpoint(at(state, to), depsOf(pipeline, log));
      const restored = await restoreFrom(log);
      expect(restored?.nextOffset).toBe(to);
      expect(stateOf(restored!.pipeline)).toEqual(stateOf(reference(to)));
    }
    expect(log.low).toBeGreaterThan(0);
  });

  it("writes a history only when it has changed", async () => {
    const log = new MemoryLog();
    const pipeline = reference(60);
    const state = createPartitionState(0, 0);
    const first = await writeCheckpoint(at(state, 60), depsOf(pipeline, log));
    ingest(pipeline, 60, 61);
    const second = await writeCheckpoint(at(state, 61), depsOf(pipeline, log));
    ingest(pipeline, 61, 90);
    const third = await writeCheckpoint(at(state, 90), depsOf(pipeline, log));
    expect([first, second, third].map((result) => result?.historiesWritten)).toEqual([2, 0, 2]);
    expect(second!.bytes).toBeLessThan(first!.bytes);
  });

  it("may die at any step: what is found is the last commit, whole", async () => {
    for (let failAt = 1; failAt <= 5; failAt++) {
      const log = new MemoryLog();
      const pipeline = reference(60);
      const state = createPartitionState(0, 0);
      await writeCheckpoint(at(state, 60), depsOf(pipeline, log));
      ingest(pipeline, 60, 100);
      log.failAt = log.operations + failAt;
      const outcome = await writeCheckpoint(at(state, 100), depsOf(pipeline, log)).then(
        () => "done",
        () => "died",
      );
      const restored = await restoreFrom(log);
      expect([60, 100]).toContain(restored?.nextOffset);
      expect(stateOf(restored!.pipeline)).toEqual(stateOf(reference(restored!.nextOffset)));
      // Two appends, the commit; where the trim failed the commit stands.
      expect([outcome, restored?.nextOffset]).toEqual(failAt <= 3 ? ["died", 60] : failAt === 4 ? ["died", 100] : ["done", 100]);
    }
  });

  it("writes every history anew after one that failed, since the recent parts build on what was last taken", async () => {
    const log = new MemoryLog();
    const pipeline = reference(60);
    const state = createPartitionState(0, 0);
    await writeCheckpoint(at(state, 60), depsOf(pipeline, log));
    ingest(pipeline, 60, 100);
    log.failAt = log.operations + 1;
    await expect(writeCheckpoint(at(state, 100), depsOf(pipeline, log))).rejects.toThrow("died here");
    ingest(pipeline, 100, 101);
    const result = await writeCheckpoint(at(state, 101), depsOf(pipeline, log));
    expect(result?.historiesWritten).toBe(2);
    expect(stateOf((await restoreFrom(log))!.pipeline)).toEqual(stateOf(reference(101)));
  });

  it("goes back to the snapshot before when a record of the last one is damaged", async () => {
    const log = new MemoryLog();
    const pipeline = reference(60);
    const state = createPartitionState(0, 0);
    await writeCheckpoint(at(state, 60), depsOf(pipeline, log));
    const before = log.records.length;
    ingest(pipeline, 60, 100);
    await writeCheckpoint(at(state, 100), depsOf(pipeline, log));
    log.records[before][log.records[before].length - 1] ^= 1;
    expect(planRestore(log.pointer, { low: log.low, high: log.records.length })).toMatchObject({ whole: false });
    const assembly = createSnapshotAssembly();
    for (const record of log.records.slice(log.low)) assembly.add(record);
    expect(chooseSnapshot(assembly, log.pointer, false)).toEqual({ kind: "read-whole" });
    expect(chooseSnapshot(assembly, log.pointer, true)).toMatchObject({ kind: "load", fallback: true, manifest: { nextOffset: 60 } });
  });

  it("finds the newest whole snapshot when the broker has forgotten the commit", async () => {
    const log = new MemoryLog();
    const pipeline = reference(60);
    const state = createPartitionState(0, 0);
    await writeCheckpoint(at(state, 60), depsOf(pipeline, log));
    ingest(pipeline, 60, 100);
    await writeCheckpoint(at(state, 100), depsOf(pipeline, log));
    log.pointer = undefined;
    expect((await restoreFrom(log))?.nextOffset).toBe(100);
  });

  it("commits only after the candidates and dead letters before it are delivered", async () => {
    const log = new MemoryLog();
    const pipeline = reference(60);
    const delivery = Promise.withResolvers<void>();
    const outboxesDelivered = () => delivery.promise;
    const writing = writeCheckpoint(at(createPartitionState(0, 0), 60), depsOf(pipeline, log, { outboxesDelivered }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.operations).toBe(0);
    // What is read meanwhile belongs to the next checkpoint.
    ingest(pipeline, 60, 80);
    delivery.resolve();
    await writing;
    expect(stateOf((await restoreFrom(log))!.pipeline)).toEqual(stateOf(reference(60)));
  });

  it("is not committed for a partition that was lost meanwhile", async () => {
    const log = new MemoryLog();
    const assertOwned = () => {
      if (log.operations >= 2) throw new Error("lost");
    };
    await expect(writeCheckpoint(at(createPartitionState(0, 0), 60), depsOf(reference(60), log, { assertOwned }))).rejects.toThrow("lost");
    expect(log.pointer).toBeUndefined();
  });

  it("commits also where everything read was turned away", async () => {
    const log = new MemoryLog();
    const state = createPartitionState(0, 0);
    await writeCheckpoint(at(state, 3), depsOf(newPipeline(), log));
    await writeCheckpoint(at(state, 4), depsOf(newPipeline(), log));
    expect((await restoreFrom(log))?.nextOffset).toBe(4);
  });

  it("is nothing before the first reading", async () => {
    expect(await writeCheckpoint(createPartitionState(0, 0), depsOf(newPipeline(), new MemoryLog()))).toBeUndefined();
  });
});
