import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDetectorFixture, type DetectorFixture, eventually, sumOf } from "./detector/fixture.ts";
import { grantDocumentedRights, type SecuredServers, startSecuredServers } from "./detector/secured-servers.ts";
import { fleetMessages } from "./detector/substations.ts";

const queuePrefix = "secured-test";

/** Native servers only: containers would need the certificates inside. Undefined where there is no Java and none can be installed, never with CI=true. */
async function startNatively(): Promise<SecuredServers | undefined> {
  try {
    return await startSecuredServers(queuePrefix);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    console.log(`Tests of TLS are skipped. ${String(error)}`);
    return undefined;
  }
}

describe("the detector on Kafka and Redis that take only TLS, users and rights", () => {
  let secured: SecuredServers | undefined;
  let fixture: DetectorFixture;
  beforeAll(async () => {
    secured = await startNatively();
    if (secured === undefined) return;
    fixture = await createDetectorFixture(queuePrefix, secured.servers);
    await grantDocumentedRights(fixture);
  });
  beforeEach((test) => test.skip(secured === undefined));
  afterEach(() => fixture?.killAll());
  afterAll(() => secured?.stop());

  it("works with SCRAM, client certificates and an ACL user of no more than the documented rights", { timeout: 60_000 }, async () => {
    const messages = fleetMessages();
    const detector = fixture.start();
    await fixture.send(messages);
    await fixture.caughtUp([detector]);
    await detector.line(({ msg }) => msg === "checkpoint");
    const linesBefore = detector.lines.length;
    // A second checkpoint of the same partition lets go of what lies before the first, which needs the right to Delete.
    await fixture.send([...messages.slice(-50), { key: "area-2", value: "{" }]);
    await fixture.caughtUp([detector]);
    await detector.line(({ msg, partition }) => msg === "checkpoint" && partition === fixture.partitionOf("area-2"), linesBefore);
    expect((await fixture.admitted()).length).toBeGreaterThanOrEqual(2);
    expect(sumOf(await detector.metric("hashwatt_dead_letters_total"))).toBe(1);
    expect(await detector.end("SIGTERM")).toBe(0);
    // What a fresh broker makes kafkajs say is no matter here.
    const missingRights = detector.lines
      .map((line) => JSON.stringify(line))
      .filter((line) => /authoriz|NOPERM|could not|may not/i.test(line));
    expect(missingRights).toEqual([]);
  });

  it("works with PLAIN over TLS", { timeout: 30_000 }, async () => {
    const detector = fixture.start({ KAFKA_SASL_MECHANISM: "plain" });
    await fixture.caughtUp([detector]);
    expect(await detector.end("SIGTERM")).toBe(0);
  });

  const user = "(KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD)";
  const certificate = "(KAFKA_TLS_CA, KAFKA_TLS_CERT, KAFKA_TLS_KEY)";
  it.each<[string, Readonly<Record<string, string>>, RegExp, string]>([
    ["a wrong password of Kafka (SCRAM)", { KAFKA_SASL_PASSWORD: "wrong" }, /^Kafka at \S+ refuses the user .* invalid credentials/, user],
    [
      "a wrong password of Kafka (PLAIN)",
      { KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_PASSWORD: "wrong" },
      /^Kafka at \S+ refuses the user .* Invalid username or password/,
      user,
    ],
    [
      "a mechanism that Kafka does not have",
      { KAFKA_SASL_MECHANISM: "scram-sha-256" },
      /does not support the requested SASL mechanism/,
      user,
    ],
    ["an authority that did not sign Kafka's certificate", { KAFKA_TLS_CA_FILE: "" }, /agree on no TLS: .*certificate/, certificate],
    ["no client certificate for Kafka", { KAFKA_TLS_CERT_FILE: "", KAFKA_TLS_KEY_FILE: "" }, /agree on no TLS: .*certificate/, certificate],
    ["a wrong password of Redis", { REDIS_PASSWORD: "wrong" }, /^Redis at \S+ refuses the user or password .*WRONGPASS/, ""],
    ["a queue whose keys the user of Redis may not touch", { REDIS_KEY_PREFIX: "other" }, /^Redis at \S+ refuses the user .*NOPERM/, ""],
  ])("ends with code 2 and one sentence on %s", { timeout: 20_000 }, async (_, settings, sentence, variables) => {
    const detector = fixture.start(settings);
    await eventually(async () => detector.process.exitCode !== null);
    expect(detector.process.exitCode).toBe(2);
    const said = detector.lines.filter(({ level }) => level !== "info");
    expect(said.map(({ level }) => level)).toEqual(["fatal"]);
    expect(said[0].msg).toMatch(sentence);
    expect(said[0].msg).toContain(variables);
    expect(JSON.stringify(said)).not.toMatch(/detector-secret|"wrong"/);
  });

  it("says that Redis' certificate is signed by an unknown authority", { timeout: 20_000 }, async () => {
    const detector = fixture.start({ REDIS_TLS_CA_FILE: "" });
    await eventually(async () => detector.process.exitCode !== null);
    expect(detector.process.exitCode).toBe(1);
    expect(detector.lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Redis at \S+ cannot be reached \(.*certificate/)]);
  });
});
