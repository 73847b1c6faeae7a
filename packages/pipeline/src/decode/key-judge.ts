import { printableTextOf } from "./byte-text.ts";
import type { KeyVerdict, MeterLookup } from "./decode-types.ts";

const noKey: KeyVerdict = { group: -1, reason: "no_key", detail: "the message has no key" };

/**
 * Says which peer group a message's key names, and whether its readings may be on that partition. Neighbouring messages mostly share
 * their key, so the last answer is kept with the bytes it was given for.
 */
export function createKeyJudge(lookup: MeterLookup, partitionOfGroup: Int32Array | undefined) {
  const groups = new Map(lookup.groupKeys.map((key, group) => [key, group]));
  let lastKey: Uint8Array = new Uint8Array(0);
  let lastPartition = Number.NaN;
  let lastVerdict = noKey;

  /** @param start -1 = the message has no key */
  return function judgeKey(bytes: Uint8Array, start: number, end: number, partition: number): KeyVerdict {
    if (start < 0) return noKey;
    if (partition === lastPartition && equalBytes(bytes, start, end, lastKey)) return lastVerdict;
    lastKey = bytes.slice(start, end);
    lastPartition = partition;
    lastVerdict = verdictOf(printableTextOf(lastKey), groups, partition, partitionOfGroup);
    return lastVerdict;
  };
}

function equalBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let index = 0; index < other.length; index++) if (bytes[start + index] !== other[index]) return false;
  return true;
}

function verdictOf(
  key: string,
  groups: ReadonlyMap<string, number>,
  partition: number,
  partitionOfGroup: Int32Array | undefined,
): KeyVerdict {
  const group = groups.get(key);
  if (group === undefined) return { group: -1, reason: "wrong_partition", detail: `the key "${key}" names no peer group` };
  const right = partitionOfGroup?.[group] ?? partition;
  if (right !== partition) {
    const detail = `the key "${key}" belongs on partition ${right}, not ${partition}; use Kafka's default (murmur2) partitioner`;
    return { group: -1, reason: "wrong_partition", detail };
  }
  return { group, reason: "wrong_partition", detail: `the message has the key "${key}"` };
}
