/** For the benchmarks and fault tests; the service itself is main.ts. */
export { registerCodecs } from "./compression-codecs.ts";
export { type DetectorConfig, readConfig } from "./config.ts";
export { type Detector, type DetectorOptions, startDetector } from "./detector.ts";
