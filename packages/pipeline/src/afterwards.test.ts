import {
  type Candidate,
  type CandidateMessage,
  CandidateSchema,
  DAY_MS,
  formatInstant,
  type GridEvent,
  HOUR_MS,
  type Meter,
} from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createMeterRegistry } from "./meter-registry.ts";
import { createPipeline, type Pipeline } from "./pipeline.ts";
import { createReadingBatch } from "./reading-batch.ts";
import { finalSet, firstMs, type Row, rowsOf, testMeter } from "./testing/rows.ts";

const days = 150;
const onsetDay = 70;
const meters = Array.from({ length: 12 }, (_, row) => testMeter(`m${row}`));
const registry = createMeterRegistry(meters, "area");

/** A number from 0 to 1, the same for the same cell. */
function noise(seed: number, cell: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(cell + 7, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** kW that a meter has more than usual at an hour since the first. */
type Added = (meterId: string, hour: number) => number;

function readings(added: Added): Row[] {
  const load = ({ meterId }: Meter, startMs: number): number => {
    const hour = Math.floor((startMs - firstMs) / HOUR_MS);
    const own = Number(meterId.slice(1));
    const shape = 1 + 0.3 * Math.sin((((hour + own) % 24) / 24) * 2 * Math.PI) + 0.1 * noise(99, Math.floor(hour / 24));
    return (300 + 40 * own) * shape * (1 + 0.03 * noise(own, hour)) + added(meterId, hour);
  };
  return rowsOf(meters, days, load);
}

interface Judge {
  readonly messages: CandidateMessage[];
  readonly pipeline: Pipeline;
  feed(rows: readonly Row[]): void;
}

function refuse({ detail }: { readonly detail: string }): void {
  expect.unreachable(detail);
}

function createJudge(events: readonly GridEvent[] = []): Judge {
  const messages: CandidateMessage[] = [];
  const pipeline = createPipeline({ registry, events, onMessage: (message) => messages.push(message), onReject: refuse });
  const batch = createReadingBatch(1);
  batch.count = 1;
  const feed = (rows: readonly Row[]): void => {
    for (const { meterId, startMs, value, quality = 0 } of rows) {
      batch.ordinals[0] = registry.ordinalOf(meterId);
      batch.startMs[0] = startMs;
      batch.values[0] = value;
      batch.qualities[0] = quality;
      pipeline.ingest(batch);
    }
  };
  return { messages, pipeline, feed };
}

function judged(added: Added, events: readonly GridEvent[] = []): CandidateMessage[] {
  const judge = createJudge(events);
  judge.feed(readings(added));
  return judge.messages;
}

function candidateOf(message: CandidateMessage | undefined): Candidate {
  if (message === undefined || message.type === "withdraw") return expect.unreachable("no candidate was said");
  return CandidateSchema.parse(message.candidate);
}

function onDay(day: number): number {
  return firstMs + day * DAY_MS;
}

/** 200 kW at m4, some 45 % of its load, on days [from, to). */
const on =
  (...spans: readonly (readonly [number, number])[]): Added =>
  (meterId, hour) =>
    meterId === "m4" && spans.some(([from, to]) => hour >= from * 24 && hour < to * 24) ? 200 : 0;

/** 200 kW moved from m6, whose own days differ by so much that the fall there could be chance. */
const movedLoad: Added = (meterId, hour) => {
  const kw = hour >= onsetDay * 24 ? 200 : 0;
  if (meterId === "m6") return 350 * (noise(7, Math.floor(hour / 24)) - 0.5) - kw;
  return meterId === "m4" ? kw : 0;
};

const event = (kind: GridEvent["kind"], fromDay: number, toDay: number | null, over: Partial<GridEvent> = {}): GridEvent => ({
  eventId: `${kind} ${fromDay}`,
  kind,
  areaId: null,
  meterId: null,
  counterpartMeterId: null,
  from: formatInstant(onDay(fromDay)),
  to: toDay === null ? null : formatInstant(onDay(toDay)),
  ...over,
});

const outage = event("internet_outage", 100, 102);
/** Stops two hours after the network and comes back three hours after it. */
const stopping: Added = (meterId, hour) => (hour >= 100 * 24 + 2 && hour < 102 * 24 + 3 ? 0 : on([onsetDay, days])(meterId, hour));

describe("what happens to a candidate afterwards", () => {
  it("is revised under its id when its load ends: since when, how long it ran, and what it took in all", () => {
    const messages = judged(on([onsetDay, 105]));
    expect(messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    const [raised, revised] = messages.map(candidateOf);
    expect(revised).toMatchObject({ candidateId: raised.candidateId, raisedAt: raised.raisedAt, score: raised.score, lane: "mining" });
    expect(Math.abs(Date.parse(revised.endedAt!) - onDay(105))).toBeLessThanOrEqual(DAY_MS);
    expect(revised.summary).toContain(`and was gone around ${revised.endedAt!.slice(0, 10)}`);
    expect(revised.summary).toContain("It ran evenly around the clock.");
    expect(revised.evidence.tests.find(({ name }) => name === "lasted")).toMatchObject({ verdict: "failed", threshold: 60 });
    const { value, low, high } = revised.evidence.estimates!.energyKwh!;
    expect(Math.abs(value / (35 * 24 * revised.stepKw) - 1)).toBeLessThan(0.03);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it("is ended by a step down in an inspection, which names it and is a candidate of its own", () => {
    const messages = judged(on([onsetDay, 105]), [event("inspection", 105, 125)]);
    expect(messages.map(({ type }) => type)).toEqual(["raise", "revise", "raise", "revise"]);
    const [raised, ended, down, inspected] = messages.map(candidateOf);
    const { candidateId, onset } = raised;
    expect(down).toMatchObject({ lane: "step_down", evidence: { origin: { basis: "raised", since: onset, candidateId } } });
    expect(down.summary).toContain(`It had been there since ${onset.slice(0, 10)}: candidate ${candidateId} ends with it.`);
    expect(ended).toMatchObject({ candidateId, endedAt: down.onset });
    expect(ended.evidence.tests.find(({ name }) => name === "lasted")).toMatchObject({ note: "it ended in an inspection" });
    // a week of it is asked about, and speaks for a mine
    expect(inspected).toMatchObject({ candidateId, endedAt: ended.endedAt });
    expect(inspected.score).toBeGreaterThan(raised.score);
    expect(inspected.summary).toMatch(/In the inspection of \S+ it dropped by \d+ % of its size\./);
  });

  it("comes back as another candidate of the lane returning", () => {
    const messages = judged(on([onsetDay, 100], [115, days]));
    expect(messages.map(({ type }) => type)).toEqual(["raise", "revise", "raise"]);
    expect(messages.map((message) => candidateOf(message).lane)).toEqual(["mining", "mining", "returning"]);
    expect(candidateOf(messages[2]).candidateId).not.toBe(candidateOf(messages[0]).candidateId);
  });

  it("lasts again when revised readings show that its load did not end", () => {
    const judge = createJudge();
    const [ended, lasting] = [readings(on([onsetDay, 105])), readings(on([onsetDay, days]))];
    judge.feed(ended.filter(({ startMs }) => startMs < onDay(114)));
    expect(judge.messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    judge.feed(
      lasting
        .filter((row) => row.meterId === "m4" && row.startMs >= onDay(103) && row.startMs < onDay(114))
        .map((row) => ({ ...row, quality: 2 })),
    );
    judge.feed(lasting.filter(({ startMs }) => startMs >= onDay(114)));
    expect(finalSet(judge.messages)).toEqual(finalSet(judged(on([onsetDay, days]))));
    expect(candidateOf(judge.messages.at(-1)).endedAt).toBeUndefined();
  });

  it("is told once what it did in an event that comes after it was raised, and its score moves", () => {
    const messages = judged(stopping, [outage]);
    expect(messages.map(({ type }) => type)).toEqual(["raise", "revise"]);
    const [raised, revised] = messages.map(candidateOf);
    expect(revised.evidence.tests.find(({ name }) => name === "internet_outage")).toMatchObject({
      verdict: "passed",
      events: [outage.from],
    });
    expect(revised.summary).toMatch(
      new RegExp(`In the internet outage of ${outage.from.slice(0, 10)} it dropped by \\d+ % of its size\\.`),
    );
    expect(revised.score).toBeGreaterThan(raised.score);
    const moved = Math.log(revised.score / (1 - revised.score)) - Math.log(raised.score / (1 - raised.score));
    const part = revised.evidence.scoreParts!.find(({ name }) => name === "internet_outage")!;
    expect(moved).toBeCloseTo(part.logOdds, 2);
  });

  it("is withdrawn when a registry that came later holds the record of a load transfer, and was never raised where the record was known", () => {
    const record = event("switching", onsetDay, null, { meterId: "m6", counterpartMeterId: "m4" });
    const rows = readings(movedLoad);
    const early = createJudge();
    early.feed(rows.filter(({ startMs }) => startMs < onDay(90)));
    expect(early.messages.map(({ type }) => type)).toEqual(["raise"]);
    const informed = createJudge([record]);
    informed.pipeline.restore("a", early.pipeline.saveHistory("a"), early.pipeline.saveRecent("a"));
    informed.feed(rows.filter(({ startMs }) => startMs >= onDay(90)));
    expect(informed.messages).toMatchObject([
      {
        type: "withdraw",
        candidateId: candidateOf(early.messages[0]).candidateId,
        reason: expect.stringContaining("names m6 around the onset, and m6 fell by"),
      },
    ]);
    expect(finalSet([...early.messages, ...informed.messages])).toEqual([]);
    expect(judged(movedLoad, [record])).toEqual([]);
  });

  it("leaves the group's ledger when nothing can change it any more", () => {
    const judge = createJudge();
    const rows = readings(on([onsetDay, 90]));
    judge.feed(rows.filter(({ startMs }) => startMs < onDay(80)));
    const held = judge.pipeline.saveHistory("a").length;
    judge.feed(rows.filter(({ startMs }) => startMs >= onDay(80)));
    // 17 days after its end was seen the 15 KB of the candidate are gone, though 70 more days of hours are held
    expect(held).toBeGreaterThan(0);
    expect(new TextDecoder().decode(judge.pipeline.saveHistory("a"))).not.toContain("candidateId");
  });
});
