import { DAY_MS } from "@hashwatt/contracts";

/** A case that waits this much longer outranks one with e times the kWh at risk. */
export const RANK_TAU_MS = 14 * DAY_MS;

/** One watt-hour a day: keeps the logarithm finite where a score is 0. */
const SMALLEST_KWH = 1e-3;

/**
 * Place of a case in the queue, higher first: ln(kWh per day at risk x score) - firstSeen / tau.
 * Every case ages at the same rate, so the order of two cases never changes by waiting and nothing must be re-scored over time.
 */
export function rankOf(kwhPerDayAtRisk: number, score: number, firstSeenMs: number): number {
  return Math.log(Math.max(kwhPerDayAtRisk * score, SMALLEST_KWH)) - firstSeenMs / RANK_TAU_MS;
}
