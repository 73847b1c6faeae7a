import * as fc from "fast-check";
import kafkajs, { type Cluster } from "kafkajs";
import { describe, expect, it } from "vitest";
import { assignPartitions, createCoPartitionAssigner, encodeOwned } from "./co-partition-assigner.ts";

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

describe("the assigner", () => {
  const members = fc
    .uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 })
    .chain((ids) => fc.tuple(...ids.map((memberId) => fc.record({ memberId: fc.constant(memberId), owned: fc.uniqueArray(fc.nat(20)) }))));

  it("gives every partition to one member, shares that differ by at most one, whatever the members claim", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 16 }), (claims, partitionCount) => {
        const assigned = assignPartitions(claims, partitionCount);
        const all = [...assigned.values()].flat().toSorted((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: partitionCount }, (_, partition) => partition));
        const sizes = [...assigned.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("leaves everything where it is when the group joins again unchanged", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 16 }), (claims, partitionCount) => {
        const before = assignPartitions(claims, partitionCount);
        const again = assignPartitions(
          [...before].map(([memberId, owned]) => ({ memberId, owned })),
          partitionCount,
        );
        expect(again).toEqual(before);
      }),
    );
  });

  it("moves only what the new member gets", () => {
    const before = [
      { memberId: "a", owned: [0, 1, 2] },
      { memberId: "b", owned: [3, 4, 5] },
    ];
    const after = assignPartitions([...before, { memberId: "c", owned: [] }], 6);
    expect(after.get("a")).toEqual([0, 1]);
    expect(after.get("b")).toEqual([3, 4]);
    expect(after.get("c")).toEqual([2, 5]);
  });

  it("speaks kafkajs' protocol: partition p of both topics goes to one member, by what members say they own", async () => {
    const cluster = { findTopicPartitionMetadata: () => [0, 1, 2, 3].map((partitionId) => ({ partitionId })) } as unknown as Cluster;
    const assigner = createCoPartitionAssigner(() => [2, 3])({ cluster, groupId: "g", logger: undefined as never });
    const { metadata } = assigner.protocol({ topics: ["readings", "detector-state"] });
    const stranger = MemberMetadata.encode({ version: 0, topics: ["readings", "detector-state"], userData: Buffer.from("not JSON") });
    const assignment = await assigner.assign({
      members: [
        { memberId: "a", memberMetadata: stranger },
        { memberId: "b", memberMetadata: metadata },
      ],
      topics: ["readings", "detector-state"],
    });
    const decoded = Object.fromEntries(
      assignment.map(({ memberId, memberAssignment }) => [memberId, { ...MemberAssignment.decode(memberAssignment)?.assignment }]),
    );
    expect(decoded).toEqual({ a: { readings: [0, 1], "detector-state": [0, 1] }, b: { readings: [2, 3], "detector-state": [2, 3] } });
    expect(encodeOwned([1]).toString()).toBe("[1]");
  });
});
