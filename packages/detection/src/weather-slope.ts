import type { Assessment } from "./assessment.ts";
import type { GroupView } from "./group-view.ts";

/** Days before the onset that the slope is also fitted on, and fewest days that give one. */
const daysBefore = 28;
const fewDays = 5;

/** How a step goes with the temperature of the air, in steps. NaN = no temperatures on 5 days. */
export interface WeatherShares {
  /** Part that the change of temperature across the onset explains: the slope within the days before and within those since, times the change. */
  readonly explainedRatio: number;
  /** Part that ten degrees change, by the slope within the days since. */
  readonly tenDegreesRatio: number;
}

/**
 * Slopes of the daily sizes on the day's mean temperature, each less two of its deviations: what is certain of them. The expectation has taken out
 * what the past knew of the weather; this asks what it did not know (a new heating, cold beyond the last winter's).
 */
export function weatherShares(
  view: GroupView,
  found: Assessment,
  { onsetDay, restDay }: { onsetDay: number; restDay: number },
): WeatherShares {
  const before = centred(daysInAir(view, found, onsetDay - daysBefore, onsetDay));
  const since = centred(daysInAir(view, found, restDay + 1, found.civilDay + 1));
  const step = found.stepKw / found.meanKw;
  const change = since.celsius - before.celsius;
  return {
    explainedRatio: (certainSlope([...before.days, ...since.days], 2) * change) / step,
    tenDegreesRatio: Math.abs(10 * certainSlope(since.days, 1)) / Math.abs(step),
  };
}

interface DayInAir {
  readonly celsius: number;
  /** Share of the mean. */
  readonly size: number;
}

function daysInAir(view: GroupView, { judged, stream, daily }: Assessment, from: number, to: number): DayInAir[] {
  const { calendar, residuals } = judged.fit;
  const table = calendar.utcHours[calendar.rowOf[stream]];
  const area = view.areas[judged.block.slots[stream]];
  const days: DayInAir[] = [];
  for (let day = Math.max(from, residuals.firstDay); day < to; day++) {
    let sum = 0;
    let hours = 0;
    for (let hour = 0; hour < 24; hour++) {
      const celsius = view.temperatureC(area, table[(day - calendar.firstDay) * 24 + hour]);
      if (Number.isNaN(celsius)) continue;
      sum += celsius;
      hours += 1;
    }
    if (hours >= 12) days.push({ celsius: sum / hours, size: daily[day - residuals.firstDay] });
  }
  return days;
}

/** Days less their mean, and the mean temperature. */
function centred(days: readonly DayInAir[]): { days: DayInAir[]; celsius: number } {
  const mean = (of: keyof DayInAir) => days.reduce((sum, day) => sum + day[of], 0) / days.length;
  const [celsius, size] = [mean("celsius"), mean("size")];
  return { celsius, days: days.map((day) => ({ celsius: day.celsius - celsius, size: day.size - size })) };
}

/** Least squares without its two deviations, share of the mean a degree; `means` = how many means were taken off the days. */
function certainSlope(days: readonly DayInAir[], means: number): number {
  if (days.length < fewDays) return Number.NaN;
  let product = 0;
  let square = 0;
  let sizes = 0;
  for (const { celsius, size } of days) {
    product += celsius * size;
    square += celsius * celsius;
    sizes += size * size;
  }
  if (square === 0) return 0;
  const slope = product / square;
  const deviation = Math.sqrt(Math.max(0, sizes - slope * product) / (days.length - means - 1) / square);
  return Math.sign(slope) * Math.max(0, Math.abs(slope) - 2 * deviation);
}
