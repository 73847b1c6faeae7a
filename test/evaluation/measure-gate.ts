/**
 * Prints the figures of the regression gate and how they stand to the recorded ones.
 *
 *   node_modules/.bin/node test/evaluation/measure-gate.ts           # look
 *   node_modules/.bin/node test/evaluation/measure-gate.ts --write   # record them, after a change of detection that was meant
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { figuresPath, type GateFigures, measureGate } from "./measure.ts";

const { figures, table } = await measureGate();
console.log(table);
const recorded = existsSync(figuresPath) ? (JSON.parse(readFileSync(figuresPath, "utf8")) as GateFigures) : undefined;
for (const [name, value] of Object.entries(figures)) {
  console.log(`${name.padEnd(24)} ${String(value).padStart(8)}   recorded ${recorded?.[name as keyof GateFigures] ?? "-"}`);
}
if (process.argv.includes("--write")) {
  writeFileSync(figuresPath, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`written: ${figuresPath}`);
}
