import type { Meter } from "@hashwatt/contracts";
import { regions, siteNames, type Region } from "./kazakhstan-regions.ts";
import { switchOffSites, switchOnSites } from "./kazakhstan-sites.ts";
import { drawSiteModel, type SiteModel } from "./load-model.ts";
import type { Random } from "./random.ts";
import type { AreaSpec } from "./weather.ts";

/** The substations of the scenario with their sites and areas; hosts[i] is the meter of the i-th switch-on, then switch-off site. */
export interface KazakhstanGrid {
  readonly meters: readonly Meter[];
  readonly sites: readonly SiteModel[];
  readonly areas: readonly AreaSpec[];
  readonly hosts: readonly number[];
}

/** Three areas of 8 to 10 substations a region; Karaganda, with six hidden sites, is the largest. */
const areaSizes = (region: Region) => (region.code === "kar" ? [10, 10, 10] : [8, 8, 9]);

/** Common transformer ratings of a substation, kW. */
const ratings = [2_500, 4_000, 6_300, 10_000, 16_000, 25_000, 32_000, 40_000, 50_000, 63_000, 80_000, 126_000, 160_000, 250_000, 400_000];

/** Smallest common rating that leaves room for the winter peak. */
function ratingFor(meanKw: number): number {
  return ratings.find((rating) => rating >= 1.9 * meanKw) ?? Math.ceil((1.9 * meanKw) / 50_000) * 50_000;
}

function place(centre: number, halfWidth: number, random: Random): number {
  return Math.round((centre + halfWidth * random.between(-1, 1)) * 10_000) / 10_000;
}

interface Draft {
  readonly meters: Meter[];
  readonly areas: AreaSpec[];
  readonly regionOf: string[];
}

function draftRegion(draft: Draft, region: Region, names: string[], random: Random): void {
  const { latitude, longitude } = region.climate;
  let number = 0;
  areaSizes(region).forEach((size, areaNumber) => {
    const areaId = `${region.code}-${areaNumber + 1}`;
    const centre = {
      latitude: place(latitude, region.spreadDegrees, random),
      longitude: place(longitude, 1.4 * region.spreadDegrees, random),
    };
    // a degree of latitude is about 0.7 C here
    const warmer = 0.7 * (latitude - centre.latitude);
    draft.areas.push({
      areaId,
      region: region.name,
      climate: { ...region.climate, ...centre, annualMeanC: region.climate.annualMeanC + warmer },
    });
    for (let i = 0; i < size; i++) {
      draft.regionOf.push(region.name);
      draft.meters.push({
        meterId: `${region.code}-${String(++number).padStart(3, "0")}`,
        name: names.pop()!,
        level: "substation",
        parentId: null,
        areaId,
        region: region.name,
        timeZone: region.timeZone,
        intervalMinutes: 60,
        ratedKw: null,
        latitude: place(centre.latitude, 0.15 * region.spreadDegrees, random),
        longitude: place(centre.longitude, 0.2 * region.spreadDegrees, random),
      });
    }
  });
}

/** Ordinary substations: the median is 13 MW, one in twenty is above 50 MW. */
const ordinaryMeanKw = (random: Random) => Math.min(120_000, Math.max(2_500, 13_000 * Math.exp(0.85 * random.normal())));

/** 430 substations in 17 regions. */
export function createKazakhstanGrid(random: Random): KazakhstanGrid {
  const draft: Draft = { meters: [], areas: [], regionOf: [] };
  const names = random.fork("names").shuffle(siteNames);
  for (const region of regions) draftRegion(draft, region, names, random.fork(`places/${region.code}`));
  const meanKw = draft.meters.map((meter) => ordinaryMeanKw(random.fork(`size/${meter.meterId}`)));
  const free = random.fork("hosts").shuffle(draft.meters.map((_, index) => index));
  const ratedMeanKw = meanKw.slice();
  const hosts = [...switchOnSites, ...switchOffSites].map((site) => {
    const at = free.findIndex((index) => draft.regionOf[index] === site.region);
    const [host] = free.splice(at, 1);
    meanKw[host] = site.kw / (site.pctOfHost / 100);
    ratedMeanKw[host] = meanKw[host] + site.kw / 2; // a mine fits into what is left of the transformer
    return host;
  });
  const sites = draft.meters.map((meter, index) => {
    const model = drawSiteModel(meanKw[index], "many", random.fork(`site/${meter.meterId}`));
    return hosts.includes(index) ? { ...model, restlessShare: 0 } : model;
  });
  const meters = draft.meters.map((meter, index) => ({ ...meter, ratedKw: ratingFor(ratedMeanKw[index]) }));
  return { meters, sites, areas: draft.areas, hosts };
}
