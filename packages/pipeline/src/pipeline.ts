import { type Calibration, type CandidateMessage, type GridEvent, HOUR_MS, type Weather } from "@hashwatt/contracts";
import type { DetectionParameters } from "@hashwatt/detection";
import { admitOther, advance, type GroupSinks, type Reject } from "./admit-readings.ts";
import { binRow } from "./bin-readings.ts";
import { updateLedger } from "./candidate-ledger.ts";
import { Count, type Counters, countCells, countReject, sumCounters } from "./counters.ts";
import { type DetectionApi, detectionApi } from "./detection-api.ts";
import { groupFactory } from "./group-factory.ts";
import { createFleetLayout } from "./group-layout.ts";
import { restoreGroup, saveGroupHistory, saveGroupRecent } from "./group-snapshot.ts";
import { createGroupTable } from "./group-table.ts";
import type { MeterInspector } from "./meter-inspection.ts";
import type { MeterRegistry } from "./meter-registry.ts";
import { detectorVersionOf, digestOfSettings } from "./pipeline-settings.ts";
import type { ReadingBatch } from "./reading-batch.ts";
import { checkCalibration } from "./calibrated-scores.ts";
import { Binned } from "./written-cells.ts";

export interface PipelineOptions {
  readonly registry: MeterRegistry;
  readonly events?: readonly GridEvent[];
  readonly weather?: readonly Weather[];
  /** How long after its end a civil day stays open for readings before it is judged. Default 12 h; rounded up to hours. */
  readonly graceMs?: number;
  /** Days back that a late or revised reading still counts. Default 14. */
  readonly lateDays?: number;
  readonly parameters?: Partial<DetectionParameters>;
  /** What the grid's own history says of the scores; undefined = they stand as they are. */
  readonly calibration?: Calibration | undefined;
  /** Called during `ingest`, in the order in which the group's days close. */
  readonly onMessage: (message: CandidateMessage, groupKey: string) => void;
  readonly onReject: (reject: Reject) => void;
  /** Shown what judging sees of some meters, for explanations. */
  readonly inspect?: MeterInspector;
}

export interface Pipeline {
  /**
   * Takes rows in arrival order; days that become complete are judged on the way. At the end of input nothing is flushed: a day is judged
   * only when its group's time passes it.
   */
  ingest(batch: ReadingBatch): void;
  /** Of all groups, or of one. */
  counters(groupKey?: string): Counters;
  /** Groups that hold state, in order of their keys. */
  activeGroups(): readonly string[];
  /** Event time that the bulk of the group's meters has reached, ms; NaN = none yet. */
  groupTimeMs(groupKey: string): number;
  /** Bytes that change only when a day closes: hour pages, detection's state, what was said; and the interval pages as they are. */
  saveHistory(groupKey: string): Uint8Array;
  /** Bytes of all that changed since the group's last saveHistory. Throws Error where a day has closed since: save the history first. */
  saveRecent(groupKey: string): Uint8Array;
  /** Counts up when what saveHistory saves has changed: a checkpoint need not write it before. 0 = nothing to save yet. */
  historyVersion(groupKey: string): number;
  /**
   * Goes on where the two were saved; `history` is undefined where none had been saved yet. Replaces what the group held. Throws SnapshotError,
   * saying what differs, on damage, another version, other settings or other meters; then the group holds nothing.
   */
  restore(groupKey: string, history: Uint8Array | undefined, recent: Uint8Array): void;
  /** Forgets a group: its partition is read elsewhere now. */
  drop(groupKey: string): void;
}

/**
 * Readings in, candidates out. Pure: the same readings in the same order give the same messages, however they are cut into batches. Throws
 * CalibrationError where the calibration was made for other meters or another detector, RangeError on other settings.
 */
export function createPipeline(options: PipelineOptions, detection: DetectionApi = detectionApi): Pipeline {
  const { registry, onMessage, onReject, calibration } = options;
  if (calibration) checkCalibration(calibration, registry, detectorVersionOf({ ...options, calibration: undefined }));
  const layout = createFleetLayout(registry);
  const settingsDigest = digestOfSettings(options);
  const detectorVersion = detectorVersionOf(options);
  const groups = createGroupTable(registry.groupKeys, groupFactory(options, layout, detection));
  const strays = new Float64Array(countCells);
  const sinks: GroupSinks = {
    onReject,
    onJudged(group, judged) {
      updateLedger(group, judged, detectorVersion, (message) => onMessage(message, group.layout.groupKey));
    },
  };

  return {
    ingest(batch) {
      const { ordinals, count } = batch;
      const { groupOf } = registry;
      const { classOf, columnOf } = layout;
      for (let row = 0; row < count; row++) {
        const ordinal = ordinals[row];
        if (!(ordinal >= 0 && ordinal < classOf.length)) {
          rejectStray(strays, batch, row, onReject);
          continue;
        }
        const group = groups.rows[groupOf[ordinal]] ?? groups.create(groupOf[ordinal]);
        group.counts[Count.read]++;
        const code = binRow(group, classOf[ordinal], columnOf[ordinal], batch, row);
        if (code !== Binned.done) admitOther(group, { slot: layout.slotOf[ordinal], code }, batch, row, sinks);
        else if (group.clock.ahead >= group.clock.quorum) advance(group, sinks);
      }
    },
    counters: (groupKey) =>
      groupKey === undefined ? sumCounters([strays, ...groups.held().map(({ counts }) => counts)]) : groups.counters(groupKey),
    activeGroups: () => groups.held().map(({ layout: { groupKey } }) => groupKey),
    groupTimeMs(groupKey) {
      const clock = groups.find(groupKey)?.clock;
      return clock?.started === true ? clock.hour * HOUR_MS : Number.NaN;
    },
    saveHistory: (groupKey) => saveGroupHistory(groups.get(groupKey), settingsDigest),
    saveRecent: (groupKey) => saveGroupRecent(groups.get(groupKey), settingsDigest),
    historyVersion: (groupKey) => groups.find(groupKey)?.historyVersion ?? 0,
    restore(groupKey, history, recent) {
      groups.drop(groupKey);
      groups.restore(groupKey, (group) => restoreGroup(group, history, recent, settingsDigest));
    },
    drop: (groupKey) => groups.drop(groupKey),
  };
}

function rejectStray(strays: Float64Array, batch: ReadingBatch, row: number, onReject: (reject: Reject) => void): void {
  strays[Count.read]++;
  countReject(strays, "unknown_meter");
  const detail = `row ${batch.ordinals[row]} is none of the registry`;
  onReject({ reason: "unknown_meter", detail, meterId: "", startMs: batch.startMs[row], value: batch.values[row], row });
}
