import type { Estimate, Estimates } from "@hashwatt/contracts";
import type { Finding } from "@hashwatt/detection";
import { rounded } from "./rounded.ts";

/**
 * kW of a mining machine. 240 000 machines seized in Iran drew about 800 MW, 3.3 kW each; the smallest in use (S9) draws 1.4 kW, the
 * largest (S21+ Hydro) 4.8 kW.
 */
const machineKw = { usual: 3.3, smallest: 1.4, largest: 4.8 } as const;

/** What the load of a finding amounts to. */
export function estimatesOf({ stepKw, stepKwLow, stepKwHigh, estimates }: Finding): Estimates {
  const size = Math.abs(stepKw);
  const [least, most] = [stepKwLow, stepKwHigh].map((kw) => Math.max(0, kw * Math.sign(stepKw))).toSorted((a, b) => a - b);
  const { energyKwh, technicalLossKw } = estimates;
  const isBypass = !Number.isNaN(technicalLossKw);
  return {
    energyKwh: Number.isNaN(energyKwh) ? null : energyEstimate(energyKwh, { least: least / size, most: most / size }),
    machines: {
      value: Math.round(size / machineKw.usual),
      low: Math.floor(least / machineKw.largest),
      high: Math.ceil(most / machineKw.smallest),
    },
    technicalLossKw: isBypass ? rounded(technicalLossKw) : null,
    basis: [
      "Energy: size of the step times its running hours since the onset, with the step's 90 % interval.",
      `Machines: ${machineKw.usual} kW each (the mean of those seized in Iran), ${machineKw.smallest} to ${machineKw.largest} kW for the bounds.`,
      ...(isBypass ? ["The step is net of the loss that grows with the square of the parent's load."] : []),
    ].join(" "),
  };
}

/** Energy with the interval of its step, as parts of the step. */
function energyEstimate(kwh: number, { least, most }: { least: number; most: number }): Estimate {
  return { value: rounded(kwh), low: rounded(kwh * least), high: rounded(kwh * most) };
}
