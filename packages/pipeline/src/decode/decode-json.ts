import { parseInstant, parseQuality, type Reading, ReadingSchema, type RejectReason } from "@hashwatt/contracts";
import { textOf } from "./byte-text.ts";
import { Quantity, type ReadingBatch } from "../reading-batch.ts";
import { type DecodeReject, type KeyVerdict, type MeterLookup, reserveRows } from "./decode-types.ts";

/** What the exact road needs beside the bytes. */
export interface JsonTarget {
  readonly lookup: MeterLookup;
  readonly batch: ReadingBatch;
  readonly verdict: KeyVerdict;
  onReject(reject: DecodeReject): void;
}

/** A raw reading with its place in the message. */
interface RawReading {
  readonly value: unknown;
  readonly index: number;
}

/**
 * The exact road: JSON.parse and the schemas of contracts. Takes every message that the scanner does not, and says of each reading that
 * cannot be used why. Appends the good ones. Never throws.
 *
 * @returns how many readings the message held: rows appended plus rejects (a message that is no JSON counts as one)
 */
export function decodeJson(value: Uint8Array, target: JsonTarget): number {
  const parsed = parseJson(value);
  if ("problem" in parsed) {
    target.onReject({ reason: "invalid_json", detail: parsed.problem, ...nothingKnown });
    return 1;
  }
  const { json } = parsed;
  if (Array.isArray(json)) {
    json.forEach((reading: unknown, index) => decodeReading({ value: reading, index }, target));
    return json.length;
  }
  if (isRecord(json) && "meterIds" in json) return decodeColumns(json, target);
  decodeReading({ value: json, index: 0 }, target);
  return 1;
}

const nothingKnown = { meterId: "", startMs: Number.NaN, value: Number.NaN, index: -1 };

function parseJson(value: Uint8Array): { json: unknown } | { problem: string } {
  let text: string;
  try {
    text = textOf(value);
  } catch {
    return { problem: "the value is not UTF-8 text" };
  }
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `the value is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Cell by cell, so that one bad cell costs one reading. A null or absent value cell is an absent value. */
function decodeColumns(columns: Record<string, unknown>, target: JsonTarget): number {
  const problem = columnProblem(columns);
  if (problem !== undefined) {
    target.onReject({ reason: "invalid_reading", detail: problem, ...nothingKnown });
    return 1;
  }
  const { meterIds, intervalStart, ...others } = columns as Record<string, unknown[] | undefined>;
  for (let index = 0; index < meterIds!.length; index++) {
    const value = {
      meterId: meterIds![index],
      intervalStart: intervalStart![index],
      kw: others["kw"]?.[index] ?? undefined,
      kwh: others["kwh"]?.[index] ?? undefined,
      kwhRegister: others["kwhRegister"]?.[index] ?? undefined,
      quality: others["quality"]?.[index],
    };
    decodeReading({ value, index }, target);
  }
  return meterIds!.length;
}

const columnNames = ["meterIds", "intervalStart", "kw", "kwh", "kwhRegister", "quality"] as const;

function columnProblem(columns: Record<string, unknown>): string | undefined {
  const meterIds = columns["meterIds"];
  if (!Array.isArray(meterIds)) return "meterIds is not an array";
  for (const name of columnNames) {
    const column = columns[name];
    if (column === undefined && name !== "intervalStart") continue;
    if (!Array.isArray(column)) return `${name} is not an array`;
    if (column.length !== meterIds.length) return `${name} has ${column.length} values for ${meterIds.length} meterIds`;
  }
  return undefined;
}

function decodeReading(raw: RawReading, target: JsonTarget): void {
  const parsed = ReadingSchema.safeParse(raw.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue.path.join(".");
    reject(raw, target, reasonOfField(raw.value, field), field === "" ? issue.message : `${field}: ${issue.message}`);
    return;
  }
  const reading = parsed.data;
  const ordinal = target.lookup.ordinalOf(reading.meterId);
  const quality = parseQuality(reading.quality ?? "");
  if (quality === undefined) {
    reject(
      raw,
      target,
      "unknown_quality",
      `quality "${String(reading.quality)}" is none of measured, estimated, revised, a Green Button or CIM code`,
    );
  } else if (ordinal < 0) {
    reject(raw, target, "unknown_meter", `meter "${reading.meterId}" is not in the registry; add it to the meters file and restart`);
  } else if (target.lookup.groupOf[ordinal] !== target.verdict.group) {
    const group = target.lookup.groupKeys[target.lookup.groupOf[ordinal]];
    reject(raw, target, target.verdict.reason, `${target.verdict.detail}; the key of meter "${reading.meterId}" is "${group}"`);
  } else {
    append(target.batch, ordinal, reading, quality);
  }
}

function append(batch: ReadingBatch, ordinal: number, reading: Reading, quality: number): void {
  reserveRows(batch, 1);
  const row = batch.count++;
  batch.ordinals[row] = ordinal;
  batch.startMs[row] = parseInstant(reading.intervalStart);
  batch.qualities[row] = quality;
  if (reading.kw !== undefined) {
    batch.quantities[row] = Quantity.kw;
    batch.values[row] = reading.kw;
  } else if (reading.kwh !== undefined) {
    batch.quantities[row] = Quantity.kwh;
    batch.values[row] = reading.kwh;
  } else {
    batch.quantities[row] = Quantity.kwhRegister;
    batch.values[row] = reading.kwhRegister!;
  }
}

/** Which kind of reject a schema problem in `field` is: a field of the wrong kind has its own reason, an absent one makes no reading. */
function reasonOfField(value: unknown, field: string): RejectReason {
  if (!isRecord(value) || value[field] === undefined) return "invalid_reading";
  switch (field) {
    case "intervalStart":
      return "invalid_time";
    case "kw":
    case "kwh":
    case "kwhRegister":
    case "kvar":
      return "invalid_value";
    case "quality":
      return "unknown_quality";
    default:
      return "invalid_reading";
  }
}

function reject(raw: RawReading, target: JsonTarget, reason: RejectReason, detail: string): void {
  const fields = isRecord(raw.value) ? raw.value : {};
  const { meterId, intervalStart } = fields;
  const value = [fields["kw"], fields["kwh"], fields["kwhRegister"]].find((candidate) => typeof candidate === "number");
  target.onReject({
    reason,
    detail,
    meterId: typeof meterId === "string" ? meterId : "",
    startMs: typeof intervalStart === "string" ? parseInstant(intervalStart) : Number.NaN,
    value: typeof value === "number" ? value : Number.NaN,
    index: raw.index,
  });
}
