import { rejectReasons } from "@hashwatt/contracts";
import type { Pipeline } from "@hashwatt/pipeline";
import { Counter, Gauge, Histogram, type Registry } from "@hashwatt/runtime";
import type { PartitionState } from "./partition-state.ts";
import type { ReadingIntake } from "./reading-intake.ts";

/** What metrics are read from when they are scraped. */
export interface MetricSources {
  readonly states: ReadonlyMap<number, PartitionState>;
  readonly pipeline: Pick<Pipeline, "counters" | "activeGroups" | "groupTimeMs">;
  readonly decoded: ReadingIntake["decoded"];
  readonly waiting: () => { readonly candidates: number; readonly deadLetters: number };
}

export interface DetectorMetrics {
  readonly checkpointDone: (seconds: number, bytes: number) => void;
  readonly checkpointFailed: () => void;
  readonly candidate: (type: string) => void;
  readonly deadLetter: () => void;
}

const phases = ["waiting", "restoring", "running", "halted"] as const;

/**
 * The detector's metrics. At any scrape
 *   hashwatt_readings_read_total = sum of hashwatt_readings_total{outcome} + sum of hashwatt_readings_rejected_total{reason}
 * over the partitions of this member: no reading is unaccounted for. (revised is a part of binned and no outcome; parked goes down again.)
 */
export function createDetectorMetrics(registry: Registry, sources: MetricSources): DetectorMetrics {
  registerReadings(registry, sources);
  registerPartitions(registry, sources);
  const registers = [registry];
  const waiting = new Gauge({
    name: "hashwatt_outbox_waiting",
    help: "Messages that the review queue or the dead-letter topic has not taken yet",
    labelNames: ["to"],
    registers,
    collect() {
      const { candidates, deadLetters } = sources.waiting();
      this.set({ to: "review_queue" }, candidates);
      this.set({ to: "dead_letters" }, deadLetters);
    },
  });
  waiting.set({ to: "review_queue" }, 0);
  const checkpointSeconds = new Histogram({
    name: "hashwatt_checkpoint_seconds",
    help: "Time from the copy of a partition's state to its commit",
    buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const checkpointBytes = new Counter({ name: "hashwatt_checkpoint_bytes_total", help: "Bytes written to the state topic", registers });
  const failures = new Counter({ name: "hashwatt_checkpoint_failures_total", help: "Checkpoints that did not commit", registers });
  const candidates = new Counter({
    name: "hashwatt_candidate_messages_total",
    help: "Candidates raised, revised and withdrawn (again after a restart)",
    labelNames: ["type"],
    registers,
  });
  const deadLetters = new Counter({ name: "hashwatt_dead_letters_total", help: "Messages sent to the dead-letter topic", registers });
  return {
    checkpointDone(seconds, bytes) {
      checkpointSeconds.observe(seconds);
      checkpointBytes.inc(bytes);
    },
    checkpointFailed: () => failures.inc(),
    candidate: (type) => candidates.inc({ type }),
    deadLetter: () => deadLetters.inc(),
  };
}

function registerReadings(registry: Registry, { pipeline, decoded }: MetricSources): void {
  const registers = [registry];
  const decodeRejected = () => [...decoded.rejected.values()].reduce((sum, count) => sum + count, 0);
  const asTotal = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  asTotal("hashwatt_readings_read_total", "Readings taken in", () => pipeline.counters().read + decodeRejected());
  asTotal("hashwatt_readings_revised_total", "Readings that replaced an earlier value", () => pipeline.counters().revised);
  asTotal("hashwatt_messages_total", "Kafka messages read by this process", () => decoded.messages);
  const outcomes = new Counter({
    name: "hashwatt_readings_total",
    help: "Readings by where they went",
    labelNames: ["outcome"],
    registers: [],
    collect() {
      this.reset();
      const counters = pipeline.counters();
      for (const outcome of ["binned", "duplicate", "late", "parked"] as const) this.inc({ outcome }, counters[outcome]);
    },
  });
  registry.registerMetric(outcomes);
  const rejects = new Counter({
    name: "hashwatt_readings_rejected_total",
    help: "Readings turned away, by reason",
    labelNames: ["reason"],
    registers: [],
    collect() {
      this.reset();
      const { rejected } = pipeline.counters();
      for (const reason of rejectReasons) this.inc({ reason }, rejected[reason] + (decoded.rejected.get(reason) ?? 0));
    },
  });
  registry.registerMetric(rejects);
}

function registerPartitions(registry: Registry, { states, pipeline }: MetricSources): void {
  const registers = [registry];
  const byPartition = (name: string, help: string, value: (state: PartitionState) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ["partition"],
      registers,
      collect() {
        this.reset();
        for (const state of states.values()) {
          const now = value(state);
          if (now !== undefined) this.set({ partition: String(state.partition) }, now);
        }
      },
    });
  byPartition("hashwatt_lag_messages", "Messages of the partition not read yet", ({ nextOffset, highWatermark }) =>
    nextOffset < 0 ? undefined : Math.max(0, highWatermark - nextOffset),
  );
  byPartition("hashwatt_next_offset", "Offset of the next reading of the partition", ({ nextOffset }) =>
    nextOffset < 0 ? undefined : nextOffset,
  );
  byPartition("hashwatt_checkpoint_age_seconds", "Time since the partition's last checkpoint", ({ committed }) =>
    committed === undefined ? undefined : (Date.now() - Date.parse(committed.writtenAt)) / 1000,
  );
  byPartition("hashwatt_partition_halted", "1 where the partition cannot go on without people", ({ phase }) => Number(phase === "halted"));
  const partitions = new Gauge({
    name: "hashwatt_partitions",
    help: "Partitions of this member by phase",
    labelNames: ["phase"],
    registers: [],
    collect() {
      for (const phase of phases) this.set({ phase }, [...states.values()].filter((state) => state.phase === phase).length);
    },
  });
  registry.registerMetric(partitions);
  const groupTime = new Gauge({
    name: "hashwatt_group_time_seconds",
    help: "Event time that the bulk of a peer group's meters has reached, seconds since 1970",
    labelNames: ["group"],
    registers: [],
    collect() {
      this.reset();
      for (const group of pipeline.activeGroups()) {
        const ms = pipeline.groupTimeMs(group);
        if (!Number.isNaN(ms)) this.set({ group }, ms / 1000);
      }
    },
  });
  registry.registerMetric(groupTime);
}
