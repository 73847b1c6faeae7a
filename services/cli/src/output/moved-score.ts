import type { ScorePart } from "@hashwatt/contracts";

/** The parts that moved a score most, the strongest first. */
export interface MovedScore {
  readonly inFavour: readonly ScorePart[];
  readonly against: readonly ScorePart[];
}

/** A score has two dozen parts; three either way say most of it. */
const partsEitherWay = 3;
/** Below it a part moves a score of a half by less than a hundredth, and no part is shown as 0.00. */
const leastLogOdds = 0.04;

export function movedScore(parts: readonly ScorePart[]): MovedScore {
  const strongest = parts
    .filter(({ logOdds }) => Math.abs(logOdds) >= leastLogOdds)
    .toSorted((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  return {
    inFavour: strongest.filter(({ logOdds }) => logOdds > 0).slice(0, partsEitherWay),
    against: strongest.filter(({ logOdds }) => logOdds < 0).slice(0, partsEitherWay),
  };
}
