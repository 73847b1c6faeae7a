import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How to start a server in its own folder. */
export interface ServerCommand {
  /** As people call it, for messages. */
  name: string;
  file: string;
  args: readonly string[];
  /** Folder for the server's data and log; deleted by `stop`. */
  dir: string;
  /** A line of the log that says the server takes connections. */
  readyLine: string;
}

/** A server as a child process. `kill` and `restart` keep port and data: they are there to show what an outage does. */
export interface ServerProcess {
  readonly pid: number;
  /** Ends it in order and deletes its folder. Does nothing the second time. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL), as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on its port with its data; ends it in order first if it runs. */
  restart(): Promise<void>;
}

/** Kafka on 2 busy cores was ready after 3 to 8 s; 60 s means that something is wrong. */
const readyWithinMs = 60_000;
/** Kafka's controlled shutdown takes 1 to 3 s; after 10 s a hanging server must not hold up the test run. */
const stopWithinMs = 10_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** A new folder below the system's temporary one. */
export function makeServerDir(name: string): string {
  return mkdtempSync(join(tmpdir(), `hashwatt-${name.toLowerCase()}-`));
}

/**
 * Starts a server and waits until it takes connections.
 *
 * @throws Error with the end of the server's log when it ends, or is not ready within 60 s; the folder is then gone
 */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  let child = await launch(command);
  return {
    get pid() {
      return child.pid!;
    },
    async stop() {
      await end(child, "SIGTERM");
      rmSync(command.dir, { recursive: true, force: true });
    },
    kill: () => end(child, "SIGKILL"),
    async restart() {
      await end(child, "SIGTERM");
      child = await launch(command);
    },
  };
}

/** The log goes straight to a file, so a parent that is busy computing never makes the server wait on a full pipe. */
async function launch(command: ServerCommand): Promise<ChildProcess> {
  const logFile = join(command.dir, `log-${Date.now()}.txt`);
  const log = openSync(logFile, "a");
  const child = spawn(command.file, command.args, { cwd: command.dir, stdio: ["ignore", log, log] });
  closeSync(log);
  let failure: string | undefined;
  child.on("error", (error) => (failure = error.message));
  child.on("exit", (code, signal) => {
    running.delete(child);
    failure = `it ended with ${signal ?? `code ${code}`}`;
  });
  running.add(child);
  const deadline = Date.now() + readyWithinMs;
  while (!readFileSync(logFile, "utf8").includes(command.readyLine)) {
    if (failure !== undefined || Date.now() > deadline) {
      const logEnd = readFileSync(logFile, "utf8").trim().split("\n").slice(-15).join("\n");
      await end(child, "SIGKILL");
      rmSync(command.dir, { recursive: true, force: true });
      throw new Error(
        `${command.name} did not start: ${failure ?? `not ready within ${readyWithinMs / 1000} s`}. End of its log:\n${logEnd}`,
      );
    }
    await sleep(30);
  }
  return child;
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (!running.has(child) || child.pid === undefined) {
    running.delete(child);
    return;
  }
  const ended = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await ended;
  clearTimeout(timer);
}
