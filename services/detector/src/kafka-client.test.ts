import { createLogger } from "@hashwatt/runtime";
import { expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { kafkaOptionsOf } from "./kafka-client.ts";

const logger = createLogger({ name: "test", level: "silent" });
const enough = { KAFKA_BROKERS: "a:9092", REDIS_URL: "redis://r", METERS_FILE: "m.csv" };
const pem = (what: string) => `-----BEGIN ${what}-----`;
const optionsOf = (more: Record<string, string>) => kafkaOptionsOf(readConfig({ ...enough, ...more }), logger);

it("speaks plainly unless told otherwise", () => {
  expect(optionsOf({})).toMatchObject({ brokers: ["a:9092"], retry: { retries: 10 } });
  expect(optionsOf({})).not.toHaveProperty("ssl");
  expect(optionsOf({})).not.toHaveProperty("sasl");
});

it("takes TLS with own certificates, and SASL", () => {
  const tls = { KAFKA_TLS: "true", KAFKA_TLS_CA: pem("CA"), KAFKA_TLS_CERT: pem("CERT"), KAFKA_TLS_KEY: pem("KEY") };
  expect(optionsOf(tls).ssl).toEqual({ ca: pem("CA"), cert: pem("CERT"), key: pem("KEY") });
  const sasl = { KAFKA_SASL_MECHANISM: "scram-sha-512", KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "p" };
  expect(optionsOf({ ...tls, ...sasl }).sasl).toEqual({ mechanism: "scram-sha-512", username: "u", password: "p" });
});
