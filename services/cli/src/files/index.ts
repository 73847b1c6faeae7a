/** Reading and writing of files for what stands outside the command: the benchmarks. */
export { openDuck } from "./duck.ts";
export { findInputFiles } from "./input-files.ts";
export { openReadings } from "./read-readings.ts";
export { writeFleet } from "./write-fleet.ts";
