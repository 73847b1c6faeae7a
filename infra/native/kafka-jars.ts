import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureTools, java, maven } from "./system-tools.ts";

const run = promisify(execFile);
const pom = join(import.meta.dirname, "pom.xml");
const copyGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/**
 * The folder with Apache Kafka's jars (46 files, 43 MB), fetched once per machine with Maven and its settings. Named by what pom.xml asks for.
 * Two processes may fetch at once: each into a folder of its own, the first to rename wins.
 *
 * @throws Error when Maven is missing or fails
 */
export async function kafkaJars(): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "hashwatt");
  const dir = join(cache, `kafka-4.1.1-${createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 8)}`);
  if (existsSync(dir)) {
    return dir;
  }
  await ensureTools([java, maven]);
  console.log("Fetching Apache Kafka's jars with Maven (once, 43 MB) ...");
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "fetch-"));
  try {
    copyFileSync(pom, join(work, "pom.xml"));
    await run("mvn", ["-q", "-B", copyGoal, `-DoutputDirectory=${join(work, "libs")}`, "-DincludeScope=runtime"], { cwd: work });
    renameSync(join(work, "libs"), dir);
  } catch (error) {
    if (!existsSync(dir)) {
      const said = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
      throw new Error(`Maven could not fetch Apache Kafka's jars:\n${said.trim().split("\n").slice(0, 10).join("\n")}`, { cause: error });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return dir;
}
