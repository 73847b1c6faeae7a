import type { TestResult } from "@hashwatt/pipeline";
import { significant } from "./format.ts";
import { type Markup, markup, nothing } from "./markup.ts";

const verdicts = { failed: "✗ failed", passed: "✓ passed", not_tested: "○ not tested" } as const;

/** The ledger: failed tests first, each with its number, what was asked of it, and how far it is from that. */
export function testTable(tests: readonly TestResult[]): Markup {
  const order = { failed: 0, passed: 1, not_tested: 2 };
  const rows = tests.toSorted((a, b) => order[a.verdict] - order[b.verdict]).map(testRow);
  return markup`<table class="tests"><caption>Every test that the step was put to</caption>
<thead><tr><th scope="col">Verdict</th><th scope="col">Question</th><th scope="col">Number</th><th scope="col">Needed</th><th scope="col">Distance</th><th scope="col" class="gauge-head">Against the threshold</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function testRow(test: TestResult): Markup {
  const { name, question, value, unit, verdict, note } = test;
  const isTested = verdict !== "not_tested";
  return markup`<tr class="${verdict}"><td class="verdict">${verdicts[verdict]}</td>
<th scope="row">${question} <code>${name}</code>${note === undefined ? nothing : markup` <span class="note">${note}</span>`}</th>
<td class="number">${isTested ? inUnit(value, unit) : "–"}</td>
<td class="number">${needed(test)}</td>
<td class="number">${isTested ? distance(test) : "–"}</td>
<td class="gauge-cell">${isTested ? gauge(test) : nothing}</td></tr>`;
}

/** "at least 5.5 sigma". */
function needed({ passesWhen, threshold, unit }: TestResult): string {
  return `${passesWhen === "at_least" ? "≥" : "≤"} ${inUnit(threshold, unit)}`;
}

function inUnit(value: number, unit: string): string {
  if (unit.startsWith("of ")) return `${significant(value * 100)} % ${unit}`;
  if (unit === "sigma") return `${significant(value)} σ`;
  return `${significant(value)} ${unit}`;
}

/** How far on the passing or the failing side, in the unit and as a share of the threshold. */
function distance({ value, threshold, passesWhen, unit, verdict }: TestResult): string {
  const clear = passesWhen === "at_least" ? value - threshold : threshold - value;
  const size = inUnit(Math.abs(clear), unit);
  const share = threshold === 0 ? "" : `, ${Math.round((Math.abs(clear) / Math.abs(threshold)) * 100)} %`;
  if (verdict === "passed") return `clear by ${size}`;
  return `${passesWhen === "at_least" ? "short" : "over"} by ${size}${share}`;
}

const gaugeWidth = 120;

/** The threshold in the middle, the passing side shaded, the number as a dot; beyond twice the threshold it rests at the edge. */
function gauge({ value, threshold, passesWhen, verdict }: TestResult): Markup {
  if (threshold <= 0) return nothing;
  const x = 6 + Math.max(0, Math.min(2, value / threshold)) * ((gaugeWidth - 12) / 2);
  const middle = gaugeWidth / 2;
  return markup`<svg class="gauge" viewBox="0 0 ${gaugeWidth} 14" width="${gaugeWidth}" height="14" aria-hidden="true"><rect class="gauge-side" x="0" y="5" width="${gaugeWidth}" height="4" rx="2"/><rect class="gauge-pass" x="${passesWhen === "at_least" ? middle : 0}" y="5" width="${middle}" height="4" rx="2"/><line class="gauge-threshold" x1="${middle}" x2="${middle}" y1="1" y2="13"/><circle class="gauge-dot ${verdict}" cx="${x}" cy="7" r="4.5"/></svg>`;
}
