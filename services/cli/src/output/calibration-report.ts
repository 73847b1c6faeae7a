import { type Calibration, type FindableLoad, levels, streamKinds } from "@hashwatt/contracts";
import { type DetectorRun, summariseRuns } from "@hashwatt/evaluation";
import type { CalibratedHistory } from "../calibrate/calibrate-history.ts";
import { evaluationTable } from "./evaluation-table.ts";
import { formatTable, left, right } from "./table.ts";

/** What a calibration says and what comes of it, for people. */
export function calibrationReport(calibrated: CalibratedHistory): string[] {
  const { calibration, runs } = calibrated;
  const summaries = (["calibrated", "default"] as const).map((name) => ({
    name,
    mixed: summariseRuns(runs[name].mixed),
    bare: summariseRuns([runs[name].bare]),
  }));
  return [
    ...budgetLines(calibrated),
    "",
    ...scoreTable(calibrated),
    "",
    `On ${counted(runs.calibrated.mixed.length, "more copy", "more copies")} of the history, with mines and changes that were not learnt from (changes are denser there than the budget's; null = the history as it is):`,
    "",
    ...evaluationTable(summaries),
    "",
    measuredLine(calibration, runs.calibrated),
    ...naturalLines(runs.calibrated.bare),
    "",
    ...findableLines(calibration),
  ];
}

function budgetLines({ calibration, expected, days }: CalibratedHistory): string[] {
  const { history, settings } = calibration;
  const { natural, fromChanges, isBudgetShown } = expected;
  const years = `${history.from.slice(0, 10)} to ${history.to.slice(0, 10)}, ${history.meterYears.toFixed(0)} meter-years judged, ${counted(settings.seeds, "copy", "copies")} from seed ${settings.seed}`;
  const rates = `${(natural + fromChanges).toFixed(1)} false candidates in 100 meter-years are to be expected: ${natural.toFixed(1)} natural, ${fromChanges.toFixed(1)} from ${settings.changesPer100MeterYears} innocent changes.`;
  const least = Math.ceil(50 / settings.falseBudget);
  return [
    `History: ${years}.`,
    isBudgetShown
      ? `Budget ${settings.falseBudget}: ${rates}`
      : `The history is too short to show ${settings.falseBudget} false candidates in 100 meter-years: ${least} meter-years are needed. Scores and thresholds stay as they are.`,
    ...(days < 365 ? [`The history is no full year (${days.toFixed(0)} days): seasons that it does not hold are not known.`] : []),
  ];
}

function scoreTable({ calibration, streamYears }: CalibratedHistory): string[] {
  const rows = streamKinds.flatMap((stream) =>
    streamYears[stream] === 0
      ? []
      : (["step", "buildup"] as const).map((kind) => {
          const { intercept, slope, minScore, mines, innocent } = calibration.scores[stream][kind];
          const numbers = [intercept.toFixed(2), slope.toFixed(2), minScore.toFixed(2), String(mines), String(innocent)];
          return [stream, kind === "step" ? "step" : "build-up", streamYears[stream].toFixed(0), ...numbers];
        }),
  );
  const columns = [left("Stream"), left("Kind"), right("Years"), right("Intercept"), right("Slope"), right("Raised from")];
  return formatTable([...columns, right("Mines seen"), right("Innocent")], rows);
}

/** What the held-out copies say of the budget. Natural ones come from the history as it is, which the thresholds were set on. */
function measuredLine({ settings }: Calibration, { mixed, bare }: CalibratedHistory["runs"]["calibrated"]): string {
  const { byCause, falseCandidates } = summariseRuns(mixed);
  const placed = mixed.reduce((sum, { labels }) => sum + labels.confounders.length, 0);
  const fromChanges = falseCandidates - (byCause["natural"] ?? 0);
  const per100 = placed === 0 ? 0 : (settings.changesPer100MeterYears * fromChanges) / placed;
  const natural = summariseRuns([bare]).falsePer100MeterYears ?? 0;
  return `Of the budget: ${natural.toFixed(1)} natural ones were raised in 100 meter-years, and ${fromChanges} of ${placed} changes, which makes ${per100.toFixed(1)} of ${settings.changesPer100MeterYears}.`;
}

/** A real mine in the history counts as false here; people should look. */
const shownNatural = 10;

function naturalLines({ candidates }: DetectorRun): string[] {
  if (candidates.length === 0) return ["", "The history as it is raises nothing."];
  const first = candidates
    .toSorted((a, b) => b.score - a.score)
    .slice(0, shownNatural)
    .map(({ meterId, onset, stepKw, score }) => `  ${meterId}  ${onset}  ${stepKw} kW  score ${score.toFixed(2)}`);
  return [
    "",
    `The history as it is raises ${candidates.length}${candidates.length > shownNatural ? ", first" : ""}; look at them: each counts as false here, and a real mine among them makes the thresholds too high.`,
    ...first,
  ];
}

function findableLines({ findable }: Calibration): string[] {
  const { chance, withinDays, check, meters } = findable;
  const rows = levels.flatMap((level) => {
    const own = meters.filter((meter) => meter.level === level);
    const known = own.filter((meter) => meter.smallestKw !== null);
    if (own.length === 0) return [];
    const quantiles = [0.1, 0.5, 0.9];
    const kw = quantiles.map((q) =>
      shown(
        quantileOf(known, ({ smallestKw }) => smallestKw!, q),
        (value) => String(Number(value.toPrecision(3))),
      ),
    );
    const share = quantiles.map((q) =>
      shown(
        quantileOf(known, ({ smallestKw, meanKw }) => smallestKw! / meanKw!, q),
        (value) => `${(100 * value).toFixed(1)} %`,
      ),
    );
    return [[level, `${known.length}/${own.length}`, kw.join(" / "), share.join(" / ")]];
  });
  const told = `Smallest load that is found within ${withinDays} days with a chance of ${chance * 100} %: one that begins at once and runs around the clock`;
  if (check.mines === 0) return [`${told}: not known, too few simulated loads were found.`];
  return [
    `${told}. Put to the test with ${check.mines} loads of just that size: ${check.found} found (${((100 * check.found) / check.mines).toFixed(0)} %).`,
    "",
    ...formatTable([left("Level"), right("Meters known"), right("kW: 10 / 50 / 90 % of meters"), right("Share of the mean")], rows),
  ];
}

function quantileOf(meters: readonly FindableLoad[], of: (meter: FindableLoad) => number, share: number): number {
  const sorted = meters.map(of).toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

function shown(value: number, as: (value: number) => string): string {
  return Number.isNaN(value) ? "-" : as(value);
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}
