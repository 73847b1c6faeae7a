/**
 * Meter-days judged per CPU-second, weekly refits included, on simulated substations without mines. Seeded; run with
 * `node test/bench/judging.ts`. Bar: 10 000 a second and core.
 */
import { createDetectionState, createGroupDetector, defaultParameters } from "@hashwatt/detection";
import { createSyntheticGroup, syntheticFirstDay } from "@hashwatt/detection/testing";

const warmUpDays = 175;

function judge(meterCount: number, days: number): number {
  const view = createSyntheticGroup({ meterCount, days, seed: 1 });
  const detector = createGroupDetector(view, defaultParameters);
  const state = createDetectionState();
  let before = process.cpuUsage();
  for (let day = 0; day < days; day++) {
    if (day === warmUpDays) before = process.cpuUsage();
    detector.pageChanged(syntheticFirstDay + day);
    detector.judge(state, syntheticFirstDay + day);
    detector.follow(state, syntheticFirstDay + day);
  }
  const { user, system } = process.cpuUsage(before);
  return (meterCount * (days - warmUpDays)) / ((user + system) / 1e6);
}

for (const meterCount of [25, 150, 600]) {
  const runs = [1, 2, 3].map(() => judge(meterCount, 399)).toSorted((a, b) => a - b);
  console.log(
    `${meterCount} meters in a group: median ${Math.round(runs[1])} meter-days per CPU-second (${runs.map(Math.round).join(", ")})`,
  );
}
