import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, loadConfig } from "./config.ts";
import { booleanSetting, integerSetting, listSetting } from "./settings.ts";

const schema = z.object({
  KAFKA_BROKERS: listSetting().describe("host:port, separated by commas"),
  HEALTH_PORT: integerSetting(0, 65_535).default(8080),
  KAFKA_TLS: booleanSetting().default(false),
  REDIS_PASSWORD: z.string().min(8, { error: "must have at least 8 characters" }).optional(),
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe("loadConfig", () => {
  it("parses text into numbers, switches and lists and fills defaults", () => {
    expect(loadConfig(schema, { KAFKA_BROKERS: "a:1, b:2,", KAFKA_TLS: "Yes", HEALTH_PORT: "" })).toEqual({
      KAFKA_BROKERS: ["a:1", "b:2"],
      HEALTH_PORT: 8080,
      KAFKA_TLS: true,
    });
  });

  it("lists every problem at once with the variable's name and value", () => {
    expect(problemsOf({ HEALTH_PORT: "99999", KAFKA_TLS: "perhaps" })).toEqual([
      "KAFKA_BROKERS: is not set (host:port, separated by commas)",
      'HEALTH_PORT: must be a whole number from 0 to 65535 (it is "99999")',
      'KAFKA_TLS: must be true or false (it is "perhaps")',
    ]);
  });

  it("never shows the value of a secret", () => {
    const problems = problemsOf({ KAFKA_BROKERS: "a:1", REDIS_PASSWORD: "hunter2" });
    expect(problems).toEqual(["REDIS_PASSWORD: must have at least 8 characters (value not shown)"]);
  });

  it("reads a secret from the file named by NAME_FILE and drops its line break", () => {
    const path = join(mkdtempSync(join(tmpdir(), "hashwatt-config-")), "secret");
    writeFileSync(path, "long enough\n");
    expect(loadConfig(schema, { KAFKA_BROKERS: "a:1", REDIS_PASSWORD_FILE: path }).REDIS_PASSWORD).toBe("long enough");
    expect(problemsOf({ KAFKA_BROKERS: "a:1", REDIS_PASSWORD: "also here", REDIS_PASSWORD_FILE: path })).toEqual([
      "REDIS_PASSWORD: is set together with REDIS_PASSWORD_FILE; keep one of the two",
    ]);
    expect(problemsOf({ KAFKA_BROKERS: "a:1", REDIS_PASSWORD_FILE: `${path}.gone` })).toEqual([
      `REDIS_PASSWORD_FILE: cannot read ${path}.gone (ENOENT)`,
    ]);
  });
});
