import type { GroupView } from "../group-view.ts";
import { syntheticFirstDay } from "./synthetic-group.ts";

/** What slots 0 and 1 feed. */
export const families = [
  [5, 6, 7],
  [8, 9, 10],
];

/** Makes slots 0 and 1 parents: they read what `trueView` has below them, plus `lossKw`. */
export function withParents(
  trueView: GroupView,
  lossKw: (parent: number, hour: number, loadKw: number) => number,
): (view: GroupView) => GroupView {
  return (view) => {
    const pages = new Map<number, Float32Array | undefined>();
    const pageOf = (utcDay: number) => fedPage(view, trueView, utcDay, lossKw);
    return {
      ...view,
      parents: Int32Array.from({ length: view.meterCount }, (_, slot) => families.findIndex((family) => family.includes(slot))),
      hourPage: (utcDay) => {
        if (!pages.has(utcDay)) pages.set(utcDay, pageOf(utcDay));
        return pages.get(utcDay);
      },
    };
  };
}

function fedPage(
  view: GroupView,
  trueView: GroupView,
  utcDay: number,
  lossKw: (parent: number, hour: number, loadKw: number) => number,
): Float32Array | undefined {
  const page = view.hourPage(utcDay)?.slice();
  const truth = trueView.hourPage(utcDay);
  if (page === undefined || truth === undefined) return undefined;
  for (let hour = 0; hour < 24; hour++) {
    families.forEach((family, parent) => {
      const loadKw = family.reduce((sum, slot) => sum + truth[hour * view.meterCount + slot], 0);
      page[hour * view.meterCount + parent] = loadKw + lossKw(parent, (utcDay - syntheticFirstDay) * 24 + hour, loadKw);
    });
  }
  return page;
}
