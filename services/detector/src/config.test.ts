import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

const enough = { KAFKA_BROKERS: "a:9092, b:9092", REDIS_URL: "redis://r:6379", METERS_FILE: "meters.csv" };

/** What the configuration says against some more variables. */
function problems(more: Record<string, string>): string {
  try {
    readConfig({ ...enough, ...more });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the configuration", () => {
  it("needs three variables", () => {
    const config = readConfig(enough);
    expect(config.KAFKA_BROKERS).toEqual(["a:9092", "b:9092"]);
    expect(config).toMatchObject({
      PEER_GROUP: "area",
      GRACE_HOURS: 12,
      LATE_DAYS: 14,
      CHECKPOINT_SECONDS: 300,
      KAFKA_READINGS_TOPIC: "readings",
    });
  });

  it("lists every problem at once, with the variable's name", () => {
    expect(() => readConfig({ REDIS_URL: "http://r", CHECKPOINT_SECONDS: "soon", PEER_GROUP: "village" })).toThrow(
      /5 problems[^]*KAFKA_BROKERS: is not set[^]*REDIS_URL: must begin with redis:[^]*METERS_FILE: is not set[^]*PEER_GROUP[^]*CHECKPOINT_SECONDS/,
    );
  });

  it("refuses halves of pairs, and passwords over an open line", () => {
    expect(problems({ KAFKA_SASL_MECHANISM: "scram-sha-512" })).toContain("set all three or none");
    expect(problems({ KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "secret" })).toContain("unencrypted");
    expect(problems({ KAFKA_TLS: "true", KAFKA_TLS_CERT: "-----BEGIN CERTIFICATE-----" })).toContain(
      "KAFKA_TLS_CERT, KAFKA_TLS_KEY: set both",
    );
    expect(problems({ KAFKA_TLS_CA: "-----BEGIN CERTIFICATE-----" })).toContain("no effect without KAFKA_TLS=true");
    expect(problems({ REDIS_TLS_CA: "-----BEGIN CERTIFICATE-----" })).toContain("no effect without rediss://");
    expect(problems({ KAFKA_SASL_PASSWORD: "secret", KAFKA_SASL_MECHANISM: "open" })).not.toContain("secret");
  });
});
