import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { TrainedModel, TrainedModels } from "@hashwatt/evaluation";

/** Where a score's coefficients come from: enough to make the file again and to see that the readings are the same. */
export interface MadeFrom {
  readonly fleets: readonly { readonly name: string; readonly readingsSha256: string }[];
  /** Seeds of each fleet folder, and simulated fleets, both from 1. */
  readonly seeds: number;
  readonly simulated: number;
}

/** SHA-256 of files one after the other, as hex. */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) await pipeline(createReadStream(path), hash, { end: false });
  return hash.digest("hex");
}

/** The text of score-model.json, formatted as the repository's gate asks for: one term a line. */
export function scoreFileText({ step, buildup, counts }: TrainedModels, { fleets, seeds, simulated }: MadeFrom): string {
  return `{
  "madeFrom": {
    "fleets": ${listOf(fleets, "    ")},
    "seeds": ${seeds},
    "simulated": ${simulated},
    "step": ${oneLine(counts.step)},
    "buildup": ${oneLine(counts.buildup)}
  },
  "step": ${modelText(step)},
  "buildup": ${modelText(buildup)}
}
`;
}

function modelText({ intercept, terms }: TrainedModel): string {
  return `{
    "intercept": ${intercept},
    "terms": ${listOf(terms, "    ")}
  }`;
}

function listOf(items: readonly object[], indent: string): string {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => `${indent}  ${oneLine(item)}`).join(",\n")}\n${indent}]`;
}

function oneLine(record: object): string {
  return `{ ${Object.entries(record)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(", ")} }`;
}
