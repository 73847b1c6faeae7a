import { streamKinds } from "@hashwatt/contracts";
import type { NoiseFloor } from "@hashwatt/evaluation";
import { formatTable, left, right } from "./table.ts";

/** Lines of a table: steps of streams where nothing happens, on the fleets with events, and on those with nothing added. */
export function noiseTable({ mixed, bare }: { readonly mixed: NoiseFloor; readonly bare: NoiseFloor }): string[] {
  return formatTable(
    [left("Noise floor, % of mean"), right("Streams"), right("Robust"), right("95 % / 2"), right("99 % / 3")],
    [...blockOf("with events", mixed), ...blockOf("nothing added", bare)],
  );
}

function blockOf(title: string, floor: NoiseFloor): string[][] {
  const known = streamKinds.filter((kind) => floor[kind].streams > 0);
  const streams = known.reduce((sum, kind) => sum + floor[kind].streams, 0);
  const rows = known.map((kind) => {
    const { streams: count, robustPct, halfOf95Pct, thirdOf99Pct } = floor[kind];
    return [`  ${kind}`, String(count), ...[robustPct, halfOf95Pct, thirdOf99Pct].map((size) => size?.toFixed(2) ?? "-")];
  });
  return [[title, String(streams), "", "", ""], ...rows];
}
