import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensurePinnedNodeStarts } from "./pinned-node.mjs";

const pnpm = "pnpm@12.21.0";

/** What of npm's environment names the way to the registry; the rest (loglevel, prefix, omit, ...) describes the npm that started us. */
const connectionSettings = /^npm_config_(registry|.*proxy|ca|cafile|cert|key|strict_ssl|userconfig|globalconfig|cache|.*:.*|_.*)$/i;

/** A lock older than this belongs to a process that was killed: a first install takes under 2 minutes on a slow line. */
const staleLockMs = 600_000;

/**
 * Makes node_modules match pnpm-lock.yaml. Costs one hash when it already does.
 *
 * @param {string} root the repository
 * @returns {Promise<void>}
 * @throws when the install fails, with the end of what pnpm said
 */
export async function installDependencies(root) {
  if (isInstalled(root)) {
    return;
  }
  await withLock(join(root, ".cache", "install.lock"), async () => {
    if (isInstalled(root)) {
      return;
    }
    console.error("Installing dependencies (once, about a minute) ...");
    const started = Date.now();
    await runPnpmInstall(root).catch(() => runPnpmInstall(root)); // a registry that hiccups once must not fail a first look
    ensurePinnedNodeStarts(root);
    writeFileSync(stampFile(root), stampOf(root));
    console.error(`Dependencies installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  });
}

const stampFile = (root) => join(root, "node_modules", ".hashwatt-install");

function stampOf(root) {
  const lockfile = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  return `${lockfile} ${process.platform}-${process.arch}\n`;
}

function isInstalled(root) {
  const stamp = stampFile(root);
  return existsSync(join(root, "node_modules", ".bin", "node")) && existsSync(stamp) && readFileSync(stamp, "utf8") === stampOf(root);
}

/** CI=true: pnpm asks nothing. NODE_ENV away: "production" would leave out Node itself, which is a development dependency. */
function installEnvironment() {
  const env = { ...process.env, CI: "true" };
  delete env.NODE_ENV;
  for (const name of Object.keys(env)) {
    if (/^npm_/i.test(name) && !connectionSettings.test(name)) {
      delete env[name];
    }
  }
  return env;
}

/**
 * The age of releases is checked when a developer changes the lockfile, not here: every entry is bound by its hash, and asking a registry
 * for the dates of all 330 made 1 of 3 fresh installs fail behind a package mirror.
 */
const installArguments = ["install", "--frozen-lockfile", "--config.minimumReleaseAge=0", "--reporter=append-only"];

async function runPnpmInstall(root) {
  const child = spawn("npx", ["-y", pnpm, ...installArguments], {
    cwd: root,
    env: installEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const keep = (chunk) => {
    said = (said + chunk).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise((done, fail) => {
    child.on("error", (error) => fail(new Error(`npx could not be started (${error.message}); install npm, which brings it.`)));
    child.on("close", done);
  });
  if (code !== 0) {
    throw new Error(`${said.trim()}\nInstalling dependencies failed: "npx ${pnpm} install" ended with code ${code}.`);
  }
}

/** Two commands started at once on a fresh clone: the second waits for the first. */
async function withLock(file, work) {
  mkdirSync(join(file, ".."), { recursive: true });
  while (!takeLock(file)) {
    await sleep(500);
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function takeLock(file) {
  try {
    const handle = openSync(file, "wx");
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw error;
    }
    if (isStale(file)) {
      rmSync(file, { force: true });
    }
    return false;
  }
}

function isStale(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    if (pid > 0) {
      process.kill(pid, 0);
    }
    return Date.now() - statSync(file).mtimeMs > staleLockMs;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
