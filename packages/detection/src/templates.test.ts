import { describe, expect, it } from "vitest";
import { templates } from "./templates.ts";

describe("templates", () => {
  it("begin with the flat shape and are all different", () => {
    expect(templates[0]).toMatchObject({ signature: "flat", start: 0, hours: 24 });
    expect(templates[0].running.every((hour) => hour === 1)).toBe(true);
    expect(new Set(templates.map(({ running }) => running.join(""))).size).toBe(templates.length);
  });

  it.each(templates.filter(({ signature }) => signature === "peak_pause"))(
    "pause from $start for $hours hours",
    ({ running, start, hours }) => {
      expect(running.reduce((sum, hour) => sum + hour, 0)).toBe(24 - hours);
      expect(Array.from({ length: hours }, (_, i) => running[(start + i) % 24])).toEqual(Array.from({ length: hours }, () => 0));
    },
  );

  it.each(templates.filter(({ signature }) => signature === "night_only"))(
    "run from $start for $hours hours",
    ({ running, start, hours }) => {
      expect(running.reduce((sum, hour) => sum + hour, 0)).toBe(hours);
      expect(Array.from({ length: hours }, (_, i) => running[(start + i) % 24])).toEqual(Array.from({ length: hours }, () => 1));
    },
  );
});
