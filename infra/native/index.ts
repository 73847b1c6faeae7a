export { startKafka, type NativeKafka } from "./kafka.ts";
export { startRedis, type NativeRedis } from "./redis.ts";
