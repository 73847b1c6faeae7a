/** Registers have at least three digits before the point: a smaller one that falls has not rolled over. */
const smallestRollKwh = 1000;
const exchange = -1;
const backwards = -2;

/**
 * Energy between two consecutive cumulative registers, kWh; NaN where one is not there. A fall from above 90 % of a power of ten to
 * below 10 % of it is a rollover, as long as no more than `mostKwh` went through. A fall below 1 % of the old value is an exchange of the
 * meter (`isExchange`), any other fall an error (`isBackwards`); both are negative.
 */
export function registerEnergyKwh(fromKwh: number, toKwh: number, mostKwh: number): number {
  const energyKwh = toKwh - fromKwh;
  if (energyKwh >= 0 || Number.isNaN(energyKwh)) return energyKwh;
  let rollKwh = smallestRollKwh;
  while (rollKwh <= fromKwh) rollKwh *= 10;
  const rolledKwh = energyKwh + rollKwh;
  if (fromKwh > 0.9 * rollKwh && toKwh < 0.1 * rollKwh && rolledKwh <= mostKwh) return rolledKwh;
  return toKwh < 0.01 * fromKwh ? exchange : backwards;
}

/** The register began anew: another meter hangs there now. */
export function isExchange(energyKwh: number): boolean {
  return energyKwh === exchange;
}

/** The register fell, and neither a rollover nor an exchange explains it. */
export function isBackwards(energyKwh: number): boolean {
  return energyKwh === backwards;
}
