import type { Consumer } from "kafkajs";

export interface ConsumerWatchOptions {
  readonly readingsTopic: string;
  /** Silence of the consumer after which it counts as stuck. */
  readonly patienceMs: number;
  readonly onJoin: (partitions: readonly number[]) => void;
  readonly onFatal: (error: Error) => void;
}

/** Listens to kafkajs' events. */
export function watchConsumer(consumer: Consumer, options: ConsumerWatchOptions): { readonly notLive: () => string | undefined } {
  let activeAt = Date.now();
  const { GROUP_JOIN, HEARTBEAT, FETCH, END_BATCH_PROCESS, CRASH } = consumer.events;
  const touch = () => {
    activeAt = Date.now();
  };
  consumer.on(HEARTBEAT, touch);
  consumer.on(FETCH, touch);
  consumer.on(END_BATCH_PROCESS, touch);
  consumer.on(GROUP_JOIN, ({ payload }) => {
    touch();
    options.onJoin(payload.memberAssignment[options.readingsTopic] ?? []);
  });
  consumer.on(CRASH, ({ payload }) => {
    // Without a restart kafkajs leaves the process up, consuming nothing.
    if (!payload.restart) options.onFatal(payload.error);
  });
  return {
    notLive() {
      const silentMs = Date.now() - activeAt;
      return silentMs > options.patienceMs ? `the consumer has done nothing for ${Math.round(silentMs / 1000)} s` : undefined;
    },
  };
}
