import type { Logger } from "@hashwatt/runtime";
import kafkajs, { type Admin } from "kafkajs";

export interface TopicNames {
  readonly readings: string;
  readonly state: string;
  readonly deadLetters: string;
}

/** The topics are not as the detector needs them; the message says what to do. */
export class TopicError extends Error {
  override readonly name = "TopicError";
}

/**
 * Looks at the topics before anything is read. Returns the number of partitions.
 * Throws TopicError where a topic is missing, the counts differ, or the state topic would lose state.
 */
export async function checkTopics(admin: Admin, topics: TopicNames, logger: Logger): Promise<number> {
  // Asked of the list: asking for a topic's metadata may create it.
  const existing = await admin.listTopics();
  const missing = Object.values(topics).filter((topic) => !existing.includes(topic));
  if (missing.length > 0)
    throw new TopicError(
      `Kafka has no topic ${missing.join(", ")}, or this user may not Describe it: create it (infra has the definitions), or grant the right`,
    );
  const metadata = await admin.fetchTopicMetadata({ topics: [topics.readings, topics.state] });
  const [readings, state] = [topics.readings, topics.state].map(
    (name) => metadata.topics.find((topic) => topic.name === name)!.partitions.length,
  );
  if (readings !== state) {
    throw new TopicError(
      `topic ${topics.readings} has ${readings} partitions and ${topics.state} has ${state}: they must have the same number, ` +
        "because a partition's state lies beside its readings",
    );
  }
  await checkStateTopic(admin, topics.state, logger);
  return readings;
}

/** Compaction could drop chunks of the last snapshot, retention all of it. */
async function checkStateTopic(admin: Admin, topic: string, logger: Logger): Promise<void> {
  let settings: Map<string, string>;
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ["cleanup.policy", "retention.ms"] }],
    });
    settings = new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    logger.warn({ err: error, topic }, "may not read the topic's configuration; it must have cleanup.policy=delete and retention.ms=-1");
    return;
  }
  const [policy, retention] = [settings.get("cleanup.policy"), settings.get("retention.ms")];
  if (policy !== "delete" || retention !== "-1") {
    throw new TopicError(
      `topic ${topic} has cleanup.policy=${policy} and retention.ms=${retention}; it must have cleanup.policy=delete and retention.ms=-1, ` +
        "or the detector's state would be deleted",
    );
  }
}
