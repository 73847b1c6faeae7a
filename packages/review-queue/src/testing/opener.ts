import type { QueuePolicy, ReviewQueue } from "../review-queue.ts";

/** Opens a fresh, empty queue of the store under test. */
export type OpenQueue = (policy?: QueuePolicy) => Promise<ReviewQueue>;
