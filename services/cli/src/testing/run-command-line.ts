import { vi } from "vitest";
import { runCommandLine } from "../command-line.ts";

/** Runs the command line in this process; what it printed on stdout, and on stderr. */
export async function runHere(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void (written.stdout += `${line}\n`));
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.stderr += String(text);
    return true;
  });
  try {
    return { code: await runCommandLine(args), ...written };
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}
