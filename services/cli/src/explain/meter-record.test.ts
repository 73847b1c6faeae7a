import { describe, expect, it } from "vitest";
import { createMeterRecorder, likeliest } from "./meter-record.ts";
import { firstTestDay, testInspection, testStep } from "../testing/inspections.ts";

const from = firstTestDay;

describe("createMeterRecorder", () => {
  it("keeps what raised a step, the likeliest step, and the latest days", () => {
    const recorder = createMeterRecorder();
    for (let day = 0; day < 300; day++) {
      recorder.take(testInspection(from + day, testStep({ score: day === 20 ? 0.8 : 0.3, isRaised: day === 30 }), 10));
    }
    const [{ inspections, hours, statistics, lastDay }] = recorder.streams();
    expect(lastDay).toBe(from + 299);
    expect([...inspections.keys()].slice(0, 3)).toEqual([from + 20, from + 30, from + 224]);
    expect(inspections.size).toBe(78);
    expect(statistics.size).toBe(300);
    expect(hours.size).toBe(309);
    expect(likeliest([...inspections.values()])?.judgedDay).toBe(from + 20);
  });

  it("forgets what was said of a day that is judged again and of the days after it", () => {
    const recorder = createMeterRecorder();
    for (const day of [0, 1, 2, 3]) recorder.take(testInspection(from + day, testStep({ isRaised: day === 2 }), 10));
    recorder.take(testInspection(from + 1, testStep(), 10));
    const [{ inspections, statistics }] = recorder.streams();
    expect([...inspections.keys()]).toEqual([from, from + 1]);
    expect([...statistics.keys()]).toEqual([from, from + 1]);
  });

  it("stops when the day asked for has been judged, so that nothing later is known", () => {
    const recorder = createMeterRecorder(from + 1);
    recorder.take(testInspection(from, testStep(), 10));
    expect(recorder.isComplete()).toBe(false);
    recorder.take(testInspection(from + 1, testStep({ score: 0.5 }), 10));
    expect(recorder.isComplete()).toBe(true);
    recorder.take(testInspection(from + 1, testStep({ score: 0.9 }), 10));
    recorder.take(testInspection(from + 2, testStep({ score: 0.9 }), 10));
    const [{ inspections, hours }] = recorder.streams();
    expect([...inspections.values()].map(({ step }) => step?.score)).toEqual([0.4, 0.5]);
    expect(Math.max(...hours.keys())).toBe(from + 1);
  });

  it("has the meter before its balance", () => {
    const recorder = createMeterRecorder();
    recorder.take({ ...testInspection(from, testStep(), 10), kind: "balance" });
    recorder.take(testInspection(from, testStep(), 10));
    expect(recorder.streams().map(({ kind }) => kind)).toEqual(["meter", "balance"]);
  });
});
