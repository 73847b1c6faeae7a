import { heatSteps } from "./heat-map.ts";

/**
 * Colours of both schemes. Blue and orange are told apart by all common kinds of colour blindness, and no meaning hangs on colour alone:
 * expected is dashed, marks are labelled, verdicts have signs and words.
 */
const light = {
  page: "#ffffff",
  panel: "#f6f7f9",
  ink: "#1a1d21",
  soft: "#59616b",
  rule: "#dfe3e8",
  load: "#1f3a5f",
  band: "#c9d6e6",
  expected: "#59616b",
  above: "#d95f02",
  excess: "#f2a56b",
  below: "#3b78b4",
  usual: "#e7ebf0",
  onset: "#b34700",
  judged: "#1a1d21",
  event: "#8a929c",
  permit: "#d7e8dd",
  needed: "#1a1d21",
  alarm: "#fdebdd",
  calm: "#e9eef4",
  missing: "#c3c8cf",
};
const dark: typeof light = {
  page: "#14171b",
  panel: "#1d2127",
  ink: "#e8eaed",
  soft: "#a5adb7",
  rule: "#333a43",
  load: "#a9c8ee",
  band: "#2c4260",
  expected: "#a5adb7",
  above: "#f08a3c",
  excess: "#9c5320",
  below: "#5b9bd8",
  usual: "#2a3038",
  onset: "#ffab6b",
  judged: "#e8eaed",
  event: "#79828d",
  permit: "#24402f",
  needed: "#e8eaed",
  alarm: "#40260f",
  calm: "#222a35",
  missing: "#454c56",
};

/** From none to strong, towards blue and towards orange. */
const heatLight = { zero: [244, 245, 247], cold: [18, 74, 134], warm: [166, 60, 0], via: { cold: [120, 174, 222], warm: [248, 166, 98] } };
const heatDark = { zero: [34, 38, 45], cold: [150, 203, 255], warm: [255, 186, 122], via: { cold: [52, 98, 148], warm: [158, 82, 26] } };

