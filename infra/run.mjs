/**
 * The one door of every root script. Plain JavaScript that Node 20 runs, so that a machine with an old Node and npm needs no more:
 * it installs what the lockfile names, then runs with the Node pinned in devDependencies.
 *
 *   run.mjs hashwatt ARGS    the command line tool
 *   run.mjs node FILE ARGS   any file
 *   run.mjs test ARGS        vitest, all projects; ends with "N passed, N failed, N skipped"
 *   run.mjs check            types, lint, format, dead code, layers
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { installDependencies } from "./run/install.mjs";
import { runCheck } from "./run/check.mjs";
import { runTests } from "./run/test.mjs";

const root = resolve(import.meta.dirname, "..");
const binDir = join(root, "node_modules", ".bin");

/** npm goes to the root before it runs a script; the user's relative paths are meant from where the user stands. */
const userDir = process.env.npm_lifecycle_event === undefined ? process.cwd() : (process.env.INIT_CWD ?? process.cwd());

/**
 * Runs the pinned Node to its end and hands signals on.
 *
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<number>} exit code, 128 + signal number if a signal ended it
 */
function runNode(args, options = {}) {
  const child = spawn(join(binDir, "node"), args, {
    cwd: options.cwd ?? process.cwd(),
    stdio: "inherit",
    env: { ...process.env, PATH: `${binDir}${delimiter}${process.env.PATH ?? ""}` },
  });
  // A terminal sends Ctrl-C to the whole process group: handing it on would make it two, and two mean "at once" to the child.
  const interrupt = () => process.stdin.isTTY || child.kill("SIGINT");
  const forward = (signal) => child.kill(signal);
  process.on("SIGINT", interrupt).on("SIGTERM", forward).on("SIGHUP", forward);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", interrupt).off("SIGTERM", forward).off("SIGHUP", forward);
      done(code ?? 128 + constants.signals[signal]);
    });
  });
}

async function main([command, ...args]) {
  const commands = {
    hashwatt: () => runNode([join(root, "services/cli/src/main.ts"), ...args], { cwd: userDir }),
    node: () => runNode(args),
    test: () => runTests({ root, args, runNode }),
    check: () => runCheck({ root, binDir }),
  };
  if (!Object.hasOwn(commands, command ?? "")) {
    console.error(`infra/run.mjs: unknown command "${command ?? ""}"; it is one of: ${Object.keys(commands).join(", ")}`);
    return 2;
  }
  await installDependencies(root);
  return commands[command]();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
