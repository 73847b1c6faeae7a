import type { Logger } from "@hashwatt/runtime";
import kafkajs from "kafkajs";
import type { DetectorConfig } from "./config.ts";
import { kafkaOptionsOf } from "./kafka-client.ts";

/** Kafka does not let this detector in as it is configured; the message says which variables to look at. */
export class KafkaAccessError extends Error {
  override readonly name = "KafkaAccessError";
}

/**
 * One connection before all others and without a second try, so that a wrong password or certificate is one sentence at once, not 30 s of
 * retries. A broker that is away is no matter of this check: the connections that follow wait for it.
 *
 * Throws KafkaAccessError where trying again would change nothing.
 */
export async function checkAccess(config: DetectorConfig, logger: Logger): Promise<void> {
  const quiet = { logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 0 } };
  const admin = new kafkajs.Kafka({ ...kafkaOptionsOf(config, logger), ...quiet }).admin();
  try {
    await admin.connect();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) throw new KafkaAccessError(`Kafka at ${config.KAFKA_BROKERS.join(",")} ${refusal}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

/** What kafkajs' errors carry besides the message. */
interface Details {
  readonly code?: unknown;
  readonly type?: unknown;
}

/** What a client is refused for, as the end of a sentence; undefined where another try may succeed. */
export function refusalOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, type } = cause as Details;
    if (cause.name === "KafkaJSSASLAuthenticationError" || /SASL/.test(String(type))) {
      return `refuses the user it was given: ${cause.message} (KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD)`;
    }
    if (/^ERR_(SSL|TLS)_|CERT|_SIGNATURE$/.test(String(code))) {
      return `and this client agree on no TLS: ${tlsTextOf(cause.message)} (KAFKA_TLS_CA, KAFKA_TLS_CERT, KAFKA_TLS_KEY)`;
    }
  }
  return undefined;
}

/** OpenSSL's own texts are five fields between colons; the fourth says it. */
function tlsTextOf(message: string): string {
  const text = message.replace("Connection error: ", "");
  return /:SSL routines:[^:]*:([^:]+)/.exec(text)?.[1] ?? text;
}
