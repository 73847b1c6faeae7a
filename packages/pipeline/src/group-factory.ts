import type { Meter } from "@hashwatt/contracts";
import type { Inspector } from "@hashwatt/detection";
import type { DetectionApi } from "./detection-api.ts";
import { createGroupCalendar, type ZoneCalendars } from "./group-calendar.ts";
import { temperaturesByArea } from "./group-context.ts";
import type { FleetLayout } from "./group-layout.ts";
import { createGroupView } from "./group-view-of.ts";
import type { MeterInspector } from "./meter-inspection.ts";
import { createPeerGroup, type PeerGroup } from "./peer-group.ts";
import type { PipelineOptions } from "./pipeline.ts";
import { parametersOf, settingsOf } from "./pipeline-settings.ts";

/** Makes groups by row of the registry's groups; all share the weather's columns and the zones' calendars. */
export function groupFactory(options: PipelineOptions, layout: FleetLayout, detection: DetectionApi): (row: number) => PeerGroup {
  const settings = settingsOf(options);
  const parameters = parametersOf(options);
  const weather = temperaturesByArea(options.weather ?? []);
  const calendars: ZoneCalendars = new Map();
  return (row) => {
    const { meters } = layout.groups[row];
    const calendar = createGroupCalendar(meters, calendars);
    const inspector = options.inspect && inspectorOf(options.inspect, meters);
    return createPeerGroup({ layout: layout.groups[row], calendar, settings, detection }, (unconnected) =>
      detection.createDetector(createGroupView(unconnected, options.events ?? [], weather), parameters, inspector),
    );
  };
}

/** The port of a group for the inspected meters that are in it; undefined where nobody looks. */
function inspectorOf(inspect: MeterInspector, meters: readonly Meter[]): Inspector | undefined {
  const { meterIds, take, takeEvidence, takeNoise, takeFreshStep } = inspect;
  const slots = new Set(meters.flatMap(({ meterId }, slot) => (meterIds.has(meterId) ? [slot] : [])));
  if (slots.size === 0 && !takeEvidence && !takeNoise && !takeFreshStep) return undefined;
  return {
    slots,
    take: (inspection) => {
      const named = inspection.step?.namedSlot ?? -1;
      take({ ...inspection, meterId: meters[inspection.slot].meterId, namedMeterId: named < 0 ? null : meters[named].meterId });
    },
    ...(takeEvidence && { takeEvidence: (evidence) => takeEvidence({ ...evidence, meterId: meters[evidence.slot].meterId }) }),
    ...(takeNoise && { takeNoise: (noise) => takeNoise({ ...noise, meterId: meters[noise.slot].meterId }) }),
    ...(takeFreshStep && { takeFreshStep: (step) => takeFreshStep({ ...step, meterId: meters[step.slot].meterId }) }),
  };
}
