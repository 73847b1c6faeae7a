import { type RejectReason, rejectReasons } from "@hashwatt/contracts";

/** Where the readings went. read = binned + duplicate + late + parked + sum(rejected) at any time; revised is a part of binned. */
export interface Counters {
  readonly read: number;
  readonly binned: number;
  readonly revised: number;
  readonly duplicate: number;
  /** Older than the late limit, kept out. */
  readonly late: number;
  /** More than a day ahead of the group's time: held until it catches up. Goes down again. */
  readonly parked: number;
  /** Registers that started anew: the meter was exchanged. Each is a binned row as well. */
  readonly meterExchanges: number;
  readonly rejected: Readonly<Record<RejectReason, number>>;
}

/** Cells of a group's counters; here `binned` counts first arrivals only, without `revised`. Rejections follow in the order of rejectReasons. */
export const Count = { read: 0, binned: 1, revised: 2, duplicate: 3, late: 4, parked: 5, meterExchanges: 6, rejected: 7 } as const;
export const countCells = Count.rejected + rejectReasons.length;

/** Adds up groups' cells. */
export function sumCounters(groups: readonly Float64Array[]): Counters {
  const cells = new Float64Array(countCells);
  for (const group of groups) for (let cell = 0; cell < countCells; cell++) cells[cell] += group[cell];
  const rejected = Object.fromEntries(rejectReasons.map((reason, row) => [reason, cells[Count.rejected + row]]));
  return {
    read: cells[Count.read],
    binned: cells[Count.binned] + cells[Count.revised],
    revised: cells[Count.revised],
    duplicate: cells[Count.duplicate],
    late: cells[Count.late],
    parked: cells[Count.parked],
    meterExchanges: cells[Count.meterExchanges],
    rejected: rejected as Record<RejectReason, number>,
  };
}

export function countReject(counts: Float64Array, reason: RejectReason): void {
  counts[Count.rejected + rejectReasons.indexOf(reason)]++;
}
