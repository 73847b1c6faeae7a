import type { MeterEvidence } from "@hashwatt/pipeline";

/** Parameters under which every day of a step is seen: a score of 2 that none reaches, as what is raised is known from then on and no news any more. */
export const nothingRaised = { minScore: { step: 2, buildup: 2 } };

/** Collects the steps up that passed the gates; of a day that is judged again the last stands. */
export function createEvidenceCollector(): {
  readonly take: (evidence: MeterEvidence) => void;
  readonly evidence: () => MeterEvidence[];
} {
  const collected = new Map<string, MeterEvidence>();
  return {
    take(evidence) {
      const { meterId, isLoss, direction, judgedDay, ageDays, gapDays } = evidence;
      if (direction > 0) collected.set(`${meterId}/${isLoss}/${judgedDay}/${ageDays}/${gapDays}`, evidence);
    },
    /** In order of judging; those of a day in the order of the streams, as the sort is stable. */
    evidence: () => [...collected.values()].toSorted((a, b) => a.judgedDay - b.judgedDay),
  };
}
