import type { Interruption, MineKind } from "./mines.ts";

/** One of the 13 sites that switch on during the winter. */
export interface SwitchOnSite {
  readonly region: string;
  readonly kw: number;
  /** Relative to the host substation's own mean, percent. */
  readonly pctOfHost: number;
  readonly kind: MineKind;
  /** Day of the onset, UTC; the seed moves it by up to two days. */
  readonly day: string;
}

/** 67.43 MW in the eight regions of the ministry's report; how many sites each region's megawatts were spread over is ours. */
export const switchOnSites: readonly SwitchOnSite[] = [
  { region: "Karaganda", kw: 12_600, pctOfHost: 34, kind: "flat", day: "2021-11-18" },
  { region: "Karaganda", kw: 8_900, pctOfHost: 24, kind: "staircase", day: "2021-12-09" },
  { region: "Karaganda", kw: 5_700, pctOfHost: 28, kind: "flat", day: "2022-01-14" },
  { region: "Karaganda", kw: 3_800, pctOfHost: 19, kind: "flat", day: "2021-12-21" },
  { region: "Pavlodar", kw: 11_200, pctOfHost: 27, kind: "flat", day: "2021-11-25" },
  { region: "Pavlodar", kw: 6_900, pctOfHost: 45, kind: "staircase", day: "2022-01-22" },
  { region: "Pavlodar", kw: 3_900, pctOfHost: 21, kind: "flat", day: "2021-12-14" },
  { region: "Turkistan", kw: 3_280, pctOfHost: 22, kind: "flat", day: "2021-12-03" },
  { region: "Akmola", kw: 1_030, pctOfHost: 18, kind: "flat", day: "2022-01-18" },
  { region: "Kostanay", kw: 820, pctOfHost: 24, kind: "flat", day: "2021-11-30" },
  { region: "Nur-Sultan", kw: 1_800, pctOfHost: 16, kind: "flat", day: "2022-01-27" },
  { region: "Almaty", kw: 3_500, pctOfHost: 29, kind: "peak_pause", day: "2021-12-11" },
  { region: "Shymkent", kw: 4_000, pctOfHost: 23, kind: "stop_start", day: "2021-11-21" },
];

/** A site that ran before the stream begins and switches itself off while the inspectors are about. */
export interface SwitchOffSite {
  readonly region: string;
  readonly kw: number;
  readonly pctOfHost: number;
  /** Hour of the switch-off, UTC; the seed moves it by up to four hours. */
  readonly at: string;
}

/** 91 MW in West Kazakhstan and 44 MW in Karaganda, 18 to 20 February. */
export const switchOffSites: readonly SwitchOffSite[] = [
  { region: "West Kazakhstan", kw: 38_000, pctOfHost: 52, at: "2022-02-18T08:00:00Z" },
  { region: "West Kazakhstan", kw: 31_000, pctOfHost: 41, at: "2022-02-18T19:00:00Z" },
  { region: "West Kazakhstan", kw: 22_000, pctOfHost: 34, at: "2022-02-19T11:00:00Z" },
  { region: "Karaganda", kw: 26_000, pctOfHost: 36, at: "2022-02-19T06:00:00Z" },
  { region: "Karaganda", kw: 18_000, pctOfHost: 28, at: "2022-02-20T09:00:00Z" },
];

/** The shutdown of the internet on 5 January 2022, about 17:00 in Almaty, and the first return of the network a day later. */
export const internetShutdown: Pick<Interruption, "fromMs" | "toMs"> & { readonly from: string; readonly to: string } = {
  from: "2022-01-05T11:00:00Z",
  to: "2022-01-06T17:00:00Z",
  fromMs: 1_641_380_400_000,
  toMs: 1_641_488_400_000,
};

/** The inspectors' campaign in the regions of the report. */
export const campaign = { from: "2022-02-14T00:00:00Z", to: "2022-02-25T18:00:00Z" } as const;
