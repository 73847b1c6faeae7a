import { setTimeout as sleep } from "node:timers/promises";
import type { ReadingBatch } from "@hashwatt/pipeline";

/** "max" | "real" | "60x": event seconds per second of clock time; Infinity = as fast as it goes. Undefined = not understood. */
export function parseSpeed(text: string): number | undefined {
  if (text === "max") return Number.POSITIVE_INFINITY;
  if (text === "real") return 1;
  const factor = /^(\d{1,9}(?:\.\d{1,6})?)x$/.exec(text);
  const speed = factor === null ? 0 : Number(factor[1]);
  return speed > 0 ? speed : undefined;
}

/** A wrong clock must not stop the sending for years: a jump of more than this is not waited for. */
const longestJumpMs = 86_400_000;

/** Rows that are due together, and the event time they are due at. */
export interface DueRows {
  readonly from: number;
  readonly to: number;
}

export interface Pace {
  /** Cuts a batch where event time moves on and waits before each piece until clock time has caught up. Late readings go with what they came with. */
  pieces(batch: ReadingBatch): AsyncGenerator<DueRows>;
}

/** Event time runs `speed` times as fast as the clock, counted from the first reading. Infinity = no waiting, whole batches. */
export function createPace(
  speed: number,
  nowMs: () => number = () => performance.now(),
  wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): Pace {
  let firstEventMs = Number.NaN;
  let latestEventMs = Number.NaN;
  let startedAt = 0;

  const movesOn = (eventMs: number): boolean => eventMs > latestEventMs && eventMs <= latestEventMs + longestJumpMs;
  const catchUp = async (): Promise<void> => {
    const aheadMs = (latestEventMs - firstEventMs) / speed - (nowMs() - startedAt);
    if (aheadMs > 0) await wait(aheadMs);
  };
  return {
    async *pieces(batch) {
      if (speed === Number.POSITIVE_INFINITY) {
        yield { from: 0, to: batch.count };
        return;
      }
      if (Number.isNaN(firstEventMs)) {
        firstEventMs = latestEventMs = batch.startMs[0];
        startedAt = nowMs();
      }
      let from = 0;
      for (let row = 0; row < batch.count; row++) {
        if (!movesOn(batch.startMs[row])) continue;
        if (row > from) yield { from, to: row };
        from = row;
        latestEventMs = batch.startMs[row];
        await catchUp();
      }
      yield { from, to: batch.count };
    },
  };
}
