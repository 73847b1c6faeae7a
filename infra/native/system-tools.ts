import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program a native server needs, and the Debian packages that bring it, best first. */
interface SystemTool {
  command: string;
  packages: readonly string[];
  /** Extra check of what is there; says what is wrong with it, or undefined when it will do. */
  fault?(): Promise<string | undefined>;
}

/** Kafka 4 does not start on an older one. */
const minJavaMajor = 17;

export const redisServer: SystemTool = { command: "redis-server", packages: ["redis-server"] };
export const openssl: SystemTool = { command: "openssl", packages: ["openssl"] };
export const maven: SystemTool = { command: "mvn", packages: ["maven"] };
export const java: SystemTool = {
  command: "java",
  packages: ["openjdk-17-jre-headless", "openjdk-21-jre-headless", "openjdk-25-jre-headless"],
  async fault() {
    const { stdout } = await run("java", ["--version"]).catch(() => ({ stdout: "" }));
    const major = Number(/\s(\d+)/.exec(stdout)?.[1] ?? 0);
    return major >= minJavaMajor ? undefined : `java is version ${major || "unknown"}, Kafka 4 needs ${minJavaMajor} or newer`;
  },
};

/** One at a time: Kafka and Redis are started together, and two apt-get would meet at its lock. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Makes sure that the tools are there; as root on a system with apt-get it installs what is missing, without asking.
 *
 * @throws Error naming what is missing and the packages to install
 */
export function ensureTools(tools: readonly SystemTool[]): Promise<void> {
  const mine = turn.then(() => ensureToolsNow(tools));
  turn = mine.catch(() => undefined);
  return mine;
}

async function ensureToolsNow(tools: readonly SystemTool[]): Promise<void> {
  const missing = await faultsOf(tools);
  if (missing.length === 0) {
    return;
  }
  const packages = missing.map(({ tool }) => tool.packages[0]);
  const reasons = missing.map(({ fault }) => fault).join("; ");
  const advice = `Install the packages ${packages.join(", ")} (names as in Debian), or set KAFKA_BROKERS and REDIS_URL to running servers.`;
  if (process.getuid?.() !== 0 || !(await isOnPath("apt-get"))) {
    throw new Error(`No native Kafka and Redis: ${reasons}. ${advice}`);
  }
  try {
    await installPackages(missing.map(({ tool }) => tool.packages));
  } catch (error) {
    throw new Error(`No native Kafka and Redis: ${reasons}, and apt-get could not install them. ${advice}\n${lastLines(error)}`, {
      cause: error,
    });
  }
  const still = await faultsOf(tools);
  if (still.length > 0) {
    throw new Error(`No native Kafka and Redis: after the install still ${still.map(({ fault }) => fault).join("; ")}. ${advice}`);
  }
}

async function faultsOf(tools: readonly SystemTool[]): Promise<{ tool: SystemTool; fault: string }[]> {
  const found: { tool: SystemTool; fault: string }[] = [];
  for (const tool of tools) {
    const fault = (await isOnPath(tool.command)) ? await tool.fault?.() : `${tool.command} is not installed`;
    if (fault !== undefined) {
      found.push({ tool, fault });
    }
  }
  return found;
}

async function isOnPath(command: string): Promise<boolean> {
  return run("sh", ["-c", 'command -v "$0"', command]).then(
    () => true,
    () => false,
  );
}

async function installPackages(choices: readonly (readonly string[])[]): Promise<void> {
  await run("apt-get", ["-qq", "update"]);
  const packages: string[] = [];
  for (const choice of choices) {
    packages.push(await firstKnown(choice));
  }
  console.log(`Installing ${packages.join(", ")} with apt-get ...`);
  // RUNLEVEL=1: the package's own redis service is not started, tests run theirs on a free port.
  await run("apt-get", ["-qq", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", "install", ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Each release of the distribution has another Java. */
async function firstKnown(packages: readonly string[]): Promise<string> {
  for (const name of packages) {
    const { stdout } = await run("apt-cache", ["policy", name]);
    if (/Candidate: (?!\(none\))/.test(stdout)) {
      return name;
    }
  }
  return packages[0];
}

function lastLines(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n").slice(-8).join("\n");
}
