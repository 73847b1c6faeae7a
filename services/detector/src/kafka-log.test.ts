import { Writable } from "node:stream";
import { createLogger } from "@hashwatt/runtime";
import { logLevel } from "kafkajs";
import { expect, it } from "vitest";
import { createKafkaLogCreator } from "./kafka-log.ts";

it("says the ordinary course of things at debug level and keeps real errors", () => {
  const lines: { level: string; msg: string }[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()) as { level: string; msg: string });
      done();
    },
  });
  const log = createKafkaLogCreator(createLogger({ name: "test", level: "debug", destination }))();
  const entry = (level: logLevel, message: string, error?: string) =>
    log({ namespace: "Runner", level, label: "", log: { timestamp: "", message, ...(error && { error }), logger: undefined as never } });
  entry(logLevel.ERROR, "Response Heartbeat(key: 12, version: 3)", "The group is rebalancing, so a rejoin is needed");
  entry(logLevel.ERROR, "Response GroupCoordinator(key: 10, version: 2)", "The group coordinator is not available");
  entry(logLevel.ERROR, "Connection error: connect ECONNREFUSED");
  entry(logLevel.INFO, "Consumer has joined the group");
  expect(lines.map(({ level }) => level)).toEqual(["debug", "debug", "error", "debug"]);
});
