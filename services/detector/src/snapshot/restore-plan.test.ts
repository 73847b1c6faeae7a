import { describe, expect, it } from "vitest";
import { createSnapshotAssembly } from "./assembly.ts";
import { decodeChunk, encodeChunks, chunkBytes } from "./chunk.ts";
import { parsePointer } from "./manifest.ts";
import { chooseSnapshot, gapProblem, planRestore } from "./restore-plan.ts";

const pointer = { snapshotId: "s", nextOffset: 500, lowestOffset: 10, manifestOffset: 20 };

describe("a restore", () => {
  it("reads what the commit names", () => {
    expect(planRestore(pointer, { low: 5, high: 40 })).toEqual({ kind: "read", from: 10, until: 21, whole: false });
  });

  it("reads the whole state topic where the commit names what is gone, or is gone itself", () => {
    expect(planRestore(pointer, { low: 11, high: 40 })).toEqual({ kind: "read", from: 11, until: 40, whole: true });
    expect(planRestore(undefined, { low: 5, high: 40 })).toEqual({ kind: "read", from: 5, until: 40, whole: true });
  });

  it("begins anew only where nothing was ever written", () => {
    expect(planRestore(undefined, { low: 0, high: 0 })).toEqual({ kind: "cold" });
    expect(chooseSnapshot(createSnapshotAssembly(), undefined, true)).toEqual({ kind: "cold" });
  });

  it("stops where state was committed and is gone", () => {
    expect(planRestore(pointer, { low: 40, high: 40 })).toMatchObject({
      kind: "halt",
      reason: expect.stringContaining("to begin anew") as string,
    });
    expect(chooseSnapshot(createSnapshotAssembly(), pointer, true)).toMatchObject({ kind: "halt" });
  });

  it("stops at a gap in the readings instead of going on past it", () => {
    expect(gapProblem(500, { low: 0, high: 500 })).toBeUndefined();
    expect(gapProblem(500, { low: 510, high: 900 })).toContain("readings 500 to 509 (10 messages) were deleted by retention");
    expect(gapProblem(500, { low: 0, high: 7 })).toContain("created anew");
  });
});

describe("records of the state topic", () => {
  const piece = { snapshotId: "s", kind: "history", group: "area-1", unpackedBytes: 1 } as const;

  it("come back as they were, in pieces that Kafka takes", () => {
    const content = Buffer.alloc(2 * chunkBytes + 1, 7);
    const records = encodeChunks(piece, content);
    expect(records).toHaveLength(3);
    const chunks = records.map((record) => decodeChunk(record)!);
    expect(Buffer.concat(chunks.map(({ payload }) => payload))).toEqual(content);
    expect(chunks[2].header).toMatchObject({ ...piece, index: 2, count: 3 });
  });

  it("are passed over when damaged, foreign or of another version", () => {
    const [record] = encodeChunks(piece, Buffer.from("state"));
    const damaged = Buffer.from(record);
    damaged[damaged.length - 1] ^= 1;
    for (const bad of [damaged, null, Buffer.alloc(0), Buffer.from("hello, world"), record.subarray(0, 20)])
      expect(decodeChunk(bad)).toBeUndefined();
  });

  it("have a pointer only where the commit was ours", () => {
    expect(parsePointer(JSON.stringify(pointer))).toEqual(pointer);
    for (const metadata of [null, undefined, "", "{", "{}", '{"snapshotId":"s"}']) expect(parsePointer(metadata)).toBeUndefined();
  });
});
