export { makeCertificates, type Certificates } from "./certificates.ts";
export { startKafka, type KafkaOptions, type NativeKafka } from "./kafka.ts";
export { startKafkaCluster, type NativeKafkaCluster } from "./kafka-cluster.ts";
export { startRedis, type NativeRedis } from "./redis.ts";
