import type { CalibrationBin, OutcomeSummary } from "@hashwatt/evaluation";
import { formatTable, left, right } from "./table.ts";

/** A detector's summaries: on the fleets with events, and on those that have a version with nothing added. */
export interface DetectorSummary {
  readonly name: string;
  readonly mixed: OutcomeSummary;
  readonly bare: OutcomeSummary;
}

type Row = readonly [title: string, value: (summary: DetectorSummary) => string];

const number = (value: number | null, digits: number) => (value === null ? "-" : value.toFixed(digits));
const share = (value: number | null) => number(value, 2);
const foundOf = (group: { mines: number; found: number } | undefined) => (group === undefined ? "-" : `${group.found}/${group.mines}`);

function ratesByCause({ mixed }: DetectorSummary, cause: string): string {
  const count = mixed.byCause[cause] ?? 0;
  return mixed.meterYears > 0 ? ((100 * count) / mixed.meterYears).toFixed(1) : "-";
}

function calibrationCell(bin: CalibrationBin): string {
  return bin.count === 0 ? "-" : `${share(bin.meanScore)} ${share(bin.shareRight)} (${bin.count})`;
}

/** Lines of one table: a row a measure, a column a detector. */
export function evaluationTable(detectors: readonly DetectorSummary[]): string[] {
  const [first] = detectors;
  const kinds = Object.keys(first.mixed.byKind);
  const sizes = Object.keys(first.mixed.bySize);
  const causes = [...new Set(detectors.flatMap(({ mixed }) => Object.keys(mixed.byCause)))];
  const rows: Row[] = [
    ["recall", ({ mixed }) => `${share(mixed.recall)} (${mixed.found}/${mixed.mines})`],
    ["  by luck at this rate of false", ({ mixed }) => share(mixed.recallByChance)],
    ...kinds.map((kind): Row => [`  ${kind}`, ({ mixed }) => foundOf(mixed.byKind[kind])]),
    ...sizes.map((size): Row => [`  ${size} of site mean`, ({ mixed }) => foundOf(mixed.bySize[size])]),
    ["delay, days: median, p90", ({ mixed }) => `${number(mixed.delayDays.median, 1)}, ${number(mixed.delayDays.p90, 1)}`],
    ["false per 100 meter-years, mixed", ({ mixed }) => number(mixed.falsePer100MeterYears, 1)],
    ...causes.map((cause): Row => [`  ${cause}`, (summary) => ratesByCause(summary, cause)]),
    ["false per 100 meter-years, null", ({ bare }) => number(bare.falsePer100MeterYears, 1)],
    ["precision", ({ mixed }) => share(mixed.precision)],
    ["size error, median", ({ mixed }) => share(mixed.sizeError.median)],
    ["interval coverage", ({ mixed }) => share(mixed.intervalCoverage)],
    ["onset error, hours: median", ({ mixed }) => number(mixed.onsetErrorHours.median, 1)],
    ...first.mixed.calibration.map(
      (bin, order): Row => [`score ${bin.from}-${bin.to}: mean, right (n)`, ({ mixed }) => calibrationCell(mixed.calibration[order])],
    ),
  ];
  return formatTable(
    [left(""), ...detectors.map(({ name }) => right(name))],
    rows.map(([title, value]) => [title, ...detectors.map(value)]),
  );
}
