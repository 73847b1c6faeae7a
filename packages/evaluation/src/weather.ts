import { DAY_MS, formatInstant, HOUR_MS, type Weather } from "@hashwatt/contracts";
import type { Random } from "./random.ts";

/** Climate of a place: yearly course of the daily mean, and how much the days scatter around it. */
export interface Climate {
  readonly latitude: number;
  readonly longitude: number;
  readonly annualMeanC: number;
  /** Half the difference between the warmest and the coldest time of the year. */
  readonly amplitudeC: number;
  /** Standard deviation of the daily mean around the yearly course. */
  readonly synopticC: number;
}

/** Cold air over some regions: the daily mean falls within a day, stays and recovers within two. */
export interface Snap {
  readonly fromMs: number;
  readonly toMs: number;
  /** Negative = a heat wave. */
  readonly depthC: number;
  readonly regions: readonly string[];
}

/** What the meters of one area share, one value for each UTC hour of the period. */
export interface AreaSeries {
  readonly areaId: string;
  readonly tempC: Float32Array;
  /** Temperature that buildings feel: smoothed over 18 h, less the wind. */
  readonly feltC: Float32Array;
  /** 0 by day to 1 by night. */
  readonly darkness: Float32Array;
  /** Common relative deviation of the area's load (economy, television, mood), about 0 +- 2 %. */
  readonly common: Float32Array;
}

export interface AreaSpec {
  readonly areaId: string;
  readonly region: string;
  readonly climate: Climate;
}

const YEAR_DAYS = 365.25;

/** A stationary AR(1) series with standard deviation `sigma`. */
function autoregression(random: Random, length: number, rho: number, sigma: number): Float64Array {
  const series = new Float64Array(length);
  const innovation = sigma * Math.sqrt(1 - rho * rho);
  let value = sigma * random.normal();
  for (let i = 0; i < length; i++) {
    series[i] = value;
    value = rho * value + innovation * random.normal();
  }
  return series;
}

/** Daily value at an hour, straight between the middles of the days. */
function betweenDays(daily: Float64Array, hour: number): number {
  const at = Math.max(0, (hour - 12) / 24);
  const day = Math.min(Math.floor(at), daily.length - 2);
  return daily[day] + (daily[day + 1] - daily[day]) * (at - day);
}

/** Degrees below the usual at an instant. */
export function snapDepth(snap: Snap, atMs: number): number {
  const down = Math.min(1, Math.max(0, (atMs - snap.fromMs) / DAY_MS));
  const up = Math.min(1, Math.max(0, (snap.toMs - atMs) / (2 * DAY_MS)));
  return snap.depthC * Math.min(down, up);
}

/** Angle of the year, 0 on the winter solstice of the northern half. */
function seasonAngle(atMs: number): number {
  return (2 * Math.PI * (atMs / DAY_MS + 10)) / YEAR_DAYS; // 1 January 1970 lies 10 days after the solstice
}

/** Sine of the sun's elevation; solar time by longitude. */
function sunElevation(climate: Climate, atMs: number): number {
  const declination = -0.409 * Math.cos(seasonAngle(atMs));
  const latitude = (climate.latitude * Math.PI) / 180;
  const hourAngle = 2 * Math.PI * (((atMs % DAY_MS) / DAY_MS + climate.longitude / 360 - 0.5) % 1);
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}

interface Deviations {
  readonly temperature: readonly Float64Array[];
  readonly wind: Float64Array;
  readonly common: readonly Float64Array[];
}

function areaSeries(area: AreaSpec, fromMs: number, deviations: Deviations, snaps: readonly Snap[], random: Random): AreaSeries {
  const hours = (deviations.wind.length - 1) * 24;
  const { climate } = area;
  const series = {
    areaId: area.areaId,
    tempC: new Float32Array(hours),
    feltC: new Float32Array(hours),
    darkness: new Float32Array(hours),
    common: new Float32Array(hours),
  };
  const own = autoregression(random.fork("hourly"), hours, 0.8, 0.008);
  let felt = Number.NaN;
  for (let hour = 0; hour < hours; hour++) {
    const atMs = fromMs + (hour + 0.5) * HOUR_MS;
    let temperature = climate.annualMeanC - climate.amplitudeC * Math.cos(seasonAngle(atMs - 20 * DAY_MS)); // the cold lags the sun by 3 weeks
    for (const daily of deviations.temperature) temperature += betweenDays(daily, hour);
    for (const snap of snaps) temperature -= snapDepth(snap, atMs);
    const elevation = sunElevation(climate, atMs);
    const later = sunElevation(climate, atMs - 2 * HOUR_MS); // warmest 2 h after noon
    temperature += 5 * (later - 0.15);
    series.tempC[hour] = Math.round(temperature * 10) / 10;
    felt = Number.isNaN(felt) ? temperature : felt + (temperature - felt) / 18;
    series.feltC[hour] = felt - betweenDays(deviations.wind, hour);
    series.darkness[hour] = 1 / (1 + Math.exp(elevation / 0.05));
    series.common[hour] = own[hour] + deviations.common.reduce((sum, daily) => sum + betweenDays(daily, hour), 0);
  }
  return series;
}

/**
 * Weather and common load factor of each area over `days` UTC days from `fromMs`. Fronts are shared: half of the variance of the
 * daily mean is common to all, most of the rest to the region.
 */
export function createAreas(
  specs: readonly AreaSpec[],
  fromMs: number,
  days: number,
  snaps: readonly Snap[],
  random: Random,
): AreaSeries[] {
  const daily = (label: string, rho: number, sigma: number) => autoregression(random.fork(label), days + 1, rho, sigma);
  const everywhere = daily("front", 0.82, 0.7);
  const economy = daily("economy", 0.9, 0.01);
  return specs.map((area) => {
    const scaled = (series: Float64Array) => series.map((value) => value * area.climate.synopticC);
    const deviations = {
      temperature: [scaled(everywhere), scaled(daily(`front/${area.region}`, 0.8, 0.65)), scaled(daily(`front/${area.areaId}`, 0.6, 0.2))],
      wind: daily(`wind/${area.areaId}`, 0.5, 1).map(Math.abs),
      common: [economy, daily(`economy/${area.region}`, 0.9, 0.014), daily(`economy/${area.areaId}`, 0.85, 0.01)],
    };
    const here = snaps.filter((snap) => snap.regions.includes(area.region));
    return areaSeries(area, fromMs, deviations, here, random.fork(`area/${area.areaId}`));
  });
}

/** The areas' hourly temperatures as records of weather.csv. */
export function weatherRecords(areas: readonly AreaSeries[], fromMs: number): Weather[] {
  const records: Weather[] = [];
  const hours = areas.length === 0 ? 0 : areas[0].tempC.length;
  for (let hour = 0; hour < hours; hour++) {
    const intervalStart = formatInstant(fromMs + hour * HOUR_MS);
    for (const area of areas) records.push({ areaId: area.areaId, intervalStart, tempC: Math.round(area.tempC[hour] * 10) / 10 });
  }
  return records;
}
