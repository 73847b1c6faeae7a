import type { TestProject } from "vitest/node";

/** These tests start servers of their own; the fixture asks for the shared ones when it is loaded. */
export function setup(project: TestProject): void {
  project.provide("kafkaBrokers", "");
  project.provide("redisUrl", "");
}
