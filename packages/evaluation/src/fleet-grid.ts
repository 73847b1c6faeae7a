import { type levels, type Meter } from "@hashwatt/contracts";
import type { LossModel } from "./fleet.ts";
import { drawSiteModel, type SiteModel } from "./load-model.ts";
import type { Random } from "./random.ts";
import type { AreaSpec, Climate } from "./weather.ts";

type Level = (typeof levels)[number];

/** How many points a level has below each point of the level above; the first 0 ends the tree. */
interface GridShape {
  readonly areas: number;
  readonly substationsPerArea: number;
  readonly feedersPerSubstation: number;
  readonly transformersPerFeeder: number;
  readonly customersPerTransformer: number;
}

export interface GridOptions extends GridShape {
  readonly timeZone: string;
  readonly climate: Climate;
  /** Minutes of all meters, or of each level. */
  readonly intervalMinutes: number | Readonly<Record<Level, number>>;
  /** Share of the parents that also feed customers without a meter. */
  readonly unmeteredShare: number;
}

/** Meters, their own load and losses by meter index; means include children and losses. */
export interface FleetGrid {
  readonly meters: readonly Meter[];
  readonly sites: readonly (SiteModel | null)[];
  readonly losses: readonly (LossModel | null)[];
  readonly meanKw: readonly number[];
  readonly parentOf: readonly number[];
  readonly childrenOf: readonly (readonly number[])[];
  readonly areas: readonly AreaSpec[];
}

/** Median mean load of a point, kW, and how much points of a level differ (sigma of the logarithm). */
const sizes: Readonly<Record<Level, readonly [medianKw: number, spread: number]>> = {
  substation: [12_000, 0.7],
  feeder: [2_000, 0.5],
  transformer: [120, 0.5],
  customer: [3, 0.8],
};

interface Node {
  readonly meter: Meter;
  readonly parent: number;
  readonly children: number[];
}

function pushChildren(
  nodes: Node[],
  areaId: string,
  parent: number,
  rest: readonly (readonly [Level, number])[],
  options: GridOptions,
): void {
  const [[level, count], ...deeper] = rest;
  for (let i = 0; i < count; i++) {
    const index = nodes.length;
    const parentId = parent < 0 ? null : nodes[parent].meter.meterId;
    const meterId = parentId === null ? `${areaId}-${String(i + 1).padStart(2, "0")}` : `${parentId}.${i + 1}`;
    const { intervalMinutes } = options;
    const meter: Meter = {
      meterId,
      name: `${level} ${meterId}`,
      level,
      parentId,
      areaId,
      region: "",
      timeZone: options.timeZone,
      intervalMinutes: typeof intervalMinutes === "number" ? intervalMinutes : intervalMinutes[level],
      ratedKw: null,
      latitude: options.climate.latitude,
      longitude: options.climate.longitude,
    };
    nodes.push({ meter, parent, children: [] });
    if (parent >= 0) nodes[parent].children.push(index);
    if (deeper.length > 0) pushChildren(nodes, areaId, index, deeper, options);
  }
}

function createNodes(options: GridOptions): Node[] {
  const shape: [Level, number][] = [
    ["substation", options.substationsPerArea],
    ["feeder", options.feedersPerSubstation],
    ["transformer", options.transformersPerFeeder],
    ["customer", options.customersPerTransformer],
  ];
  const end = shape.findIndex(([, count]) => count === 0);
  const used = end < 0 ? shape : shape.slice(0, end);
  const nodes: Node[] = [];
  for (let area = 1; area <= options.areas; area++) pushChildren(nodes, `area-${area}`, -1, used, options);
  return nodes;
}

/** About 2.5 % technical loss at the mean: a fifth of it fixed. */
function lossModel(meanKw: number, random: Random): LossModel {
  const share = random.between(0.015, 0.035);
  return { fixedKw: 0.2 * share * meanKw, perKwSquared: (0.8 * share) / meanKw };
}

/**
 * A tree of meters: leaves have load of their own, parents the sum of their children, losses, and for some of them customers without a
 * meter. Throws RangeError on a grid without a meter.
 */
export function createFleetGrid(options: GridOptions, random: Random): FleetGrid {
  const nodes = createNodes(options);
  if (nodes.length === 0) throw new RangeError("a fleet needs at least one area with one substation");
  const sites = nodes.map((): SiteModel | null => null);
  const losses = nodes.map((): LossModel | null => null);
  const meanKw = nodes.map(() => 0);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { meter, children } = nodes[index]; // a child's index is higher than its parent's
    const own = random.fork(`site/${meter.meterId}`);
    const diversity = meter.level === "substation" || meter.level === "feeder" ? "many" : "few";
    let mean = children.reduce((sum, child) => sum + meanKw[child], 0);
    if (children.length === 0) {
      const [median, spread] = sizes[meter.level];
      sites[index] = drawSiteModel(median * Math.exp(spread * own.normal()), diversity, own);
    } else {
      losses[index] = lossModel(mean, own);
      if (own.next() < options.unmeteredShare) sites[index] = drawSiteModel(mean * own.between(0.1, 0.4), diversity, own);
    }
    mean += sites[index]?.meanKw ?? 0;
    const loss = losses[index];
    meanKw[index] = loss ? mean + loss.fixedKw + loss.perKwSquared * mean * mean : mean;
  }
  return {
    meters: nodes.map(({ meter }, index) => ({ ...meter, ratedKw: Number((2.5 * meanKw[index]).toPrecision(2)) })),
    sites,
    losses,
    meanKw,
    parentOf: nodes.map((node) => node.parent),
    childrenOf: nodes.map((node) => node.children),
    areas: Array.from({ length: options.areas }, (_, area) => ({
      areaId: `area-${area + 1}`,
      region: "",
      climate: options.climate,
    })),
  };
}
