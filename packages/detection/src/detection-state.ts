/**
 * What detection remembers of a group between days, beside the pages it can be recomputed from: the size of the flat 10-day step of every
 * judged day (a stream's own past jumps: its noise) and the steps it has raised. Both are dated by judged day, so a day can be judged again.
 */
export interface DetectionState {
  /** Judged civil days in order, at most `historyLimitDays`; pages[i][groupStream] = step of days[i], share of the mean, NaN = none. */
  readonly days: number[];
  readonly pages: Float32Array[];
  readonly steps: KnownStep[];
}

/** How a raised step ended, as the day that noticed it saw it. */
interface StepEnd {
  /** UTC hour from which the load was seen to be gone, and the day that was judged; Infinity while it lasts. */
  endHour: number;
  endJudgedDay: number;
  /** Days that the fall took: 1 = at once. */
  endGapDays: number;
  /** Share of the neighbours that fell with it, and the fall of what was expected, sigma; NaN = not known. */
  endNeighbourShare: number;
  endExpectedSigma: number;
}

/** The end of a step that lasts. */
export const noEnd: Readonly<StepEnd> = {
  endHour: Infinity,
  endJudgedDay: Infinity,
  endGapDays: Number.NaN,
  endNeighbourShare: Number.NaN,
  endExpectedSigma: Number.NaN,
};

/** A step that was raised. */
export interface KnownStep extends StepEnd {
  readonly groupStream: number;
  readonly judgedDay: number;
  readonly onsetDay: number;
  readonly onsetHour: number;
  /** Signed mean over the running hours, kW. */
  readonly stepKw: number;
  /** By local hour, kW, signed. */
  readonly profileKw: Float64Array;
}

/** Days of own past that a stream's noise is taken from. */
export const historyLimitDays = 400;

export function createDetectionState(): DetectionState {
  return { days: [], pages: [], steps: [] };
}

/** Appends the page of a judged day, dropping the oldest beyond the limit. */
export function appendHistory(state: DetectionState, civilDay: number, page: Float32Array): void {
  state.days.push(civilDay);
  state.pages.push(page);
  if (state.days.length > historyLimitDays) {
    state.days.shift();
    state.pages.shift();
  }
}

/** The raised steps as they were known when `civilDay` began: later ones left out, later ends not yet seen. */
export function stepsKnownBefore(state: DetectionState, civilDay: number): KnownStep[] {
  return state.steps
    .filter((step) => step.judgedDay < civilDay)
    .map((step) => (step.endJudgedDay < civilDay ? { ...step } : { ...step, ...noEnd }));
}

/** Forgets everything that was judged on or after the civil day, so that it can be judged again. */
export function rewindDetectionState(state: DetectionState, civilDay: number): void {
  while (state.days.length > 0 && state.days.at(-1)! >= civilDay) {
    state.days.pop();
    state.pages.pop();
  }
  const kept = state.steps.filter((step) => step.judgedDay < civilDay);
  state.steps.splice(0, state.steps.length, ...kept);
  for (const step of state.steps) {
    if (step.endJudgedDay >= civilDay) Object.assign(step, noEnd);
  }
}

/** Numbers of a step in the order in which they are saved; its profile follows. */
const savedNumbers = [
  "groupStream",
  "judgedDay",
  "onsetDay",
  "onsetHour",
  "stepKw",
  "endHour",
  "endJudgedDay",
  "endGapDays",
  "endNeighbourShare",
  "endExpectedSigma",
] as const satisfies readonly (keyof KnownStep)[];
const stepNumbers = savedNumbers.length + 24;

/** One buffer: Float64 header [streamCount, days, steps], the day numbers, the steps, then the Float32 pages. */
export function saveDetectionState(state: DetectionState): Uint8Array {
  const { days, steps, pages } = state;
  const streamCount = pages[0]?.length ?? 0;
  const head = new Float64Array(3 + days.length + steps.length * stepNumbers);
  head.set([streamCount, days.length, steps.length, ...days]);
  steps.forEach((step, i) => {
    const at = 3 + days.length + i * stepNumbers;
    head.set([...savedNumbers.map((name) => step[name]), ...step.profileKw], at);
  });
  const bytes = new Uint8Array(head.byteLength + pages.length * streamCount * 4);
  bytes.set(new Uint8Array(head.buffer));
  pages.forEach((page, i) =>
    bytes.set(new Uint8Array(page.buffer, page.byteOffset, page.byteLength), head.byteLength + i * streamCount * 4),
  );
  return bytes;
}

/** Reverse of saveDetectionState. Throws RangeError where the length does not fit the header. */
export function loadDetectionState(bytes: Uint8Array): DetectionState {
  const buffer = bytes.slice().buffer;
  if (buffer.byteLength < 24) throw new RangeError(`detection state has ${buffer.byteLength} bytes, fewer than its header of 24`);
  const [streamCount, dayCount, stepCount] = new Float64Array(buffer, 0, 3) as unknown as [number, number, number];
  const headBytes = (3 + dayCount + stepCount * stepNumbers) * 8;
  const expected = headBytes + dayCount * streamCount * 4;
  if (buffer.byteLength !== expected)
    throw new RangeError(`detection state has ${buffer.byteLength} bytes, its header asks for ${expected}`);
  const head = new Float64Array(buffer, 0, headBytes / 8);
  const state = createDetectionState();
  for (let i = 0; i < dayCount; i++) {
    state.days.push(head[3 + i]);
    state.pages.push(new Float32Array(buffer, headBytes + i * streamCount * 4, streamCount).slice());
  }
  for (let i = 0; i < stepCount; i++) {
    const row = head.subarray(3 + dayCount + i * stepNumbers, 3 + dayCount + (i + 1) * stepNumbers);
    const numbers = Object.fromEntries(savedNumbers.map((name, k) => [name, row[k]])) as Record<(typeof savedNumbers)[number], number>;
    state.steps.push({ ...numbers, profileKw: row.slice(savedNumbers.length) });
  }
  return state;
}
