import type { Block } from "./block.ts";
import type { GroupView } from "./group-view.ts";

/** Streams of a kind have noise of a kind: the four levels of meters in the order of `GroupView.levels`, and the balances of parents. */
export const streamKinds = ["substation", "feeder", "transformer", "customer", "balance"] as const;
export type StreamKind = (typeof streamKinds)[number];

/** Row of `streamKinds` of each stream of a block. */
export function streamKindsOf(view: GroupView, block: Block): Uint8Array {
  return Uint8Array.from({ length: block.streamCount }, (_, stream) =>
    stream < block.meterCount ? view.levels[block.slots[stream]] : streamKinds.indexOf("balance"),
  );
}
