import { type GridEvent, MeterSchema, type Permit } from "@hashwatt/contracts";
import type { MeterInspection } from "@hashwatt/pipeline";
import { describe, expect, it } from "vitest";
import { createExplanation } from "./explanation.ts";
import { createMeterRecorder } from "./meter-record.ts";
import { explainPage } from "./page.ts";
import { firstTestDay, testInspection, testStep } from "../testing/inspections.ts";

const hostile = `<script>alert("x")</script> & 'y'`;
const meters = [
  MeterSchema.parse({
    meterId: "m1",
    name: hostile,
    level: "feeder",
    parentId: "top",
    areaId: "a<1>",
    timeZone: "Europe/Berlin",
    intervalMinutes: 60,
  }),
  MeterSchema.parse({ meterId: "top", name: "", level: "substation", areaId: "a<1>", timeZone: "Europe/Berlin", intervalMinutes: 60 }),
];
const permits: Permit[] = [{ permitId: "p<b>", meterId: "m1", maxKw: 120, validFrom: "2016-08-20T00:00:00Z", validTo: null, holder: "" }];
const events: GridEvent[] = [
  {
    eventId: "e1",
    kind: "holiday",
    areaId: null,
    meterId: null,
    counterpartMeterId: null,
    from: "2016-09-05T05:00:00Z",
    to: "2016-09-06T05:00:00Z",
  },
  { eventId: "e2", kind: "switching", areaId: "a<1>", meterId: "top", counterpartMeterId: "m1", from: "2016-09-07T05:00:00Z", to: null },
  { eventId: "e3", kind: "outage", areaId: "elsewhere", meterId: null, counterpartMeterId: null, from: "2016-09-07T05:00:00Z", to: null },
];

function pageOf(inspections: readonly MeterInspection[], untilDay?: number): string {
  const recorder = createMeterRecorder(untilDay);
  for (const inspection of inspections) recorder.take(inspection);
  return explainPage(createExplanation({ meterId: "m1", meters, permits, events, findings: [], streams: recorder.streams(), untilDay }));
}

/** Fails with the text that is missing, not with the page. */
function expectText(html: string, text: string): void {
  expect(html.includes(text) ? "" : `not on the page: ${text}`).toBe("");
}

/** Names of elements that are open where the page ends, or the first that closes what was not open. */
function openElements(html: string): string[] {
  const open: string[] = [];
  const body = html.replace(/^<!doctype html>/, "").replace(/<style>.*?<\/style>/s, "");
  for (const [, close, name, rest] of body.matchAll(/<(\/?)([a-z0-9]+)((?:"[^"]*"|[^>"])*)>/gi)) {
    if (close === "/") {
      if (open.pop() !== name) return [`</${name}>`];
    } else if (!rest.endsWith("/") && name !== "meta") open.push(name);
  }
  return open;
}

const step = testStep();
const judgedDay = step.onsetDay + 10;

describe("explainPage", () => {
  it("has every part of a step that was not raised, and says how far it was from it", () => {
    const html = pageOf([testInspection(judgedDay, step)]);
    for (const heading of [
      "The load",
      "The mean day, before and since",
      "What was added, hour by hour",
      "What the expectation does not explain",
      "By hour of the day",
      "How sure the detector was, day by day",
      "What moved the score (0.40)",
      "The tests",
    ])
      expectText(html, `>${heading}<`);
    expectText(html, "Not flagged");
    expectText(html, "It failed 1 of 3 tests: step over noise is 4.1, needed at least 5.5 sigma.");
    expectText(html, "short by 1.4 σ, 25 %");
    expectText(html, "load appears");
    expectText(html, "<b>A</b> 5 Sep 2016: holiday everywhere");
    expectText(html, "load switched at this meter and top");
    expect(html.includes("outage")).toBe(false);
  });

  it("is one well-formed document that asks for nothing from outside and runs nothing", () => {
    const html = pageOf([testInspection(judgedDay, step)]);
    expect(openElements(html)).toEqual([]);
    expect(html.match(/<script|<link|<img|https?:|@import|url\(|NaN|undefined/)).toBeNull();
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, labels] of html.matchAll(/aria-labelledby="([^"]+)"/g)) for (const id of labels.split(" ")) expect(ids).toContain(id);
  });

  it("shows names as they are written, whatever they hold", () => {
    const html = pageOf([testInspection(judgedDay, step)]);
    expectText(html, "<h1>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</h1>");
    expectText(html, "a&lt;1&gt;");
    expectText(html, "p&lt;b&gt;: up to 120 kW");
  });

  it("gives every chart a title and a description", () => {
    const html = pageOf([testInspection(judgedDay, step)]);
    const charts = html.match(/<svg[^>]*role="img"/g) ?? [];
    expect(charts.length).toBeGreaterThanOrEqual(6);
    expect(html.match(/<title id="[^"]+">[^<]+<\/title><desc id="[^"]+">[^<]+<\/desc>/g)).toHaveLength(charts.length);
  });

  it("names what moved the score, for and against, and leaves out what did not", () => {
    const html = pageOf([testInspection(judgedDay, step)]);
    const table = html.slice(html.indexOf('<table class="moved">'), html.indexOf("The tests"));
    expect([...table.matchAll(/<th scope="row">([^<]+)</g)].map(([, name]) => name)).toEqual(["step share", "steadiness", "weekend"]);
    expect([...table.matchAll(/<td class="number">([^<]+)</g)].map(([, number]) => number)).toEqual(["+0.9", "+0.2", "−1.3"]);
  });

  it("says over how many days a load built up", () => {
    expectText(pageOf([testInspection(judgedDay, testStep({ gapDays: 14 }))]), "around the clock, built up over about 14 days, from about");
  });

  it("says that a raised step is flagged", () => {
    const html = pageOf([testInspection(judgedDay, testStep({ isRaised: true, isPassed: true, tests: [] }))]);
    expectText(html, `class="verdict raised"`);
    expectText(html, "raised 26 Sep");
  });

  it("says that there is nothing to judge, with the load so far or without any", () => {
    const unjudged = { ...testInspection(judgedDay, undefined), meanKw: Number.NaN, statistics: [] };
    unjudged.series.expectedKw.fill(Number.NaN);
    const silent = { ...unjudged, series: { ...unjudged.series, actualKw: unjudged.series.expectedKw } };
    for (const html of [pageOf([unjudged]), pageOf([silent]), pageOf([])]) {
      expectText(html, "Not judged yet");
      expect(openElements(html)).toEqual([]);
      expect(html.includes("NaN")).toBe(false);
    }
  });

  it("shows gaps as gaps", () => {
    const gapped = testInspection(judgedDay, step);
    gapped.series.actualKw.fill(Number.NaN, 240, 480);
    const html = pageOf([gapped]);
    expectText(html, `class="heat hx"`);
    expect(html.includes("NaN")).toBe(false);
  });

  it("puts the balance first where the step is there", () => {
    const balance: MeterInspection = { ...testInspection(judgedDay, testStep({ score: 0.9 })), kind: "balance" };
    const html = pageOf([testInspection(judgedDay, step), balance]);
    expect(/The balance \(this meter less those below it\).*<details class="other"><summary>The load of m1 itself/s.test(html)).toBe(true);
  });

  it("gives the same bytes for the same explanation", () => {
    expect(pageOf([testInspection(judgedDay, step)])).toBe(pageOf([testInspection(judgedDay, step)]));
    expect(firstTestDay).toBeLessThan(judgedDay);
  });
});
