/** Share of the customers' kinds at a site; the three add up to 1. */
export interface SectorMix {
  readonly residential: number;
  readonly commercial: number;
  readonly industrial: number;
}

/** Relative load by local hour: [working day, saturday, rest day]. Levels are relative to each other, the site's mean is set apart. */
type SectorProfile = readonly (readonly number[])[];

const residentialDay = [
  0.72, 0.64, 0.6, 0.58, 0.59, 0.66, 0.85, 1.05, 1.04, 0.95, 0.92, 0.94, 0.98, 0.97, 0.94, 0.95, 1.02, 1.18, 1.38, 1.5, 1.5, 1.4, 1.18,
  0.92,
];
const residentialWeekend = [
  0.8, 0.7, 0.64, 0.61, 0.6, 0.63, 0.7, 0.83, 0.98, 1.1, 1.16, 1.18, 1.2, 1.18, 1.14, 1.13, 1.17, 1.28, 1.42, 1.5, 1.48, 1.38, 1.2, 0.98,
];
const commercialDay = [
  0.48, 0.46, 0.45, 0.45, 0.47, 0.54, 0.7, 0.95, 1.3, 1.55, 1.65, 1.68, 1.66, 1.64, 1.65, 1.63, 1.58, 1.5, 1.38, 1.22, 1.02, 0.82, 0.64,
  0.53,
];
const commercialSaturday = commercialDay.map((value) => 0.45 + (value - 0.45) * 0.6);
const commercialRest = commercialDay.map((value) => 0.45 + (value - 0.45) * 0.42);
const industrialDay = [
  0.84, 0.83, 0.83, 0.83, 0.84, 0.88, 0.98, 1.1, 1.18, 1.2, 1.2, 1.18, 1.12, 1.17, 1.18, 1.16, 1.1, 1.02, 0.97, 0.95, 0.93, 0.9, 0.88, 0.86,
];
const industrialRest = industrialDay.map((value) => 0.8 + (value - 0.83) * 0.2);

const sectors: Readonly<Record<keyof SectorMix, SectorProfile>> = {
  residential: [residentialDay, residentialWeekend, residentialWeekend],
  commercial: [commercialDay, commercialSaturday, commercialRest],
  industrial: [industrialDay, industrialDay.map((value) => 0.82 + (value - 0.83) * 0.45), industrialRest],
};

function sample(profile: readonly number[], hour: number): number {
  const wrapped = ((hour % 24) + 24) % 24;
  const before = Math.floor(wrapped);
  const weight = wrapped - before;
  return profile[before] * (1 - weight) + profile[(before + 1) % 24] * weight;
}

/**
 * The site's profile: 3 day types x 24 local hours, row-major; the mean over a plain week is 1.
 * @param shiftHours people here start that much later than the table says
 * @param contrast 1 = as in the table; below, the daily course is flatter
 */
export function siteProfile(mix: SectorMix, shiftHours: number, contrast: number): Float64Array {
  const table = new Float64Array(72);
  let week = 0;
  for (let type = 0; type < 3; type++) {
    const days = type === 0 ? 5 : 1;
    for (let hour = 0; hour < 24; hour++) {
      let value = 0;
      for (const sector of ["residential", "commercial", "industrial"] as const) {
        value += mix[sector] * sample(sectors[sector][type], hour - shiftHours);
      }
      table[type * 24 + hour] = value;
      week += value * days;
    }
  }
  const mean = week / 168;
  return table.map((value) => 1 + contrast * (value / mean - 1));
}

/** Heating by local hour: night storage and thermostats; the mean is 1. */
export const heatingProfile: readonly number[] = [
  1.08, 1.1, 1.1, 1.1, 1.09, 1.08, 1.06, 1.03, 0.98, 0.94, 0.92, 0.9, 0.89, 0.88, 0.88, 0.9, 0.93, 0.97, 1.01, 1.03, 1.04, 1.04, 1.03, 1.02,
];
