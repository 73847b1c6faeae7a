/** The shapes a mine's increment can have over the local day: 1 in running hours, 0 in the others. */
export interface Template {
  readonly signature: "flat" | "peak_pause" | "night_only";
  readonly running: Float64Array;
  /** Local hour the pause or the night begins, and hours it lasts; 0 and 24 for flat. */
  readonly start: number;
  readonly hours: number;
}

const allDay: Template = { signature: "flat", running: new Float64Array(24).fill(1), start: 0, hours: 24 };

/** Pauses over the evening peak (start 16-19 h, 3-5 h) and nights (start 21-1 h, 6-10 h): what evaders have been seen or said to do. */
export const templates: readonly Template[] = [
  allDay,
  ...[16, 17, 18, 19].flatMap((start) => [3, 4, 5].map((hours) => windowTemplate("peak_pause", start, hours, 0))),
  ...[21, 22, 23, 24, 25].flatMap((start) => [6, 7, 8, 9, 10].map((hours) => windowTemplate("night_only", start % 24, hours, 1))),
];

function windowTemplate(signature: "peak_pause" | "night_only", start: number, hours: number, inside: 0 | 1): Template {
  const running = new Float64Array(24).fill(1 - inside);
  for (let i = 0; i < hours; i++) running[(start + i) % 24] = inside;
  return { signature, running, start, hours };
}
