import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs vitest over all projects and ends with one counted line. With CI=true a skipped test is a failure: CI proves the whole.
 *
 * @param {{ root: string, args: string[], runNode: (args: string[], options?: { cwd?: string }) => Promise<number> }} job
 * @returns {Promise<number>} exit code
 */
export async function runTests({ root, args, runNode }) {
  const dir = mkdtempSync(join(tmpdir(), "hashwatt-test-"));
  const report = join(dir, "report.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runNode([vitest, "run", ...reporters, ...args], { cwd: root });
    const { passed, failed, skipped } = countTests(existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined, code);
    const skippedInCi = skipped > 0 && process.env.CI === "true";
    if (skippedInCi) {
      console.log(`With CI=true nothing may be skipped, and ${skipped} tests were.`);
    }
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return code === 0 && skippedInCi ? 1 : code;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A file that does not load and a set-up that fails have no tests to count, so each counts as one failure. */
function countTests(report, code) {
  if (report === undefined) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
