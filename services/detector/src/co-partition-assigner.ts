import { AssignerProtocol, type PartitionAssigner } from "kafkajs";

const { MemberMetadata, MemberAssignment } = AssignerProtocol;

/** A member of the group with the partitions it has state for. */
export interface Member {
  readonly memberId: string;
  readonly owned: readonly number[];
}

/**
 * Which member gets which partitions: sizes differ by at most one, members keep what they own as far as that allows, the rest goes to
 * the smallest. Where two members claim a partition (one of them was away), the first by id keeps it; whether its state is still the
 * committed one is checked by the member itself.
 */
export function assignPartitions(members: readonly Member[], partitionCount: number): Map<string, number[]> {
  const sorted = [...members].toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const small = Math.floor(partitionCount / sorted.length);
  let larger = partitionCount % sorted.length;
  const free = new Set(Array.from({ length: partitionCount }, (_, partition) => partition));
  const kept = new Map(sorted.map(({ memberId }) => [memberId, [] as number[]]));
  // Those who own most first, so that the larger shares stay where they are.
  for (const { memberId, owned } of sorted.toSorted((a, b) => b.owned.length - a.owned.length)) {
    const claims = owned.filter((partition) => free.has(partition));
    const share = claims.length > small && larger > 0 ? small + 1 : small;
    if (share > small) larger--;
    for (const partition of claims.slice(0, share)) {
      free.delete(partition);
      kept.get(memberId)!.push(partition);
    }
  }
  for (const partition of free) smallest(kept).push(partition);
  for (const partitions of kept.values()) partitions.sort((a, b) => a - b);
  return kept;
}

function smallest(kept: ReadonlyMap<string, number[]>): number[] {
  return [...kept.values()].reduce((least, partitions) => (partitions.length < least.length ? partitions : least));
}

/** Bumped when the meaning of the exchanged bytes changes; members of one group must agree. */
const version = 0;

/** The partitions a member owns, as it says when it joins. */
export function encodeOwned(owned: readonly number[]): Buffer {
  return Buffer.from(JSON.stringify(owned));
}

function decodeOwned(userData: Buffer): number[] {
  try {
    const owned: unknown = JSON.parse(userData.toString());
    return Array.isArray(owned) ? owned.filter((partition): partition is number => Number.isInteger(partition)) : [];
  } catch {
    return [];
  }
}

/**
 * kafkajs has only a round-robin assigner, which would tear a partition's readings from its state. This one gives partition p of both
 * topics to one member and leaves it there (kafkajs has neither static membership nor cooperative rebalancing).
 *
 * @param ownedPartitions asked at each join
 */
export function createCoPartitionAssigner(ownedPartitions: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: "hashwatt-co-partition",
    version,
    protocol: ({ topics }) => ({
      name: "hashwatt-co-partition",
      metadata: MemberMetadata.encode({ version, topics, userData: encodeOwned(ownedPartitions()) }),
    }),
    // Async because kafkajs awaits it.
    assign: async ({ members, topics }) => {
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      // Where the counts differ (somebody added partitions), only the common ones have both; each member then refuses to go on.
      const partitionCount = Math.min(...counts);
      const claims = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        owned: decodeOwned(MemberMetadata.decode(memberMetadata)?.userData ?? Buffer.alloc(0)),
      }));
      return [...assignPartitions(claims, partitionCount)].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment: Object.fromEntries(topics.map((topic) => [topic, partitions])),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}
