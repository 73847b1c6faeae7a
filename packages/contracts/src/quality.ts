/** Quality of a reading: how the value came to be. Numbers are the codes used in the typed columns. */
export const Quality = { measured: 0, estimated: 1, revised: 2 } as const;
export type QualityName = keyof typeof Quality;
export type QualityCode = (typeof Quality)[QualityName];
export const qualityNames: readonly QualityName[] = ["measured", "estimated", "revised"];

/**
 * Quality flags of the trade and what they mean here. Only a value somebody measured may open a step, so everything filled in,
 * projected, normalised or doubtful counts as estimated.
 * Green Button / ESPI QualityOfReading: 0 valid, 7 edited, 8 estimated (reference day), 9 interpolated, 10 questionable, 11 derived,
 * 12 projected, 13 mixed, 14 raw, 15 weather-normalised, 16 other, 17 validated, 18 verified, 19 revenue.
 * CIM IEC 61968-9 ReadingQualityType "system.category.index": category 8 = estimated, 7 = edited, 5 = questionable, 2/3 = suspect,
 * 10 = rejected by validation, 11 = derived; the others leave the value as measured.
 */
const flags = new Map<string, QualityCode>([
  ["", Quality.measured],
  ["measured", Quality.measured],
  ["estimated", Quality.estimated],
  ["revised", Quality.revised],
  ["valid", Quality.measured],
  ["edited", Quality.revised],
  ["interpolated", Quality.estimated],
  ["questionable", Quality.estimated],
  ["projected", Quality.estimated],
  ["substituted", Quality.estimated],
  ["0", Quality.measured],
  ["7", Quality.revised],
  ["8", Quality.estimated],
  ["9", Quality.estimated],
  ["10", Quality.estimated],
  ["11", Quality.measured],
  ["12", Quality.estimated],
  ["13", Quality.estimated],
  ["14", Quality.measured],
  ["15", Quality.estimated],
  ["16", Quality.estimated],
  ["17", Quality.measured],
  ["18", Quality.measured],
  ["19", Quality.measured],
]);

const cimCategories = new Map<number, QualityCode>([
  [2, Quality.estimated],
  [3, Quality.estimated],
  [5, Quality.estimated],
  [7, Quality.revised],
  [8, Quality.estimated],
  [10, Quality.estimated],
]);

/** Quality code of a flag as received, or undefined where the flag is not known. */
export function parseQuality(flag: string | number): QualityCode | undefined {
  const text = String(flag).trim().toLowerCase();
  const known = flags.get(text);
  if (known !== undefined) return known;
  const cim = /^\d+\.(\d+)\.\d+$/.exec(text);
  return cim ? (cimCategories.get(Number(cim[1])) ?? Quality.measured) : undefined;
}
