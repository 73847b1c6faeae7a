import type { ScorePart } from "@hashwatt/pipeline";
import { movedScore } from "../output/moved-score.ts";
import { significant } from "./format.ts";
import { type Markup, markup } from "./markup.ts";

const barWidth = 240;

/** The strongest parts of a score for and against, with bars of a common scale. */
export function scorePartList(parts: readonly ScorePart[]): Markup {
  const { inFavour, against } = movedScore(parts);
  const shown = [...inFavour, ...against];
  if (shown.length === 0) return markup`<p class="hint">The step is average in everything that the score weighs.</p>`;
  const most = Math.max(...shown.map(({ logOdds }) => Math.abs(logOdds)));
  const rows = shown.map(
    ({ name, logOdds }) => markup`<tr><th scope="row">${name.replaceAll("_", " ")}</th>
<td class="number">${`${logOdds > 0 ? "+" : ""}${significant(logOdds)}`}</td><td>${bar(logOdds / most)}</td></tr>`,
  );
  return markup`<table class="moved"><caption>The strongest parts for (+) and against (−), in log-odds beside a step that is average in each</caption>
<thead><tr><th scope="col">Part</th><th scope="col">Log-odds</th><th scope="col">For to the right, against to the left</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** `share` of the strongest part, -1 to 1. */
function bar(share: number): Markup {
  const middle = barWidth / 2;
  const width = Math.abs(share) * middle;
  return markup`<svg class="moved-bar" viewBox="0 0 ${barWidth} 12" width="${barWidth}" height="12" aria-hidden="true"><rect class="${share > 0 ? "above" : "below"}" x="${share > 0 ? middle : middle - width}" y="1" width="${width}" height="10"/><line class="gauge-threshold" x1="${middle}" x2="${middle}" y1="0" y2="12"/></svg>`;
}
