import type { TestResult } from "./finding.ts";

/** How the note of a test begins that has nothing to ask, as against one that lacks data. */
export const doesNotApply = "does not apply: ";

/** The number of a test beside what is asked of it. */
export interface Measured {
  /** NaN = not tested. */
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  /** Why it could not be tested, or what the number means here. */
  readonly note?: string | undefined;
}

export function atLeast(name: string, question: string, measured: Measured): TestResult {
  return judged(name, question, "at_least", measured);
}

export function atMost(name: string, question: string, measured: Measured): TestResult {
  return judged(name, question, "at_most", measured);
}

/** A size in steps: 1 = as large as the step itself. */
export function ofStep(value: number, threshold: number, note?: string): Measured {
  return { value, threshold, unit: "of step", note };
}

function judged(name: string, question: string, passesWhen: TestResult["passesWhen"], measured: Measured): TestResult {
  const { value, threshold, unit, note = Number.isNaN(value) ? "no data" : undefined } = measured;
  const test = { name, question, passesWhen, value, threshold, unit, ...(note === undefined ? {} : { note }) };
  if (Number.isNaN(value)) return { ...test, verdict: "not_tested" };
  const passed = passesWhen === "at_least" ? value >= threshold : value <= threshold;
  return { ...test, verdict: passed ? "passed" : "failed" };
}
