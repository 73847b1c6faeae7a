import { readFileSync, rmSync } from "node:fs";
import { type Certificates, makeCertificates, type NativeKafka, type NativeRedis, startKafka, startRedis } from "@hashwatt/infra/native";
import kafkajs, { type AclEntry } from "kafkajs";
import type { DetectorFixture, FixtureServers } from "./fixture.ts";

/** Kafka and Redis that take nothing but TLS with a client's certificate, and users with passwords. */
export interface SecuredServers {
  readonly certificates: Certificates;
  /** As an administrator; `settings` are the detector's own. */
  readonly servers: FixtureServers;
  readonly stop: () => Promise<void>;
}

/** The detector's user on both servers. */
const detectorUser = { name: "detector", password: "detector-secret" };
const admin = { name: "admin", password: "admin-secret" };

/** The commands that review-queue (open-redis-queue.ts) says it needs. */
const redisCommands = "+info +get +set +hget +hmget +hset +zrange +zadd +zrem +xadd +xrange +rpush +lrange +evalsha +script|load";

/** @param redisPrefix beginning of the queue's name: the detector's user may touch no other keys */
export async function startSecuredServers(redisPrefix: string): Promise<SecuredServers> {
  const certificates = await makeCertificates();
  const redisUser = `--user ${detectorUser.name} on >${detectorUser.password} ~{${redisPrefix}*}:* ${redisCommands}`.split(" ");
  const starting = [
    startKafka({
      settings: kafkaSettings(certificates),
      users: { [admin.name]: admin.password, [detectorUser.name]: detectorUser.password },
    }),
    startRedis([...redisUser, "--requirepass", admin.password], certificates),
  ] as const;
  const [kafka, redis] = await Promise.all(starting);
  const [ca, cert, key] = [certificates.caFile, certificates.client.certFile, certificates.client.keyFile];
  const tls = { ca: readFileSync(ca, "utf8"), cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  const settings = {
    KAFKA_TLS: "true",
    ...filesOf("KAFKA", { ca, cert, key }),
    KAFKA_SASL_MECHANISM: "scram-sha-512",
    KAFKA_SASL_USERNAME: detectorUser.name,
    KAFKA_SASL_PASSWORD: detectorUser.password,
    ...filesOf("REDIS", { ca, cert, key }),
    REDIS_USERNAME: detectorUser.name,
    REDIS_PASSWORD: detectorUser.password,
  };
  return {
    certificates,
    servers: {
      kafka: { brokers: [kafka.brokers], ssl: tls, sasl: { mechanism: "scram-sha-512", username: admin.name, password: admin.password } },
      redis: { url: redis.url, tls, password: admin.password },
      settings,
    },
    stop: () => stopAll(certificates, kafka, redis),
  };
}

function filesOf(server: "KAFKA" | "REDIS", { ca, cert, key }: Record<"ca" | "cert" | "key", string>): Record<string, string> {
  return { [`${server}_TLS_CA_FILE`]: ca, [`${server}_TLS_CERT_FILE`]: cert, [`${server}_TLS_KEY_FILE`]: key };
}

async function stopAll(certificates: Certificates, kafka: NativeKafka, redis: NativeRedis): Promise<void> {
  await Promise.all([kafka.stop(), redis.stop()]);
  rmSync(certificates.dir, { recursive: true, force: true });
}

function kafkaSettings({ caFile, server }: Certificates): Record<string, string> {
  const security = "org.apache.kafka.common.security";
  const login = `username="${admin.name}" password="${admin.password}"`;
  return {
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
    "listener.name.clients.scram-sha-512.sasl.jaas.config": `${security}.scram.ScramLoginModule required ${login};`,
    "listener.name.clients.plain.sasl.jaas.config": `${security}.plain.PlainLoginModule required user_${detectorUser.name}="${detectorUser.password}";`,
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": server.bothFile,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": caFile,
    // Without the name of the listener Kafka would not ask for it beside SASL.
    "listener.name.clients.ssl.client.auth": "required",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    // The controller's own listener, which has no users, is ANONYMOUS.
    "super.users": `User:${admin.name};User:ANONYMOUS`,
  };
}

/** Gives the detector's user the rights that its README names, and no other. */
export async function grantDocumentedRights(fixture: DetectorFixture): Promise<void> {
  const { group, topics } = fixture;
  const { AclOperationTypes: operation, AclResourceTypes: resource } = kafkajs;
  const acl = [
    allow(resource.TOPIC, topics.readings, operation.READ),
    allow(resource.TOPIC, topics.detectorState, operation.READ),
    allow(resource.GROUP, group, operation.READ),
    allow(resource.TOPIC, topics.detectorState, operation.WRITE),
    allow(resource.TOPIC, topics.deadLetters, operation.WRITE),
    allow(resource.TOPIC, topics.detectorState, operation.DELETE),
    allow(resource.TOPIC, topics.detectorState, operation.DESCRIBE_CONFIGS),
    ...Object.values(topics).map((topic) => allow(resource.TOPIC, topic, operation.DESCRIBE)),
  ];
  await fixture.withAdmin((client) => client.createAcls({ acl }));
}

function allow(resourceType: AclEntry["resourceType"], resourceName: string, operation: AclEntry["operation"]): AclEntry {
  return {
    resourceType,
    resourceName,
    operation,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: `User:${detectorUser.name}`,
    host: "*",
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
  };
}
