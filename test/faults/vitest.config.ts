import { defineConfig } from "vitest/config";

/** Faults of whole clusters: run by hand, since three brokers ask for more memory and time than every change deserves. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: ["no-shared-servers.ts"],
    testTimeout: 300_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
