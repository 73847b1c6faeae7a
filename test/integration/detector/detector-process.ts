import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const main = resolve(import.meta.dirname, "../../../services/detector/src/main.ts");

/** A line of the detector's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The real service as a process of its own. */
export interface DetectorProcess {
  readonly lines: LogLine[];
  readonly process: ChildProcess;
  /** Waits for a line of the log from `after` on; rejects when the process ends before. */
  line(matches: (line: LogLine) => boolean, after?: number): Promise<LogLine>;
  /** Values of a metric by their labels, as the text after the name. */
  metric(name: string): Promise<Map<string, number>>;
  /** Sends the signal and gives the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts it and returns at once; `settings` are environment variables. */
export function startDetectorProcess(settings: Readonly<Record<string, string>>): DetectorProcess {
  const child = spawn(process.execPath, [main], {
    // Nothing of the test runner's own environment but the path: NODE_ENV=test would change kafkajs' defaults.
    env: { PATH: process.env["PATH"], HTTP_PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: LogLine[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(text.startsWith("{") ? (JSON.parse(text) as LogLine) : { level: "none", msg: text });
  });
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const line: DetectorProcess["line"] = async (matches, after = 0) => {
    for (;;) {
      const found = lines.slice(after).find(matches);
      if (found) return found;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the detector ended with ${child.exitCode ?? child.signalCode}: ${JSON.stringify(lines.at(-1))}`);
      }
      await sleep(20);
    }
  };
  return {
    lines,
    process: child,
    line,
    async metric(name) {
      const { port } = await line(({ msg }) => msg === "starting");
      const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
      const values = text
        .split("\n")
        .map((row) => /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(row))
        .filter((match) => match?.[1] === name)
        .map((match) => [(match![2] ?? "").replace(/,?service="\w+"/, ""), Number(match![3])] as const);
      return new Map(values);
    },
    async end(signal) {
      child.kill(signal);
      const [code, by] = await ended;
      return code ?? by!;
    },
  };
}
