import type { Random } from "./random.ts";
import { heatingProfile, type SectorMix, siteProfile } from "./profiles.ts";
import type { AreaSeries } from "./weather.ts";
import type { DayClock } from "./zone-clock.ts";

/** The ordinary customers behind one measuring point. */
export interface SiteModel {
  /** Mean over the fleet's period, kW, heating included, events excluded; met within the site's own noise of a few percent. */
  readonly meanKw: number;
  readonly mix: SectorMix;
  /** Hours by which this site's day lags the table, and how marked its daily course is (1 = as the table). */
  readonly shiftHours: number;
  readonly contrast: number;
  /** Relative extra load per degree felt below 16 C and above 22 C. */
  readonly heatingPerC: number;
  readonly coolingPerC: number;
  /** Relative extra load in the dark hours when people are awake. */
  readonly lighting: number;
  readonly growthPerYear: number;
  /** Reactive over active power. */
  readonly tanPhi: number;
  /** Own noise: daily and hourly AR(1) (standard deviations), and the slow walk of the level (per square root of a day). */
  readonly dailySigma: number;
  readonly hourlySigma: number;
  readonly driftSigma: number;
  /** Share of the load that is one customer's process, switching on and off at random every day or two; 0 for most sites. */
  readonly restlessShare: number;
}

export interface SiteLoad {
  /** Writes kW and kvar of the UTC day that is the `day`-th of the period. Days must be asked in order. */
  fillDay(day: number, clock: DayClock, kw: Float64Array, kvar: Float64Array): void;
}

const heatingBelowC = 16;
const coolingAboveC = 22;

interface AreaMeans {
  readonly heating: number;
  readonly cooling: number;
  readonly darkness: number;
}

function meansOf(area: AreaSeries): AreaMeans {
  let heating = 0;
  let cooling = 0;
  let darkness = 0;
  const hours = area.feltC.length;
  for (let hour = 0; hour < hours; hour++) {
    heating += Math.max(0, heatingBelowC - area.feltC[hour]);
    cooling += Math.max(0, area.feltC[hour] - coolingAboveC);
    darkness += area.darkness[hour];
  }
  return { heating: heating / hours, cooling: cooling / hours, darkness: darkness / hours };
}

/** People's lamps: full from 6 to 24 local, a quarter at night. Mean over the dark half of a day about 0.6. */
const awake = (localHour: number) => (localHour < 5 ? 0.25 : localHour < 6 ? 0.6 : 1);

/** Level of a site relative to its mean: AR(1) by day over a mean-reverting walk (half-life 60 days), straight between midnights. */
function createDailyLevel(model: SiteModel, random: Random): () => [number, number] {
  const rho = 0.5;
  const stay = 0.5 ** (1 / 60);
  let noise = model.dailySigma * random.normal();
  let drift = model.driftSigma * 6 * random.normal(); // about the stationary spread of the walk
  return () => {
    const before = noise + drift;
    noise = rho * noise + model.dailySigma * Math.sqrt(1 - rho * rho) * random.normal();
    drift = stay * drift + model.driftSigma * random.normal();
    return [before, noise + drift];
  };
}

/**
 * The load of one site, day by day. Everything random comes from `random`, so a site's load does not depend on the other sites.
 * @param days length of the period; growth is centred on its middle
 */
export function createSiteLoad(model: SiteModel, area: AreaSeries, days: number, random: Random): SiteLoad {
  const table = siteProfile(model.mix, model.shiftHours, model.contrast);
  const means = meansOf(area);
  const scale =
    model.meanKw / (1 + model.heatingPerC * means.heating + model.coolingPerC * means.cooling + model.lighting * means.darkness * 0.75);
  const nextLevel = createDailyLevel(model, random.fork("daily"));
  const hourly = random.fork("hourly");
  const process = random.fork("process");
  let noise = 0;
  let running = 0.5;
  const fillDay = (day: number, clock: DayClock, kw: Float64Array, kvar: Float64Array) => {
    const slotHours = clock.slotMs / 3_600_000;
    const rho = 0.7 ** slotHours;
    const innovation = model.hourlySigma * Math.sqrt(1 - rho * rho);
    const [levelBefore, levelAfter] = nextLevel();
    const growth = 1 + (model.growthPerYear * (day - days / 2)) / 365.25;
    for (let slot = 0; slot < clock.slots; slot++) {
      const hour = day * 24 + Math.floor(slot * slotHours);
      const row = clock.dayType[slot] * 24;
      const before = clock.hourBefore[slot];
      const after = clock.hourAfter[slot];
      const weight = clock.afterWeight[slot];
      const felt = area.feltC[hour];
      let relative = table[row + before] * (1 - weight) + table[row + after] * weight;
      relative += model.lighting * area.darkness[hour] * awake(clock.localHour[slot]);
      relative += model.heatingPerC * Math.max(0, heatingBelowC - felt) * heatingProfile[before];
      relative += model.coolingPerC * Math.max(0, felt - coolingAboveC);
      noise = rho * noise + innovation * hourly.normal();
      const level = levelBefore + (levelAfter - levelBefore) * (slot / clock.slots);
      let value = scale * relative * growth * (1 + level + noise + area.common[hour]);
      if (model.restlessShare > 0) {
        if (process.next() < slotHours / 36) running = process.next();
        value += model.restlessShare * model.meanKw * (running - 0.5) * table[row + before];
      }
      kw[slot] = Math.max(value, 0.02 * model.meanKw);
      kvar[slot] = kw[slot] * model.tanPhi * (1 + 0.5 * noise);
    }
  };
  return { fillDay };
}

/** A plausible site of a level: substations and feeders mix many customers, a transformer or customer is mostly of one kind. */
export function drawSiteModel(meanKw: number, diversity: "many" | "few", random: Random): SiteModel {
  const draw = (share: number) => share * random.between(0.4, 1.6) ** (diversity === "few" ? 3 : 1.4);
  const raw = { residential: draw(0.45), commercial: draw(0.27), industrial: draw(0.28) };
  const sum = raw.residential + raw.commercial + raw.industrial;
  const mix = { residential: raw.residential / sum, commercial: raw.commercial / sum, industrial: raw.industrial / sum };
  const wild = diversity === "few" ? 2 : 1;
  return {
    meanKw,
    mix,
    shiftHours: random.between(-0.6, 0.6),
    contrast: random.between(0.7, 1.1),
    heatingPerC: (0.003 + 0.012 * mix.residential + 0.006 * mix.commercial) * random.between(0.6, 1.5),
    coolingPerC: (0.004 + 0.02 * mix.commercial) * random.between(0.5, 1.5),
    lighting: (0.05 + 0.15 * mix.residential) * random.between(0.7, 1.3),
    growthPerYear: 0.03 + 0.01 * random.normal(),
    tanPhi: 0.2 + 0.3 * mix.industrial + 0.04 * random.normal(),
    dailySigma: 0.019 * wild * random.between(0.7, 1.4),
    hourlySigma: 0.025 * wild * random.between(0.7, 1.4),
    driftSigma: 0.0016 * wild * Math.exp(0.4 * random.normal()),
    restlessShare: random.next() < 0.06 * wild ? random.between(0.04, 0.12) * wild : 0,
  };
}
