import { openMemoryQueue } from "@hashwatt/review-queue";
import { createExplanation, type Explanation } from "../explain/explanation.ts";
import { createMeterRecorder } from "../explain/meter-record.ts";
import type { OnFileReject } from "../files/rejects.ts";
import { type RunFilesOptions, runFiles } from "./run-files.ts";

export interface ExplainFilesOptions
  extends Pick<RunFilesOptions, "paths" | "grouping" | "graceMs" | "lateDays" | "calibration" | "progress"> {
  readonly meterIds: readonly string[];
  /** The run ends when this local day has been judged; undefined = with its input. */
  readonly untilDay: number | undefined;
  readonly onReject: OnFileReject;
}

/** Replays the files as `replay` does, and explains what judging saw of some meters. Throws CliError (usage) on a meter that is none. */
export async function explainFiles(options: ExplainFilesOptions): Promise<Explanation[]> {
  const { meterIds, untilDay, ...run } = options;
  const recorders = new Map(meterIds.map((meterId) => [meterId, createMeterRecorder(untilDay)]));
  const isComplete = (): boolean => [...recorders.values()].every((recorder) => recorder.isComplete());
  const { tables, findings } = await runFiles({
    ...run,
    openQueue: async (permits) => (await openMemoryQueue({ permits })).queue,
    inspect: { meterIds: new Set(meterIds), take: (inspection) => recorders.get(inspection.meterId)!.take(inspection) },
    isEnough: untilDay === undefined ? undefined : isComplete,
  });
  return meterIds.map((meterId) =>
    createExplanation({
      meterId,
      meters: tables.meters,
      permits: tables.permits,
      events: tables.events,
      findings,
      streams: recorders.get(meterId)!.streams(),
      untilDay,
    }),
  );
}
