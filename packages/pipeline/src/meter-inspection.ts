import type { FreshStep, JudgedEvidence, JudgedNoise, StreamInspection } from "@hashwatt/detection";

/** What one day's judging saw of a meter, or of the balance of a parent, with ids in place of slots. */
export interface MeterInspection extends StreamInspection {
  readonly meterId: string;
  /** The meter that was named instead of this one for the same step; null = none. */
  readonly namedMeterId: string | null;
}

/** A step of any meter that passed the gates, raised or not. */
export interface MeterEvidence extends JudgedEvidence {
  readonly meterId: string;
}

/** Noise of a meter, or of the balance of a parent. */
export interface MeterNoise extends JudgedNoise {
  readonly meterId: string;
}

/** Step that the history of a meter, or of the balance of a parent, remembers of a day. */
export interface MeterFreshStep extends FreshStep {
  readonly meterId: string;
}

/** Lays open what judging sees of some meters. Costs a few milliseconds a meter-day and changes no message. */
export interface MeterInspector {
  readonly meterIds: ReadonlySet<string>;
  /** In order of judging; a day that is judged again, and every day after it, comes again. */
  readonly take: (inspection: MeterInspection) => void;
  /** Every step that passed the gates, of all meters; those of a day that is judged again come again. */
  readonly takeEvidence?: (evidence: MeterEvidence) => void;
  /** The noise of all meters after each refit; that of a week that is fitted again comes again. */
  readonly takeNoise?: (noise: MeterNoise) => void;
  /** The steps that all streams remember of a judged day; those of a day that is judged again come again. */
  readonly takeFreshStep?: (step: MeterFreshStep) => void;
}
