import { formatDay, HOUR_MS, parseInstant } from "@hashwatt/contracts";
import type { Explanation, StreamExplanation } from "./explanation.ts";
import { dayName, localName, signedPower } from "./format.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import { keyFigures, laneNames, type Verdict, verdictOf } from "./sentences.ts";
import { pageStyle } from "./style.ts";
import { streamSections } from "./stream-sections.ts";

/** One HTML document that needs nothing else: no script, no font, no image, no net. The same explanation gives the same bytes. */
export function explainPage(explanation: Explanation): string {
  const { meter, streams } = explanation;
  const [primary, ...others] = streams;
  const verdict = verdictOf(explanation, primary);
  const name = siteName(explanation);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${`${name}: ${verdict.words}`}</title>
<style>${{ html: pageStyle }}</style>
</head>
<body>
<main>
${header(explanation, verdict, primary)}
${primary ? streamSections(explanation, primary, "a") : nothing}
${others.map(
  (stream, i) => markup`<details class="other"><summary>${otherName(stream, meter.meterId)}</summary>
<p class="sentence">${verdictOf(explanation, stream).sentence}</p>
${streamSections(explanation, stream, `b${String(i)}`)}</details>`,
)}
</main>
<footer><p>Hashwatt shows what load did. It says nothing about who or why; only a visit does.${primary ? ` Readings up to ${dayName(primary.toDay)} are shown, in local time (${meter.timeZone}).` : ""}</p></footer>
</body>
</html>
`.html;
}

function siteName({ meter }: Explanation): string {
  return meter.name === "" ? meter.meterId : meter.name;
}

function otherName({ kind }: StreamExplanation, meterId: string): string {
  return kind === "balance" ? `The balance of ${meterId}: its load less that of the meters below it` : `The load of ${meterId} itself`;
}

function header(explanation: Explanation, verdict: Verdict, primary: StreamExplanation | undefined): Markup {
  const { meter, parent, childCount, neighbourCount } = explanation;
  const facts = [
    ["Meter", meter.meterId],
    ["Level", meter.level],
    ["Fed by", parent ? `${parent.name === "" ? "" : `${parent.name} `}(${parent.meterId})` : "–"],
    ["Meters below", String(childCount)],
    ["Area", `${meter.areaId}, ${neighbourCount} other meters`],
    ...(meter.region === "" ? [] : [["Region", meter.region]]),
    ...(primary?.focus ? [["Judged", formatDay(primary.focus.judgedDay)]] : []),
  ];
  return markup`<header>
<p class="facts">${facts.map(([term, value]) => markup`<span><b>${term}</b> ${value}</span> `)}</p>
<h1>${siteName(explanation)}</h1>
<div class="verdict ${verdict.tone}"><p class="words">${verdict.words}</p><p class="sentence">${verdict.sentence}</p></div>
${primary ? figures(explanation, primary) : nothing}
${primary ? otherFindings(explanation, primary) : nothing}
</header>`;
}

/** What else was said about the meter: a page turns on one step only. */
function otherFindings({ findings, localTime }: Explanation, { finding: shown }: StreamExplanation): Markup {
  const others = findings.filter((finding) => finding !== shown);
  if (others.length === 0) return nothing;
  const lines = others.map(({ candidate, lane, isAlarm, isWithdrawn }) => {
    const outcome = isWithdrawn ? "withdrawn" : isAlarm ? laneNames[lane] : "covered by a permit";
    const raised = localTime(parseInstant(candidate.raisedAt)).day;
    return markup`<li>${`${localName(localTime, parseInstant(candidate.onset) / HOUR_MS)}: ${signedPower(candidate.stepKw)}, ${outcome}`} <code>${`--at ${formatDay(raised)}`}</code></li>`;
  });
  return markup`<div class="said"><h2>Also said about this meter</h2><ul>${lines}</ul></div>`;
}

function figures(explanation: Explanation, stream: StreamExplanation): Markup {
  const all = keyFigures(explanation, stream).map(
    ({ name, value, note }) => markup`<div><dt>${name}</dt><dd><b>${value}</b><span>${note}</span></dd></div>`,
  );
  return all.length === 0 ? nothing : markup`<dl class="figures">${all}</dl>`;
}
