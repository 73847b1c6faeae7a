/**
 * The layering guard: who may import whom, from manifests and imports. pnpm's isolated node_modules already make an undeclared import
 * fail at run time; this says so before, and keeps the manifests themselves to the arrows.
 *
 *   node infra/check-layers.mjs [ROOT]     exit code 1 and one line for each violation
 */
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const scope = "@hashwatt/";
const packages = ["contracts", "detection", "pipeline", "review-queue", "evaluation", "runtime"];

/** `internal`: leaves it may import; `external`: libraries, undefined for any; `pure`: no node:*, no types of Node. */
const layers = {
  "packages/contracts": { internal: [], external: ["zod"], pure: true },
  "packages/detection": { internal: [], external: ["simple-statistics"], pure: true },
  "packages/pipeline": { internal: ["contracts", "detection"], external: [], pure: true },
  "packages/evaluation": { internal: ["contracts", "detection", "pipeline"], external: [], pure: true },
  "packages/review-queue": { internal: ["contracts"], external: ["ioredis"] },
  "packages/runtime": { internal: [], external: ["pino", "prom-client", "zod"] },
  infra: { internal: ["contracts"] },
  test: { internal: [...packages, "detector", "cli", "review", "notifier", "infra"] },
};
const serviceLayer = { internal: packages };

/** Static, bare, re-exporting and dynamic imports, and require. A statement stands at the start of a line and holds names only, so prose is not taken for one. */
const importPatterns = [
  /^import\s+[\w$*\s{},]+?\s+from\s+["']([^"']+)["']/gm,
  /^import\s+["']([^"']+)["']/gm,
  /^export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[\w$\s,]*\})\s+from\s+["']([^"']+)["']/gm,
  /\b(?:import|require)\(\s*["']([^"']+)["']/g,
];

/** @returns {{ leaves: number, files: number, violations: string[] }} */
function checkLayers(root) {
  const rootTools = Object.keys(readJson(join(root, "package.json")).devDependencies ?? {});
  const leaves = findLeaves(root);
  const violations = [];
  let files = 0;
  for (const dir of leaves) {
    const layer = dir.startsWith("services/") ? serviceLayer : layers[dir];
    if (layer === undefined) {
      violations.push(`${dir}: no layer is set for it; say in infra/check-layers.mjs what it may import`);
      continue;
    }
    const manifest = readJson(join(root, dir, "package.json"));
    violations.push(...manifestViolations(dir, manifest, layer), ...purityViolations(root, dir, layer));
    for (const file of globSync("**/*.{ts,mjs,js}", {
      cwd: join(root, dir),
      exclude: (name) => /(^|\/)(node_modules|web|data)$/.test(name),
    })) {
      files += 1;
      violations.push(...fileViolations({ root, dir, file, manifest, layer, rootTools }));
    }
  }
  return { leaves: leaves.length, files, violations };
}

function findLeaves(root) {
  const below = (parent) => (existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : []);
  return [...below("packages"), ...below("services"), "infra", "test"].filter((dir) => existsSync(join(root, dir, "package.json")));
}

function manifestViolations(dir, manifest, layer) {
  const where = `${dir}/package.json`;
  const declared = [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.devDependencies ?? {})];
  const wrongWay = declared.filter((name) => name.startsWith(scope) && !layer.internal.includes(name.slice(scope.length)));
  const foreign = Object.keys(manifest.dependencies ?? {}).filter(
    (name) => !name.startsWith(scope) && layer.external !== undefined && !layer.external.includes(name),
  );
  return [
    ...wrongWay.map((name) => `${where}: ${dir} may not depend on ${name}`),
    ...foreign.map((name) => `${where}: ${dir} may use ${layer.external.join(", ") || "no library"}, not ${name}`),
  ];
}

function purityViolations(root, dir, layer) {
  const types = readJson(join(root, dir, "tsconfig.json")).compilerOptions?.types;
  return layer.pure && types?.length !== 0
    ? [`${dir}/tsconfig.json: compilerOptions.types must be [], or a clock and a process are in reach`]
    : [];
}

function fileViolations({ root, dir, file, manifest, layer, rootTools }) {
  // src/testing.ts and src/testing/ hold contract suites that tests of other leaves run.
  const isTest = dir === "test" || /\.test\.\w+$|^src\/testing(\.ts$|\/)/.test(file);
  const allowed = new Set(Object.keys(manifest.dependencies ?? {}));
  if (isTest) {
    [...Object.keys(manifest.devDependencies ?? {}), ...rootTools].forEach((name) => allowed.add(name));
  }
  const faultOf = (specifier) => {
    if (specifier.startsWith(".")) {
      const target = relative(join(root, dir), resolve(root, dir, dirname(file), specifier));
      return target.startsWith("..") ? `reaches out of ${dir} by ${specifier}; import the package by its name` : undefined;
    }
    if (isBuiltin(specifier)) {
      return layer.pure && !isTest ? `${dir} is pure and may not import ${specifier}` : undefined;
    }
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");
    return allowed.has(name)
      ? undefined
      : `imports ${name}, which ${dir}/package.json does not name among its ${isTest ? "" : "production "}dependencies`;
  };
  const faults = importsOf(readFileSync(join(root, dir, file), "utf8")).map(faultOf);
  return faults.filter((fault) => fault !== undefined).map((fault) => `${dir}/${file}: ${fault}`);
}

function importsOf(source) {
  return importPatterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]));
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

const { leaves, files, violations } = checkLayers(resolve(process.argv[2] ?? join(import.meta.dirname, "..")));
violations.forEach((violation) => console.log(violation));
if (files === 0) {
  console.log("No source file was found: a check that looks at nothing proves nothing.");
}
console.log(`${violations.length} layering violations in ${files} files of ${leaves} leaves`);
process.exitCode = violations.length > 0 || files === 0 ? 1 : 0;
