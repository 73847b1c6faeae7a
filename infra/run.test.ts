import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "run.mjs");
const root = join(import.meta.dirname, "..");

describe("the door of the root scripts", () => {
  it("names its commands when it is given another", () => {
    const { status, stderr } = spawnSync(process.execPath, [script, "strat"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toBe('infra/run.mjs: unknown command "strat"; it is one of: hashwatt, node, test, check\n');
  });

  it("runs the pinned Node, passes arguments on and gives back the exit code", () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [script, "node", "-e", "console.log(process.version, process.argv[1]); process.exitCode = 7", "x y"],
      {
        encoding: "utf8",
        cwd: root,
      },
    );
    expect(stdout).toBe(`${process.version} x y\n`);
    expect(status).toBe(7);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("hands %s on and waits for the end", async (signal) => {
    const program = `process.once("${signal}", () => setTimeout(() => { console.log("orderly"); process.exit(3); }, 50)); console.log("up"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, [script, "node", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
      if (output === "up\n") {
        child.kill(signal);
      }
    });
    expect(await once(child, "exit")).toEqual([3, null]);
    expect(output).toBe("up\norderly\n");
  });
});
