import { readFileSync } from "node:fs";
import { z } from "zod";

/** Every problem of the configuration at once, each naming its variable. `exitCode` is what the process should end with. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  readonly exitCode = 2;
  constructor(problems: readonly string[]) {
    super(
      `Configuration: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n${problems.map((p) => `  ${p}`).join("\n")}`,
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Values of these variables never appear in an error: a mistyped secret is still a secret, and a URL may carry one. */
const secretName = /PASSWORD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_KEY$|_URL$/;

/** Longest value shown in an error. */
const shownCharacters = 60;

/**
 * Reads the variables named by the schema's fields from `env` and returns the parsed configuration.
 * An empty variable counts as absent. `NAME_FILE` gives the path of a file that holds the value of `NAME` (secrets mounted as
 * files); its trailing line break is dropped.
 * Throws ConfigError with all problems, also those of unreadable files.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = readVariable(name, env, problems);
    if (value !== undefined) values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(describeIssue(issue, values, schema));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError([...new Set(problems)]);
  return parsed.data;
}

function readVariable(name: string, env: Readonly<Record<string, string | undefined>>, problems: string[]): string | undefined {
  const direct = env[name] === "" ? undefined : env[name];
  const fileName = `${name}_FILE`;
  const path = env[fileName] === "" ? undefined : env[fileName];
  if (path === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${name}: is set together with ${fileName}; keep one of the two`);
    return direct;
  }
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    problems.push(`${fileName}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
    return undefined;
  }
}

function describeIssue(issue: z.core.$ZodIssue, values: Readonly<Record<string, string>>, schema: z.ZodObject): string {
  const name = String(issue.path[0] ?? "configuration");
  const value = values[name];
  if (value === undefined) {
    const about = schema.shape[name]?.description;
    return issue.path.length === 0 ? `${name}: ${issue.message}` : `${name}: is not set${about ? ` (${about})` : ""}`;
  }
  if (secretName.test(name)) return `${name}: ${issue.message} (value not shown)`;
  const shown = value.length > shownCharacters ? `${value.slice(0, shownCharacters)}...` : value;
  return `${name}: ${issue.message} (it is "${shown}")`;
}
