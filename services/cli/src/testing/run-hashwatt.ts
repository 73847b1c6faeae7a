import { execFile } from "node:child_process";
import { join } from "node:path";

export const mainPath = join(import.meta.dirname, "../main.ts");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder as a user would, without servers in its environment. */
export function runHashwatt(folder: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, REDIS_URL: "", KAFKA_BROKERS: "" };
    execFile(process.execPath, [mainPath, ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
