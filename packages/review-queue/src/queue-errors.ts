/**
 * The store could not do what it was asked, and the same call may succeed later: the caller waits and repeats it (every verb is idempotent).
 *   connection  no connection, or it was lost before the answer came: the write may or may not have happened
 *   full        the store is at its memory or disk limit and takes no new cases; people's verbs still work on Redis
 *   refused     the server answers but does not serve (loading, read-only replica, no permission)
 *   contended   20 attempts met another writer each time
 */
export type UnavailableReason = "connection" | "full" | "refused" | "contended";

export class QueueUnavailableError extends Error {
  override readonly name = "QueueUnavailableError";
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The queue must not be used as it is set up; repeating does not help. The message is one sentence that says what to change. */
export class QueueConfigurationError extends Error {
  override readonly name = "QueueConfigurationError";
}
