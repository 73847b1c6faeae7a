export { makeCertificates, type Certificates } from "./certificates.ts";
export { startKafka, type KafkaOptions, type NativeKafka } from "./kafka.ts";
export { startRedis, type NativeRedis } from "./redis.ts";
