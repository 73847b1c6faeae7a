import type { DetectionApi } from "./detection-api.ts";
import { createGroupCalendar, type ZoneCalendars } from "./group-calendar.ts";
import { temperaturesByArea } from "./group-context.ts";
import type { FleetLayout } from "./group-layout.ts";
import { createGroupView } from "./group-view-of.ts";
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
    const calendar = createGroupCalendar(layout.groups[row].meters, calendars);
    return createPeerGroup({ layout: layout.groups[row], calendar, settings, detection }, (unconnected) =>
      detection.createDetector(createGroupView(unconnected, options.events ?? [], weather), parameters),
    );
  };
}
