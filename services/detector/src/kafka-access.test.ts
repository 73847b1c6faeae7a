import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { refusalOf } from "./kafka-access.ts";

const connectionError = (message: string, code: string) => new kafkajs.KafkaJSConnectionError(`Connection error: ${message}`, { code });

describe("refusals by Kafka", () => {
  it("are told from outages", () => {
    expect(refusalOf(connectionError("connect ECONNREFUSED 127.0.0.1:9092", "ECONNREFUSED"))).toBeUndefined();
    expect(refusalOf(connectionError("getaddrinfo ENOTFOUND kafka", "ENOTFOUND"))).toBeUndefined();
    expect(refusalOf(new kafkajs.KafkaJSConnectionError("Closed connection"))).toBeUndefined();
  });

  it("name the variables that matter, whatever wraps them", () => {
    // kafkajs' own class takes a message that its types do not know.
    const refused = Object.assign(new Error("wrong password"), { name: "KafkaJSSASLAuthenticationError" });
    const wrapped = new Error("Number of retries exceeded", { cause: refused });
    expect(refusalOf(wrapped)).toMatch(/^refuses the user it was given: wrong password \(KAFKA_SASL_MECHANISM, /);
    expect(refusalOf(connectionError("certificate has expired", "CERT_HAS_EXPIRED"))).toMatch(/certificate has expired \(KAFKA_TLS_CA, /);
  });

  it("say of OpenSSL's text only what people can read", () => {
    const text =
      "40:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../deps/rec_layer_s3.c:918:SSL alert number 42\n";
    expect(refusalOf(connectionError(text, "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE"))).toBe(
      "and this client agree on no TLS: ssl/tls alert bad certificate (KAFKA_TLS_CA, KAFKA_TLS_CERT, KAFKA_TLS_KEY)",
    );
  });
});
