import {
  createDetectionState,
  type Finding,
  type GroupView,
  loadDetectionState,
  noEnd,
  rewindDetectionState,
  saveDetectionState,
} from "@hashwatt/detection";
import type { DetectionApi } from "../detection-api.ts";

/** Days before the step that are compared with the two days since. */
const beforeDays = 3;

/**
 * A detector of a few lines for tests of everything around detection: raises a meter whose last two local days are half as high again as the three
 * before. It keeps numbers derived from pages until it is told that they have changed, as the real one does, and puts all that
 * it can see of a meter into its evidence, so that any difference in the pages is a difference in the messages.
 */
export const stepDetectionApi: DetectionApi = {
  createState: createDetectionState,
  saveState: saveDetectionState,
  loadState: loadDetectionState,
  rewindState: rewindDetectionState,
  createDetector(view) {
    const sums = new Map<number, Float64Array>();
    return {
      pageChanged: (utcDay) => void sums.delete(utcDay),
      follow: () => [],
      judge(state, civilDay) {
        state.days.push(civilDay);
        state.pages.push(new Float32Array(view.meterCount));
        const findings: Finding[] = [];
        for (let slot = 0; slot < view.meterCount; slot++) {
          const stepKw = stepAt(view, slot, civilDay);
          const onsetDay = civilDay - 1;
          const isKnown = state.steps.some((step) => step.groupStream === slot && Math.abs(step.onsetDay - onsetDay) <= 2);
          if (stepKw === 0 || isKnown) continue;
          const onsetHour = view.calendars[view.calendarOf[slot]].utcHour(onsetDay, 0);
          const profileKw = new Float64Array(24);
          state.steps.push({
            groupStream: slot,
            judgedDay: civilDay,
            onsetDay,
            onsetHour,
            stepKw,
            profileKw,
            ...noEnd,
          });
          findings.push(findingOf(view, slot, civilDay, onsetHour, stepKw));
        }
        return findings;
      },
    };

    function findingOf(seen: GroupView, slot: number, civilDay: number, onsetHour: number, stepKw: number): Finding {
      const end = seen.calendars[seen.calendarOf[slot]].utcHour(civilDay + 1, 0);
      const hourly = Float64Array.from({ length: 96 }, (_, row) => hourKw(seen, slot, end - 96 + row));
      // Ten UTC days reach past the judged day: what is not to be seen yet must not show.
      const lastDay = Math.floor(end / 24) + 4;
      const daily = Float64Array.from({ length: 10 }, (_, row) => cachedSum(seen, slot, lastDay - 9 + row));
      const estimated = Array.from({ length: 10 }, (_, row) => seen.estimatedPage(lastDay - 9 + row)?.[slot] ?? 0);
      const value = estimated.reduce((sum, count) => sum * 2 + count, 0);
      const test = {
        name: "estimated_hours",
        question: "q",
        threshold: 0,
        passesWhen: "at_most",
        unit: "hours",
        verdict: "passed",
      } as const;
      return {
        slot,
        lane: "mining",
        signature: "flat",
        direction: stepKw > 0 ? 1 : -1,
        judgedDay: civilDay,
        onsetDay: civilDay - 1,
        onsetHour,
        stepKw,
        stepKwLow: stepKw - 1,
        stepKwHigh: stepKw + 1,
        score: 0.5,
        scoreParts: [{ name: "step_share", value: 0.25, logOdds: 1 }],
        siteMeanKw: 1,
        ageDays: 1,
        incrementKw: new Float64Array(24),
        tests: [{ ...test, value }],
        estimates: { energyKwh: 24 * stepKw, technicalLossKw: Number.NaN },
        daily: { firstDay: lastDay - 9, actualKw: daily, expectedKw: new Float64Array(10) },
        hourly: { fromHour: end - 96, actualKw: hourly, expectedKw: new Float64Array(96) },
      };
    }

    function cachedSum(seen: GroupView, slot: number, utcDay: number): number {
      let daySums = sums.get(utcDay);
      if (daySums === undefined) {
        const page = seen.hourPage(utcDay);
        daySums = new Float64Array(seen.meterCount);
        for (let cell = 0; cell < (page?.length ?? 0); cell++)
          daySums[cell % seen.meterCount] += Number.isNaN(page![cell]) ? 0 : page![cell];
        sums.set(utcDay, daySums);
      }
      return daySums[slot];
    }
  },
};

function stepAt(view: GroupView, slot: number, civilDay: number): number {
  const after = [dayMean(view, slot, civilDay), dayMean(view, slot, civilDay - 1)];
  const before = Array.from({ length: beforeDays }, (_, day) => dayMean(view, slot, civilDay - 2 - day));
  const [high, low] = [Math.max(...before), Math.min(...before)];
  if (Math.min(...after) > 1.5 * high) return Math.min(...after) - high;
  return Math.max(...after) < low / 1.5 ? Math.max(...after) - low : 0;
}

/** NaN, and so no step, where less than half of the local day is there. */
function dayMean(view: GroupView, slot: number, civilDay: number): number {
  const calendar = view.calendars[view.calendarOf[slot]];
  const hours = Array.from({ length: 24 }, (_, hour) => hourKw(view, slot, calendar.utcHour(civilDay, hour))).filter(
    (kw) => !Number.isNaN(kw),
  );
  return hours.length < 12 ? Number.NaN : hours.reduce((sum, kw) => sum + kw, 0) / hours.length;
}

function hourKw(view: GroupView, slot: number, utcHour: number): number {
  const utcDay = Math.floor(utcHour / 24);
  return view.hourPage(utcDay)?.[(utcHour - utcDay * 24) * view.meterCount + slot] ?? Number.NaN;
}
