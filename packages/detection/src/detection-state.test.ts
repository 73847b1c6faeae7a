import { describe, expect, it } from "vitest";
import {
  appendHistory,
  createDetectionState,
  type DetectionState,
  historyLimitDays,
  type KnownStep,
  loadDetectionState,
  noEnd,
  rewindDetectionState,
  saveDetectionState,
  stepsKnownBefore,
} from "./detection-state.ts";

function stepOf(groupStream: number, judgedDay: number, endJudgedDay = Infinity): KnownStep {
  return {
    groupStream,
    judgedDay,
    onsetDay: judgedDay - 10,
    onsetHour: (judgedDay - 10) * 24 + 7,
    stepKw: 123.5 * (groupStream + 1),
    profileKw: Float64Array.from({ length: 24 }, (_, hour) => hour / 3),
    ...(endJudgedDay === Infinity
      ? noEnd
      : { endHour: (endJudgedDay - 5) * 24, endJudgedDay, endGapDays: 8, endNeighbourShare: 0.25, endExpectedSigma: Number.NaN }),
  };
}

/** Ten judged days from 1000 on of three streams; steps raised on days 1002 (ended on 1008) and 1006. */
function tenDays(): DetectionState {
  const state = createDetectionState();
  for (let i = 0; i < 10; i++) appendHistory(state, 1000 + i, Float32Array.of(i, Number.NaN, -i / 4));
  state.steps.push(stepOf(0, 1002, 1008), stepOf(2, 1006));
  return state;
}

describe("detection state", () => {
  it("comes back from its bytes as it was", () => {
    expect(loadDetectionState(saveDetectionState(tenDays()))).toEqual(tenDays());
    expect(loadDetectionState(saveDetectionState(createDetectionState()))).toEqual(createDetectionState());
  });

  it("comes back from bytes that begin anywhere in a larger buffer", () => {
    const saved = saveDetectionState(tenDays());
    const larger = new Uint8Array(saved.length + 3);
    larger.set(saved, 3);
    expect(loadDetectionState(larger.subarray(3))).toEqual(tenDays());
  });

  it("refuses bytes of another length than their header asks for", () => {
    const saved = saveDetectionState(tenDays());
    expect(() => loadDetectionState(saved.subarray(0, -4))).toThrow(
      new RangeError(`detection state has ${saved.length - 4} bytes, its header asks for ${saved.length}`),
    );
    expect(() => loadDetectionState(new Uint8Array(8))).toThrow(new RangeError("detection state has 8 bytes, fewer than its header of 24"));
  });

  it("keeps the newest days up to the limit", () => {
    const state = createDetectionState();
    for (let day = 0; day < historyLimitDays + 5; day++) appendHistory(state, day, Float32Array.of(day));
    expect(state.days).toHaveLength(historyLimitDays);
    expect([state.days[0], state.pages[0][0], state.days.at(-1)]).toEqual([5, 5, historyLimitDays + 4]);
  });

  it("forgets on rewinding what was judged from the day on", () => {
    const state = tenDays();
    rewindDetectionState(state, 1006);
    expect(state.days).toEqual([1000, 1001, 1002, 1003, 1004, 1005]);
    expect(state.pages).toHaveLength(6);
    expect(state.steps).toEqual([stepOf(0, 1002)]);
  });

  it("keeps on rewinding an end that was seen before", () => {
    const state = tenDays();
    rewindDetectionState(state, 1009);
    expect(state.steps).toEqual(tenDays().steps);
  });

  it("tells the steps as they were known before a day without touching them", () => {
    const state = tenDays();
    expect(stepsKnownBefore(state, 1006)).toEqual([stepOf(0, 1002)]);
    expect(stepsKnownBefore(state, 1009)).toEqual(state.steps);
    expect(stepsKnownBefore(state, 1002)).toEqual([]);
    expect(state).toEqual(tenDays());
  });
});
