import { DAY_MS, GridEventSchema, MeterSchema, parseInstant, PermitSchema, WeatherSchema } from "@hashwatt/contracts";
import { describe, expect, it } from "vitest";
import { createKazakhstanScenario } from "./kazakhstan-scenario.ts";
import { type Alarm, matchHiddenSites, scenarioOutcome } from "./scenario-outcome.ts";

const fleet = createKazakhstanScenario();
const { hidden } = fleet.labels;
const alarms: Alarm[] = hidden.map(({ meterId, onset, direction }) => ({ meterId, onset, direction }));

describe("the winter of 2022", () => {
  it("hides the reported megawatts in the reported regions", () => {
    const byRegion = new Map<string, number>();
    for (const site of hidden) {
      const key = `${site.region} ${site.direction}`;
      byRegion.set(key, (byRegion.get(key) ?? 0) + site.kw);
    }
    expect(Object.fromEntries(byRegion)).toEqual({
      "Karaganda up": 31_000,
      "Pavlodar up": 22_000,
      "Turkistan up": 3_280,
      "Akmola up": 1_030,
      "Kostanay up": 820,
      "Nur-Sultan up": 1_800,
      "Almaty up": 3_500,
      "Shymkent up": 4_000,
      "West Kazakhstan down": 91_000,
      "Karaganda down": 44_000,
    });
    expect(hidden.filter((site) => site.direction === "up")).toHaveLength(13);
    expect(hidden.reduce((sum, site) => sum + site.kw, 0)).toBe(202_430);
  });

  it("leaves 60 days before the first onset and 28 after the last", () => {
    for (const site of hidden) {
      expect(parseInstant(site.onset) - fleet.fromMs).toBeGreaterThan(60 * DAY_MS);
      expect(fleet.toMs - parseInstant(site.onset)).toBeGreaterThan(28 * DAY_MS);
      const isOff = site.direction === "down";
      if (isOff) expect(site.onset).toMatch(/^2022-02-(18|19|20)T/);
    }
  });

  it("has at least 400 substations in 17 regions with the zones of their places, and valid records", () => {
    expect(fleet.meters.length).toBeGreaterThanOrEqual(400);
    for (const meter of fleet.meters) MeterSchema.parse(meter);
    for (const permit of fleet.permits) PermitSchema.parse(permit);
    for (const event of fleet.events) GridEventSchema.parse(event);
    for (const record of fleet.weather.slice(0, 500)) WeatherSchema.parse(record);
    const regions = Map.groupBy(fleet.meters, (meter) => meter.region);
    expect(regions.size).toBe(17);
    for (const meters of regions.values()) expect(meters.length).toBeGreaterThanOrEqual(25);
    expect(new Set(fleet.meters.map((meter) => meter.name)).size).toBe(fleet.meters.length);
    expect(new Set(fleet.meters.map((meter) => meter.timeZone)).size).toBe(7);
  });

  it("puts nothing else on a host, and licensed load inside its permit", () => {
    const confounded = new Set(fleet.labels.confounders.filter((entry) => entry.kind !== "cold_snap").flatMap((entry) => entry.meterIds));
    for (const site of hidden) expect(confounded).not.toContain(site.meterId);
    const licensed = fleet.labels.confounders.filter((entry) => entry.kind === "permitted_load");
    expect(licensed.length).toBeGreaterThanOrEqual(9);
    for (const entry of licensed) {
      const permit = fleet.permits.find((candidate) => candidate.meterId === entry.meterIds[0]);
      expect(permit?.maxKw).toBeGreaterThan(entry.kw * 1.05);
      expect(parseInstant(permit!.validFrom)).toBeLessThan(parseInstant(entry.from));
    }
  });

  it("has transfers with and without a record", () => {
    const transfers = fleet.labels.confounders.filter((entry) => entry.kind === "transfer");
    expect(transfers.length).toBeGreaterThanOrEqual(8);
    expect(fleet.events.filter((event) => event.kind === "switching").length * 2).toBe(transfers.length);
  });

  it("streams two million readings that drop out at mines only when the internet does", { timeout: 60_000 }, () => {
    let rows = 0;
    const site = hidden.find((entry) => entry.direction === "down")!;
    const index = fleet.meters.findIndex((meter) => meter.meterId === site.meterId);
    const neighbour = fleet.meters.findIndex((meter) => meter.areaId === fleet.meters[index].areaId && meter.meterId !== site.meterId);
    const nights = ["2022-01-04T18:00:00Z", "2022-01-05T18:00:00Z"];
    const sums = nights.map((from) => ({ fromMs: parseInstant(from), host: 0, neighbour: 0 }));
    for (const batch of fleet.batches()) {
      rows += batch.count;
      for (let i = 0; i < batch.count; i++) {
        const meter = batch.meterIndex[i];
        if (meter !== index && meter !== neighbour) continue;
        const sum = sums.find((entry) => batch.startMs[i] >= entry.fromMs && batch.startMs[i] < entry.fromMs + DAY_MS / 2);
        if (sum) sum[meter === index ? "host" : "neighbour"] += batch.kw[i];
      }
    }
    expect(rows).toBeGreaterThan(1_900_000);
    expect(sums[0].host - sums[1].host).toBeGreaterThan(0.5 * site.kw * 12);
    expect(Math.abs(sums[0].neighbour / sums[1].neighbour - 1)).toBeLessThan(0.15);
  });

  it("is another winter with another seed", () => {
    const other = createKazakhstanScenario({ seed: 2 });
    expect(other.labels.hidden.map((site) => site.meterId)).not.toEqual(hidden.map((site) => site.meterId));
    expect(createKazakhstanScenario({ seed: 2 }).labels).toEqual(other.labels);
  });
});

describe("outcome", () => {
  it("finds all with perfect alarms and none without", () => {
    expect(scenarioOutcome(fleet, alarms)).toEqual({ hidden: 18, found: 18, missed: 0, falseCases: 0, mwHidden: 202.43, mwFound: 202.43 });
    expect(scenarioOutcome(fleet, [])).toEqual({ hidden: 18, found: 0, missed: 18, falseCases: 0, mwHidden: 202.43, mwFound: 0 });
  });

  it("counts a wrong direction, a wrong time and a strange meter as false, a second alarm on a found site not", () => {
    const [site] = alarms;
    const elsewhere = { meterId: fleet.meters.find((meter) => hidden.every((entry) => entry.meterId !== meter.meterId))!.meterId };
    expect(scenarioOutcome(fleet, [{ ...site, direction: "down" }])).toMatchObject({ found: 0, falseCases: 1 });
    expect(scenarioOutcome(fleet, [{ ...site, onset: "2021-10-30T00:00:00Z" }])).toMatchObject({ found: 0, falseCases: 1 });
    expect(scenarioOutcome(fleet, [site, { ...site, ...elsewhere }])).toMatchObject({ found: 1, falseCases: 1, mwFound: 12.6 });
    const again = { ...site, onset: "2022-02-20T00:00:00Z" };
    expect(scenarioOutcome(fleet, [again, site])).toMatchObject({ found: 1, falseCases: 0 });
  });

  it("names the alarm of each site", () => {
    const matching = matchHiddenSites(fleet.labels, [alarms[3]]);
    expect(matching.sites.filter((entry) => entry.alarm !== null).map((entry) => entry.site.siteId)).toEqual([hidden[3].siteId]);
  });
});
