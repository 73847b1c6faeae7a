import type { MineKind } from "./mines.ts";

/** Truth about one mine, as in labels.json. Instants are ISO 8601 in UTC. */
export interface MineLabel {
  mineId: string;
  /** The first is the primary meter; the others see enough of the load to be right as well. */
  meterIds: string[];
  /** step_down: a mine that ran before the period and ceases at `onset`. */
  kind: MineKind | "step_down";
  onset: string;
  end: string | null;
  /** Load while running. */
  kw: number;
  /** kw relative to the primary meter's mean without additions, percent. */
  pctOfMean: number;
  machines: number | null;
  buildupEnd?: string;
  pause?: { from: string; to: string };
  kwAlso?: number[];
  kwByMeter?: Record<string, number>;
  onsetByMeter?: Record<string, string>;
  permitKw?: number;
  totalKw?: number;
}

/** An innocent or technical change. */
export interface ConfounderLabel {
  confounderId: string;
  kind: string;
  meterIds: string[];
  from: string;
  to: string | null;
  kw: number;
  /** It has no edge: any later onset may be due to it. */
  drift?: boolean;
  factor?: number;
  recorded?: boolean;
  revised?: boolean;
}

/** A site of the scenario that the product is expected to find. */
export interface HiddenSite {
  siteId: string;
  meterId: string;
  region: string;
  kind: MineKind | "step_down";
  onset: string;
  kw: number;
  direction: "up" | "down";
}

export interface FleetLabels {
  fleet: string;
  from: string;
  to: string;
  warmupDays: number;
  meters?: Record<string, { from: string; to: string }>;
  mines: MineLabel[];
  confounders: ConfounderLabel[];
  unscored: { meterId: string; from: string; to: string; why: string }[];
  lookalikes: { lookalikeId: string; meterId: string; onset: string; end: string | null; kw: number; note: string }[];
  hidden: HiddenSite[];
}

/** Of a fleet that nothing is known of. */
export const emptyLabels: FleetLabels = {
  fleet: "",
  from: "",
  to: "",
  warmupDays: 0,
  mines: [],
  confounders: [],
  unscored: [],
  lookalikes: [],
  hidden: [],
};
