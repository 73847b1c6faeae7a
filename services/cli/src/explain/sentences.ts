import { HOUR_MS } from "@hashwatt/contracts";
import type { InspectedStep, TestResult } from "@hashwatt/pipeline";
import type { Explanation, StreamExplanation } from "./explanation.ts";
import { dayName, hourName, localName, percent, plural, power, significant } from "./format.ts";
import { signatureNames } from "./statistic-chart.ts";

/** How a page is headed: a few words, their tone, and one plain sentence. */
export interface Verdict {
  readonly tone: "raised" | "permitted" | "withdrawn" | "quiet";
  readonly words: string;
  readonly sentence: string;
}

export function verdictOf(explanation: Explanation, stream: StreamExplanation | undefined): Verdict {
  const step = stream?.focus?.step;
  if (stream?.focus === undefined || step === undefined || Number.isNaN(stream.focus.meanKw)) {
    return {
      tone: "quiet",
      words: "Not judged yet",
      sentence: "There are too few usable days: the first judgement needs about five weeks of readings of this meter.",
    };
  }
  const { finding } = stream;
  const what = describeStep(explanation, stream, step);
  if (finding?.isWithdrawn) {
    return { tone: "withdrawn", words: "Raised, then withdrawn", sentence: `${what} Late or revised readings took it back.` };
  }
  if (finding && !finding.isAlarm) {
    return {
      tone: "permitted",
      words: "Covered by a permit: recorded, no alarm",
      sentence: `${finding.candidate.summary} ${finding.permit.note}`,
    };
  }
  if (finding) return { tone: "raised", words: `Flagged: ${laneNames[finding.lane]}`, sentence: finding.candidate.summary };
  if (step.isRaised) return { tone: "raised", words: "Flagged", sentence: what };
  return { tone: "quiet", words: "Not flagged", sentence: `${what} ${whyNot(step, stream.focus.namedMeterId)}` };
}

/** What a lane means to somebody who does not know the word. */
export const laneNames = {
  mining: "load that looks like mining",
  bypass: "load that no meter below accounts for",
  permit_exceeded: "more load than the permits allow",
  returning: "a load that was flagged before is back",
  step_down: "a flat load ceased near an inspection",
} as const;

/** "The likeliest step: 768 kW (10 % of the site), around the clock, since 7 Oct 2016, 17:00." */
function describeStep({ localTime, meter }: Explanation, stream: StreamExplanation, step: InspectedStep): string {
  const { meanKw, judgedDay } = stream.focus!;
  const where = stream.kind === "balance" ? "in the balance with the meters below " : "";
  const what = step.direction > 0 ? "more load" : "less load";
  return (
    `${step.isRaised ? "The step" : "The likeliest step"}: ${power(Math.abs(step.stepKw))} ${what} ${where}(${percent(Math.abs(step.stepKw / meanKw))} of the mean), ` +
    `${signatureNames[step.signature]}${step.gapDays > 1 ? `, built up over about ${step.gapDays} days` : ""}, from about ${localName(localTime, step.onsetHour)} (${meter.timeZone}), as seen on ${dayName(judgedDay)}.`
  );
}

/** Why a step was not raised: the tests it failed, its score, or who was named for it. */
function whyNot(step: InspectedStep, namedMeterId: string | null): string {
  const failed = step.tests.filter(({ verdict }) => verdict === "failed");
  if (failed.length > 0) return `It failed ${failed.length} of ${step.tests.length} tests: ${failed.map(shortfall).join("; ")}.`;
  if (!Number.isNaN(step.raisedBeforeDay)) return `The same step had already been raised on ${dayName(step.raisedBeforeDay)}.`;
  if (namedMeterId !== null) return `It passed every test, but the alarm names ${namedMeterId}, which is nearer to the load.`;
  const { score, neededScore } = step;
  if (score < neededScore)
    return `It passed every test that could be made, but its score of ${score.toFixed(2)} is below the ${neededScore.toFixed(2)} needed.`;
  return "It passed every test that could be made, but another meter or another day stands for it.";
}

/** "step over noise 3.2 of the 5.5 sigma needed". */
function shortfall({ name, value, threshold, unit, passesWhen }: TestResult): string {
  const isShare = unit.startsWith("of ");
  const number = (of: number) => (isShare ? `${significant(of * 100)} %` : significant(of));
  const limit = passesWhen === "at_least" ? "at least" : "at most";
  return `${name.replaceAll("_", " ")} is ${number(value)}, needed ${limit} ${number(threshold)} ${unit}`;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The five numbers that somebody who has ten seconds should see. */
export function keyFigures({ localTime }: Explanation, { focus, finding }: StreamExplanation): Figure[] {
  const step = focus?.step;
  if (!focus || !step) return [];
  const [low, high] = [step.stepKwLow, step.stepKwHigh].map(Math.abs).toSorted((a, b) => a - b);
  const onset = localTime(step.onsetHour * HOUR_MS);
  const failed = step.tests.filter(({ verdict }) => verdict === "failed").length;
  const untested = step.tests.filter(({ verdict }) => verdict === "not_tested").length;
  const score = finding?.candidate.score ?? step.score;
  return [
    {
      name: step.direction > 0 ? "Added load" : "Load that ceased",
      value: power(Math.abs(step.stepKw)),
      note: `90 % interval ${power(low)} to ${power(high)}`,
    },
    { name: "Share of the mean", value: percent(Math.abs(step.stepKw / focus.meanKw)), note: `of ${power(focus.meanKw)}` },
    {
      name: "Since",
      value: dayName(onset.day),
      note: `about ${hourName(onset.hour)} local time; ${plural(step.ageDays, "full day")} when judged`,
    },
    { name: "Over its noise", value: `${significant(step.sigma)} σ`, note: `needed ${significant(step.neededSigma)} σ` },
    {
      name: "Tests",
      value: failed === 0 ? `${step.tests.length - untested} passed` : `${failed} failed`,
      note: `of ${step.tests.length}; ${untested} could not be made; score ${score.toFixed(2)}`,
    },
  ];
}
