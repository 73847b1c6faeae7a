import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "check-layers.mjs");

/** A repository of three clean leaves; each test plants what it names. */
const cleanFiles: Record<string, string> = {
  "package.json": JSON.stringify({ devDependencies: { vitest: "1" } }),
  "packages/contracts/package.json": JSON.stringify({ dependencies: { zod: "1" } }),
  "packages/contracts/tsconfig.json": JSON.stringify({ compilerOptions: { types: [] } }),
  "packages/contracts/src/index.ts": 'import { z } from "zod";\nexport const reading = z.object({});\n',
  "packages/pipeline/package.json": JSON.stringify({
    dependencies: { "@hashwatt/contracts": "1" },
    devDependencies: { "fast-check": "1" },
  }),
  "packages/pipeline/tsconfig.json": JSON.stringify({ compilerOptions: { types: [] } }),
  "packages/pipeline/src/index.ts":
    '// taken from "nowhere"\nimport {\n  reading,\n} from "@hashwatt/contracts";\nexport { bin } from "./bin.ts";\n',
  "packages/pipeline/src/bin.ts": "export const bin = 1;\n",
  "packages/pipeline/src/bin.test.ts":
    'import { readFileSync } from "node:fs";\nimport fc from "fast-check";\nimport { it } from "vitest";\n',
  "services/detector/package.json": JSON.stringify({ dependencies: { "@hashwatt/pipeline": "1", kafkajs: "1" } }),
  "services/detector/tsconfig.json": "{}",
  "services/detector/src/main.ts": 'import { Kafka } from "kafkajs";\nimport "@hashwatt/pipeline";\n',
};

const roots: string[] = [];

function check(planted: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), "hashwatt-layers-"));
  roots.push(root);
  for (const [file, text] of Object.entries({ ...cleanFiles, ...planted })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n") };
}

describe("the layering guard", () => {
  afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

  it("passes a clean repository and says how much it looked at", () => {
    expect(check({})).toEqual({ status: 0, lines: ["0 layering violations in 5 files of 3 leaves"] });
  });

  it.each([
    {
      name: "a manifest that points against the arrows",
      planted: { "packages/contracts/package.json": '{"dependencies":{"zod":"1","@hashwatt/pipeline":"1"}}' },
      line: "packages/contracts/package.json: packages/contracts may not depend on @hashwatt/pipeline",
    },
    {
      name: "a service that uses a service",
      planted: { "services/detector/package.json": '{"dependencies":{"@hashwatt/pipeline":"1","kafkajs":"1","@hashwatt/cli":"1"}}' },
      line: "services/detector/package.json: services/detector may not depend on @hashwatt/cli",
    },
    {
      name: "a library in a pure package",
      planted: {
        "packages/pipeline/package.json": '{"dependencies":{"@hashwatt/contracts":"1","kafkajs":"1"},"devDependencies":{"fast-check":"1"}}',
      },
      line: "packages/pipeline/package.json: packages/pipeline may use no library, not kafkajs",
    },
    {
      name: "an import that no manifest names",
      planted: { "packages/pipeline/src/bin.ts": 'export { mean } from "simple-statistics";\n' },
      line: "packages/pipeline/src/bin.ts: imports simple-statistics, which packages/pipeline/package.json does not name among its production dependencies",
    },
    {
      name: "a test library in a source",
      planted: { "packages/pipeline/src/bin.ts": 'const fc = await import(\n  "fast-check"\n);\n' },
      line: "packages/pipeline/src/bin.ts: imports fast-check, which packages/pipeline/package.json does not name among its production dependencies",
    },
    {
      name: "a path out of the leaf",
      planted: { "services/detector/src/main.ts": 'import { bin } from "../../../packages/pipeline/src/bin.ts";\n' },
      line: "services/detector/src/main.ts: reaches out of services/detector by ../../../packages/pipeline/src/bin.ts; import the package by its name",
    },
    {
      name: "Node in a pure package",
      planted: { "packages/pipeline/src/bin.ts": 'import { readFileSync } from "node:fs";\n' },
      line: "packages/pipeline/src/bin.ts: packages/pipeline is pure and may not import node:fs",
    },
    {
      name: "a pure package with the types of Node",
      planted: { "packages/pipeline/tsconfig.json": '{"compilerOptions":{"types":["node"]}}' },
      line: "packages/pipeline/tsconfig.json: compilerOptions.types must be [], or a clock and a process are in reach",
    },
    {
      name: "a package without a layer",
      planted: { "packages/utils/package.json": "{}" },
      line: "packages/utils: no layer is set for it; say in infra/check-layers.mjs what it may import",
    },
  ])("finds $name", ({ planted, line }) => {
    const { status, lines } = check(planted);
    expect(status).toBe(1);
    expect(lines[0]).toBe(line);
    expect(lines).toHaveLength(2);
  });

  it("fails when it finds no source", () => {
    const root = mkdtempSync(join(tmpdir(), "hashwatt-layers-"));
    roots.push(root);
    writeFileSync(join(root, "package.json"), "{}");
    const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stdout).toContain("No source file was found");
  });
});
