import type { Estimates } from "./estimates.ts";
import type { LoadOrigin } from "./load-origin.ts";
import type { ScorePart } from "./score.ts";
import type { StepBelow, StepsBelow } from "./steps-below.ts";
import type { Template } from "./templates.ts";

/** One test of a finding: what was asked, the number, and the verdict. */
export interface TestResult {
  readonly name: string;
  readonly question: string;
  /** NaN = not tested. */
  readonly value: number;
  readonly threshold: number;
  readonly passesWhen: "at_least" | "at_most";
  readonly unit: string;
  readonly verdict: "passed" | "failed" | "not_tested";
  readonly note?: string;
  /** UTC hours at which the events that the number is about began; absent where it is about none. */
  readonly eventHours?: readonly number[];
}

/** A step that passed on one judged day. Numbers only: ids, names and ISO times are added where it leaves the pipeline. */
export interface Finding {
  readonly slot: number;
  readonly lane: "mining" | "bypass" | "returning" | "step_down";
  readonly signature: Template["signature"] | "buildup" | "loss" | StepsBelow["signature"];
  /** +1 load appeared, -1 load ceased. */
  readonly direction: 1 | -1;
  /** The civil day whose judging raised it. */
  readonly judgedDay: number;
  /** Civil day and UTC hour of the estimated onset. (slot, onsetDay, direction) is unique among live findings. */
  readonly onsetDay: number;
  readonly onsetHour: number;
  /** Signed by direction; low <= step <= high, a 90 % interval. */
  readonly stepKw: number;
  readonly stepKwLow: number;
  readonly stepKwHigh: number;
  /** 0 to 1. */
  readonly score: number;
  /** Which term of the evidence moved the score by how much. */
  readonly scoreParts: readonly ScorePart[];
  readonly siteMeanKw: number;
  readonly ageDays: number;
  /** By local hour, 24 values. */
  readonly incrementKw: Float64Array;
  readonly tests: readonly TestResult[];
  readonly estimates: Estimates;
  /** Of a step down. */
  readonly origin?: LoadOrigin;
  /** Of a cluster the loads on the meters below, largest first; of moved_behind the meter below that fell. */
  readonly below?: readonly StepBelow[];
  /** Local days from firstDay; NaN = no usable data. */
  readonly daily: { readonly firstDay: number; readonly actualKw: Float64Array; readonly expectedKw: Float64Array };
  /** UTC hours from fromHour. */
  readonly hourly: { readonly fromHour: number; readonly actualKw: Float64Array; readonly expectedKw: Float64Array };
}
