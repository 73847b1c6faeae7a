import { squareRow } from "./block-window.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { coefficientOf } from "./peer-steps.ts";

/** Grids lose up to a tenth of what they carry, and so up to a fifth of each kW more: a fit that says otherwise has found load without a meter. */
const maxMarginalLoss = 0.2;

/**
 * What each kW of a load behind the parent of a balance costs in lines and transformers on its way, kW: with the loss a + b P^2 and the load k on top of
 * P it is b (2 P + k). 0 where the fit cannot tell. `addedShare` is k in shares of the parent's mean, as the balance is.
 */
export function marginalLoss(judged: JudgedBlock, stream: number, addedShare: number): number {
  const { block, fit } = judged;
  const { meanKw, weatherAreas } = fit.scale;
  const carried = block.children[stream].reduce((sum, child) => (meanKw[child] > 0 ? sum + meanKw[child] : sum), 0) / meanKw[stream];
  const perSquare = coefficientOf(judged, stream, squareRow(block, weatherAreas, stream));
  const loss = perSquare * (2 * carried + addedShare);
  return loss > 0 && loss <= maxMarginalLoss ? loss : 0;
}
