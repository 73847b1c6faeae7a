import { defineConfig } from "vitest/config";

/**
 * unit = everything beside the sources (needs nothing); evaluation = detection against its last figures (half a minute of CPU);
 * integration = real Kafka and Redis; e2e comes with the page.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "evaluation", include: ["test/evaluation/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/integration/provision.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
