import { spawn } from "node:child_process";
import { delimiter } from "node:path";

/** The gates that need no running part. All run, so that one look shows every finding. */
const gates = [
  { name: "types", command: ["tsc", "-b"] },
  { name: "lint", command: ["oxlint", "--deny-warnings"] },
  { name: "format", command: ["biome", "format", "."] },
  { name: "dead code", command: ["knip"] },
  { name: "layers", command: ["node", "infra/check-layers.mjs"] },
];

/**
 * Runs the gates side by side and prints what each one found.
 *
 * @param {{ root: string, binDir: string }} place
 * @returns {Promise<number>} 0 when all are clean, else 1
 */
export async function runCheck({ root, binDir }) {
  const env = { ...process.env, PATH: `${binDir}${delimiter}${process.env.PATH ?? ""}` };
  const results = await Promise.all(gates.map((gate) => runGate(gate, { cwd: root, env })));
  for (const { name, code, output } of results.filter((result) => result.code !== 0)) {
    console.log(`--- ${name}: failed (code ${code})\n${output.trim()}\n`);
  }
  console.log(results.map(({ name, code, seconds }) => `${name} ${code === 0 ? "ok" : "FAILED"} (${seconds} s)`).join(", "));
  return results.every((result) => result.code === 0) ? 0 : 1;
}

async function runGate({ name, command: [file, ...args] }, options) {
  const started = Date.now();
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk) => {
    output += chunk;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise((done) => {
    child.on("error", (error) => {
      output += error.message;
      done(127);
    });
    child.on("close", done);
  });
  return { name, code, output, seconds: ((Date.now() - started) / 1000).toFixed(1) };
}