function variables(colours: typeof light, heat: typeof heatLight): string {
  const plain = Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`);
  const steps = Array.from({ length: 2 * heatSteps + 1 }, (_, i) => i - heatSteps).map(
    (level) => `--heat${level}:${heatColour(heat, level)}`,
  );
  return [...plain, ...steps].join(";");
}

/** Two straight pieces through a middle colour: steps stay apart at both ends. */
function heatColour(heat: typeof heatLight, level: number): string {
  const side = level < 0 ? "cold" : "warm";
  const share = Math.abs(level) / heatSteps;
  const [from, to, part] = share <= 0.5 ? [heat.zero, heat.via[side], share * 2] : [heat.via[side], heat[side], share * 2 - 1];
  return `rgb(${from.map((channel, i) => Math.round(channel + (to[i] - channel) * part)).join(" ")})`;
}

const heatClasses = Array.from({ length: 2 * heatSteps + 1 }, (_, i) => i - heatSteps)
  .map((level) => `.h${level}{fill:var(--heat${level})}`.replace(".h-", ".h\\-"))
  .join("");

export const pageStyle = `
:root{${variables(light, heatLight)};color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{${variables(dark, heatDark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,footer{max-width:1148px;margin:0 auto;padding:0 24px}
h1{font-size:30px;line-height:1.2;margin:2px 0 10px}
h2{font-size:18px;margin:0 0 2px}
h3{font-size:14px;margin:14px 0 2px;color:var(--soft)}
section{margin:26px 0}
.facts{margin:18px 0 0;color:var(--soft);font-size:13px}
.facts span{margin-right:16px;white-space:nowrap}.facts b{font-weight:600}
.verdict{border-left:6px solid var(--below);background:var(--calm);padding:10px 16px;border-radius:4px}
.verdict.raised{border-color:var(--above);background:var(--alarm)}
.verdict p{margin:0}.words{font-size:20px;font-weight:700}
.sentence{max-width:100ch}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(190px,45%),1fr));gap:10px;margin:12px 0 0}
.figures div{background:var(--panel);border-radius:4px;padding:8px 14px}
.figures dt{font-size:13px;color:var(--soft)}.figures dd{margin:0}
.figures b{display:block;font-size:22px;line-height:1.25}.figures span{font-size:13px;color:var(--soft)}
.said{margin:14px 0 0}.said h2{font-size:14px;color:var(--soft)}.said ul{margin:2px 0 0;padding-left:18px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:20px}
svg{display:block;width:100%;height:auto;overflow:visible}
.chart{overflow-x:auto;padding:1px 0}
.chart:focus-visible{outline:2px solid var(--below)}
svg text{font:12px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft)}
.tick{text-anchor:start}.end{text-anchor:end}.middle{text-anchor:middle}
.panel-name{font-weight:600;fill:var(--ink)}
.grid{stroke:var(--rule)}.grid.zero{stroke:var(--soft)}.tickmark{stroke:var(--soft)}
.load{fill:none;stroke:var(--load);stroke-width:2;stroke-linejoin:round}.thin{stroke-width:1.2}
.expected{fill:none;stroke:var(--expected);stroke-width:1.6;stroke-dasharray:5 3}
.band{fill:var(--band)}.excess{fill:var(--excess)}
.above{fill:var(--above)}.below{fill:var(--below)}.usual{fill:var(--usual)}
.template{fill:none;stroke:var(--ink);stroke-width:2}.template-band{fill:var(--ink);fill-opacity:.14}
.quiet{fill:var(--band)}.sigma{fill:none;stroke:var(--load);stroke-width:1.4}
.needed{fill:none;stroke:var(--needed);stroke-width:1.4;stroke-dasharray:5 3}.cleared{fill:var(--above)}
.frame{fill:var(--usual)}
.mark-event{stroke:var(--event);stroke-dasharray:1 3}
.mark-onset{stroke:var(--onset);stroke-width:2}
.mark-judged{stroke:var(--judged);stroke-width:1.4;stroke-dasharray:6 2}
svg .mark{font-weight:600;fill:var(--ink)}
.event-span{fill:var(--event);fill-opacity:.35}svg .event-letter{font-size:10px;font-weight:700;fill:var(--ink)}
.permit-span{fill:var(--permit)}svg .permit-label{font-size:11px;fill:var(--ink)}
.heat{shape-rendering:crispEdges}${heatClasses}
.hx{fill:var(--missing)}
.key{display:flex;flex-wrap:wrap;align-items:center;gap:4px 6px;margin:2px 0 6px;font-size:13px;color:var(--soft)}
.entry{display:inline-flex;align-items:center;gap:6px;margin-right:12px}
.swatch{display:inline-block;width:22px;height:12px;border-radius:2px}
.load-swatch{height:3px;background:var(--load)}.band-swatch{background:var(--band)}
.expected-swatch{height:0;border-top:2px dashed var(--expected);border-radius:0}.excess-swatch{background:var(--excess)}
.above-swatch{background:var(--above)}.below-swatch{background:var(--below)}.usual-swatch{background:var(--usual);outline:1px solid var(--rule)}
.template-swatch{height:3px;background:var(--ink)}.template-band-swatch{background:color-mix(in srgb,var(--ink) 14%,transparent)}
.sigma-swatch{background:var(--band);border-top:2px solid var(--load)}.needed-swatch{height:0;border-top:2px dashed var(--needed);border-radius:0}.cleared-swatch{background:var(--above)}
.hx-swatch{background:var(--missing)}.key-bar{display:inline-block;width:auto}
.events{list-style:none;margin:4px 0 0;padding:0 0 0 62px;font-size:13px;color:var(--soft);columns:2}
.events b{display:inline-block;min-width:1.6em;color:var(--ink)}
.hint{font-size:13px;color:var(--soft);margin:4px 0 0}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--soft);font-size:13px;padding-bottom:6px}
th,td{text-align:left;padding:5px 10px 5px 0;border-top:1px solid var(--rule);vertical-align:top;font-weight:400}
thead th{border-top:0;font-size:13px;color:var(--soft)}
td.number,.weeks td{white-space:nowrap;font-variant-numeric:tabular-nums}
.verdict-cell{white-space:nowrap}
tr.failed .verdict{font-weight:700}
tr.failed{background:var(--alarm)}tr.not_tested{color:var(--soft)}
td.verdict{background:none;border-left:0;padding:5px 10px 5px 8px;white-space:nowrap;border-radius:0}
code{font:12px ui-monospace,Consolas,monospace;color:var(--soft)}.note{color:var(--soft);font-size:13px}
.gauge{width:120px}.gauge-side{fill:var(--rule)}.gauge-pass{fill:var(--below);fill-opacity:.45}.gauge-threshold{stroke:var(--ink)}
.gauge-dot{fill:var(--below);stroke:var(--page)}.gauge-dot.failed{fill:var(--above)}
.moved-bar{width:240px;max-width:100%}.moved{width:auto}.moved th,.moved td{padding-right:20px}
details{margin:18px 0}summary{cursor:pointer;font-weight:600}
footer{color:var(--soft);font-size:13px;padding-bottom:24px}
@media (max-width:640px){.facts span{white-space:normal}.events{columns:1;padding-left:0}table{display:block;overflow-x:auto}.gauge-cell,.gauge-head{display:none}}
@media print{
@page{size:A4;margin:12mm}
body{font-size:11px}.key,.events,.facts,.hint,h3,caption,.figures dt,.figures span,.note{font-size:10.5px}main,footer{max-width:none;padding:0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.chart{overflow:visible}.chart svg{min-width:0!important}table{font-size:10.5px}td.number{white-space:normal}.gauge{width:80px}
section,.pair>div,tr,.figures div{break-inside:avoid}h2,h3{break-after:avoid}
.said{margin:14px 0 0}.said h2{font-size:14px;color:var(--soft)}.said ul{margin:2px 0 0;padding-left:18px}
.pair{grid-template-columns:1fr 1fr}.figures{grid-template-columns:repeat(5,1fr)}.figures b{font-size:15px}
details.numbers{display:none}
details.other::details-content{content-visibility:visible;block-size:auto}
}`;
