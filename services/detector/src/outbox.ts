import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@hashwatt/runtime";

export interface OutboxOptions<Item> {
  /** In logs: "review queue". */
  readonly name: string;
  /** Items are handed over in order, at most this many at a time. */
  readonly batchSize: number;
  /** Total size at which the outbox counts as full; it takes more, but whoever fills it should wait. */
  readonly limit: number;
  readonly sizeOf: (item: Item) => number;
  /** Delivers the items; repeated with the same ones after a failure, so it must be idempotent. */
  readonly send: (items: readonly Item[]) => Promise<void>;
  readonly logger: Logger;
  /** Called when it has become full, and when half of that is delivered again. */
  readonly onFull: () => void;
  readonly onDrained: () => void;
}

/** First wait after a failure; doubled up to the longest. A server that is back after a minute is found within 5 s. */
const firstWaitMs = 100;
const longestWaitMs = 5_000;

/** What waits for delivery to a server that may be away: in order, bounded, repeated until it succeeds. */
export class Outbox<Item> {
  readonly #options: OutboxOptions<Item>;
  readonly #queue: Item[] = [];
  #waiters: { readonly after: number; readonly resolve: () => void }[] = [];
  #pushed = 0;
  #sent = 0;
  #size = 0;
  #full = false;
  #running = false;
  #closed = false;
  #failingSinceMs: number | undefined;

  constructor(options: OutboxOptions<Item>) {
    this.#options = options;
  }

  /** Items not delivered yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Since when the server has taken nothing, ms since 1970; undefined while all is well. */
  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  push(item: Item): void {
    this.#queue.push(item);
    this.#pushed++;
    this.#size += this.#options.sizeOf(item);
    if (!this.#full && this.#size >= this.#options.limit) {
      this.#full = true;
      this.#options.onFull();
    }
    if (this.#running || this.#closed) return;
    this.#running = true;
    // In a later turn: what one batch of readings says goes out together.
    setImmediate(() => void this.#run());
  }

  /** Resolves when everything pushed before the call is delivered. */
  delivered(): Promise<void> {
    if (this.#sent >= this.#pushed) return Promise.resolve();
    return new Promise((resolve) => void this.#waiters.push({ after: this.#pushed, resolve }));
  }

  /** Stops trying. */
  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const items = this.#queue.slice(0, this.#options.batchSize);
      if (!(await this.#deliver(items))) break;
      this.#settle(items);
    }
    this.#running = false;
  }

  /** False = closed before it succeeded. */
  async #deliver(items: readonly Item[]): Promise<boolean> {
    const { name, logger, send } = this.#options;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, 2 * waitMs)) {
      if (this.#closed) return false;
      try {
        await send(items);
        if (this.#failingSinceMs !== undefined) logger.info(`${name}: takes deliveries again`);
        this.#failingSinceMs = undefined;
        return true;
      } catch (error) {
        this.#failingSinceMs ??= Date.now();
        logger.warn({ err: error, waiting: this.#queue.length, waitMs }, `${name}: could not deliver, will try again`);
        await sleep(waitMs, undefined, { ref: false });
      }
    }
  }

  #settle(items: readonly Item[]): void {
    this.#queue.splice(0, items.length);
    for (const item of items) this.#size -= this.#options.sizeOf(item);
    this.#sent += items.length;
    for (const waiter of this.#waiters) if (waiter.after <= this.#sent) waiter.resolve();
    this.#waiters = this.#waiters.filter((waiter) => waiter.after > this.#sent);
    if (this.#full && this.#size <= this.#options.limit / 2) {
      this.#full = false;
      this.#options.onDrained();
    }
  }
}
