import type { Meter } from "@hashwatt/contracts";
import type { StreamSteps } from "@hashwatt/evaluation";
import type { MeterFreshStep, MeterInspector } from "@hashwatt/pipeline";

/** Collects the steps that the streams' histories remember; of a day that is judged again the last stands. */
export function createStepCollector(meters: readonly Meter[]): {
  readonly inspect: MeterInspector;
  readonly steps: () => readonly StreamSteps[];
} {
  const levelOf = new Map(meters.map(({ meterId, level }) => [meterId, level]));
  const collected = new Map<string, StreamSteps & { readonly steps: Map<number, number> }>();
  const takeFreshStep = ({ meterId, isLoss, onsetDay, step }: MeterFreshStep): void => {
    const key = `${meterId}/${isLoss}`;
    const own = collected.get(key) ?? { meterId, stream: isLoss ? "balance" : levelOf.get(meterId)!, steps: new Map() };
    collected.set(key, own);
    if (Number.isNaN(step)) own.steps.delete(onsetDay);
    else own.steps.set(onsetDay, step);
  };
  return { inspect: { meterIds: new Set(), take: () => {}, takeFreshStep }, steps: () => [...collected.values()] };
}
