import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPursuit, leaksOf } from "./pursuit.ts";

const n = 12;
const limits = { minSigma: 5, minOwnSigma: 2, maxSources: 3 };

/** Each stream expects by all others alike: a displacement of 1 shows as -.05 in each. */
const responses = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : -0.05));
const sigma = new Float64Array(n).fill(0.01);

/** What displacements show in all streams. */
function shownBy(sizes: ReadonlyMap<number, number>): Float64Array {
  return Float64Array.from({ length: n }, (_, stream) =>
    [...sizes].reduce((sum, [source, size]) => sum + size * responses[source * n + stream], 0),
  );
}

const displaced = fc.uniqueArray(fc.integer({ min: 0, max: n - 1 }), { minLength: 1, maxLength: 3 }).chain((sources) =>
  fc
    .array(
      fc.double({ min: 0.1, max: 1, noNaN: true }).chain((size) => fc.constantFrom(size, -size)),
      { minLength: sources.length, maxLength: sources.length },
    )
    .map((sizes) => new Map(sources.map((source, i) => [source, sizes[i]]))),
);

describe("leaksOf", () => {
  it("takes out of each stream what the others' displacements show in it, and leaves it its own", () => {
    fc.assert(
      fc.property(displaced, (sizes) => {
        const shown = shownBy(sizes);
        const leaks = leaksOf(createPursuit({ responses, sigma, ...limits }), shown)!;
        shown.forEach((value, stream) => expect(value - leaks[stream]).toBeCloseTo(sizes.get(stream) ?? 0, 9));
      }),
    );
  });

  it("finds nothing in noise", () => {
    const pursuit = createPursuit({ responses, sigma, ...limits });
    fc.assert(
      fc.property(fc.float64Array({ minLength: n, maxLength: n, min: -0.019, max: 0.019, noNaN: true }), (shown) => {
        expect(leaksOf(pursuit, shown)).toBeUndefined();
      }),
    );
  });

  it("takes what moves more streams than allowed for no displacement of any", () => {
    const shown = shownBy(new Map([0, 2, 4, 6].map((source) => [source, 0.5])));
    expect(leaksOf(createPursuit({ responses, sigma, ...limits }), shown)).toBeUndefined();
  });

  it("makes no stream a source that does not show it itself, whatever the others show", () => {
    const shown = shownBy(new Map([[3, 0.5]]));
    shown[3] = 0;
    expect(leaksOf(createPursuit({ responses, sigma, ...limits }), shown)).toBeUndefined();
  });

  it("asks nothing of a stream whose noise is not known", () => {
    const unknown = sigma.map((one, stream) => (stream === 3 ? Infinity : one));
    const pursuit = createPursuit({ responses, sigma: unknown, ...limits });
    expect(leaksOf(pursuit, shownBy(new Map([[3, 0.5]])))).toBeUndefined();
    const leaks = leaksOf(pursuit, shownBy(new Map([[5, 0.5]])))!;
    expect(leaks[0]).toBeCloseTo(-0.025, 9);
  });
});
