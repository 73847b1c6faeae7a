import { type CandidateMessage, detectorMajorVersion, type GridEvent, HOUR_MS, type Weather } from "@hashwatt/contracts";
import { type DetectionParameters, defaultParameters } from "@hashwatt/detection";
import { admitOther, advance, type GroupSinks, type Reject } from "./admit-readings.ts";
import { Binned, binRow } from "./bin-readings.ts";
import { updateLedger } from "./candidate-ledger.ts";
import { Count, type Counters, countCells, countReject, sumCounters } from "./counters.ts";
import { type DetectionApi, detectionApi } from "./detection-api.ts";
import { createGroupCalendar, type ZoneCalendars } from "./group-calendar.ts";
import { temperaturesByArea } from "./group-context.ts";
import { createFleetLayout, type FleetLayout } from "./group-layout.ts";
import { createGroupView } from "./group-view-of.ts";
import { hash64 } from "./hash64.ts";
import type { MeterRegistry } from "./meter-registry.ts";
import { createPeerGroup, type GroupSettings, type PeerGroup } from "./peer-group.ts";
import type { ReadingBatch } from "./reading-batch.ts";

export interface PipelineOptions {
  readonly registry: MeterRegistry;
  readonly events?: readonly GridEvent[];
  readonly weather?: readonly Weather[];
  /** How long after its end a civil day stays open for readings before it is judged. Default 12 h; rounded up to hours. */
  readonly graceMs?: number;
  /** Days back that a late or revised reading still counts. Default 14. */
  readonly lateDays?: number;
  readonly parameters?: Partial<DetectionParameters>;
  /** Called during `ingest`, in the order in which the group's days close. */
  readonly onMessage: (message: CandidateMessage, groupKey: string) => void;
  readonly onReject: (reject: Reject) => void;
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
  /** Forgets a group: its partition is read elsewhere now. */
  drop(groupKey: string): void;
}

const defaultGraceMs = 12 * HOUR_MS;
const defaultLateDays = 14;

/** Readings in, candidates out. Pure: the same readings in the same order give the same messages, however they are cut into batches. */
export function createPipeline(options: PipelineOptions, detection: DetectionApi = detectionApi): Pipeline {
  const { registry, onMessage, onReject } = options;
  const layout = createFleetLayout(registry);
  const { groups, groupAt } = createGroups(options, layout, detection);
  const detectorVersion = `${detectorMajorVersion}+${hash64(JSON.stringify(parametersOf(options))).slice(0, 8)}`;
  const strays = new Float64Array(countCells);
  const sinks: GroupSinks = {
    onReject,
    onJudged(group, judged) {
      updateLedger(group, judged, detectorVersion, (message) => onMessage(message, group.layout.groupKey));
    },
  };
  const groupRow = (groupKey: string): number => {
    const row = registry.groupKeys.indexOf(groupKey);
    if (row < 0) throw new RangeError(`"${groupKey}" is no peer group of the registry; it has ${registry.groupKeys.length} of them.`);
    return row;
  };

  return {
    ingest(batch) {
      const { ordinals, count } = batch;
      for (let row = 0; row < count; row++) {
        const ordinal = ordinals[row];
        if (!(ordinal >= 0 && ordinal < layout.classOf.length)) {
          rejectStray(strays, batch, row, onReject);
          continue;
        }
        const group = groups[registry.groupOf[ordinal]] ?? groupAt(registry.groupOf[ordinal]);
        group.counts[Count.read]++;
        const code = binRow(group, layout.classOf[ordinal], layout.columnOf[ordinal], batch, row);
        if (code !== Binned.done) admitOther(group, { slot: layout.slotOf[ordinal], code }, batch, row, sinks);
        else if (group.clock.ahead >= group.clock.quorum) advance(group, sinks);
      }
    },
    counters(groupKey) {
      if (groupKey !== undefined) return sumCounters([groups[groupRow(groupKey)]?.counts ?? new Float64Array(countCells)]);
      return sumCounters([strays, ...groups.filter((group) => group !== undefined).map((group) => group.counts)]);
    },
    activeGroups: () => registry.groupKeys.filter((_, row) => groups[row] !== undefined),
    groupTimeMs(groupKey) {
      const clock = groups[groupRow(groupKey)]?.clock;
      return clock?.started === true ? clock.hour * HOUR_MS : Number.NaN;
    },
    drop(groupKey) {
      groups[groupRow(groupKey)] = undefined;
    },
  };
}

/** Detection's parameters: its fits must end before the days that late readings may still change, and the pages must reach as far. */
function parametersOf({ parameters, lateDays = defaultLateDays }: PipelineOptions): DetectionParameters {
  const chosen = { ...defaultParameters, ...parameters };
  const longer = Math.max(0, lateDays - chosen.fitLagDays);
  return { ...chosen, fitLagDays: chosen.fitLagDays + longer, historyDays: chosen.historyDays + 2 * longer };
}

function settingsOf(options: PipelineOptions): GroupSettings {
  const { graceMs = defaultGraceMs, lateDays = defaultLateDays } = options;
  const { historyDays } = parametersOf(options);
  if (!(Number.isInteger(lateDays) && lateDays >= 1 && lateDays + 3 <= historyDays)) {
    throw new RangeError(`lateDays is ${lateDays}; it must be a whole number of days from 1 to historyDays - 3 = ${historyDays - 3}.`);
  }
  if (!(graceMs >= 0 && graceMs <= (lateDays - 1) * 24 * HOUR_MS + 12 * HOUR_MS)) {
    throw new RangeError(`graceMs is ${graceMs}; it must be 0 or more and end 12 h before the late limit of ${lateDays} days.`);
  }
  return { graceHours: Math.ceil(graceMs / HOUR_MS), lateDays, historyDays };
}

function createGroups(options: PipelineOptions, layout: FleetLayout, detection: DetectionApi) {
  const settings = settingsOf(options);
  const parameters = parametersOf(options);
  const weather = temperaturesByArea(options.weather ?? []);
  const calendars: ZoneCalendars = new Map();
  const groups: (PeerGroup | undefined)[] = layout.groups.map(() => undefined);
  const groupAt = (row: number): PeerGroup => {
    const calendar = createGroupCalendar(layout.groups[row].meters, calendars);
    const group = createPeerGroup({ layout: layout.groups[row], calendar, settings, detection }, (unconnected) =>
      detection.createDetector(createGroupView(unconnected, options.events ?? [], weather), parameters),
    );
    groups[row] = group;
    return group;
  };
  return { groups, groupAt };
}

function rejectStray(strays: Float64Array, batch: ReadingBatch, row: number, onReject: (reject: Reject) => void): void {
  strays[Count.read]++;
  countReject(strays, "unknown_meter");
  const detail = `row ${batch.ordinals[row]} is none of the registry`;
  onReject({ reason: "unknown_meter", detail, meterId: "", startMs: batch.startMs[row], value: batch.values[row], row });
}
