import { describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  write(createLogger({ name: "test", destination: { write: (line: string) => void (text += line) } }));
  return text;
}

describe("createLogger", () => {
  it("writes one JSON line with name, level in words and ISO time", () => {
    const line = JSON.parse(logged((log) => log.info({ rows: 3 }, "read")));
    expect(line).toMatchObject({ level: "info", name: "test", rows: 3, msg: "read" });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it("redacts passwords, tokens and SASL at three depths and inside URLs", () => {
    const text = logged((log) => {
      log.info({ password: "hush", kafka: { sasl: { username: "u", password: "hush" }, deep: { token: "hush" } } }, "start");
      log.error(new Error("cannot reach redis://ops:hush@localhost:6379/0"));
    });
    expect(text).not.toContain("hush");
    expect(text).toContain("redis://ops:[redacted]@localhost:6379/0");
  });
});
