import { parseQuality, type QualityCode } from "@hashwatt/contracts";
import type { DuckDBConnection } from "@duckdb/node-api";
import { dataError } from "../exit-codes.ts";
import { type ColumnPositions, locateColumns } from "./csv-header.ts";
import { type CsvScan, maxRecordBytes } from "./csv-scan.ts";
import { csvSource, escapeGlob, sqlName, sqlText } from "./duck.ts";

/** Type names in DuckDB. */
const meterType = "meter_ordinal";
const qualityType = "quality_flag";

/** Between the cells of a row that needs a second look; a control character that no cell should hold. */
export const cellSeparator = "\u001f";

/**
 * Flags DuckDB may recognise by itself; what each means stays with parseQuality. The first must be "measured", for rows without flag.
 * Other spellings get the second look.
 */
const words = ["measured", "estimated", "revised", "valid", "edited", "interpolated", "questionable", "projected", "substituted"];
const spellings = [
  ...words,
  ...words.map((word) => word[0].toUpperCase() + word.slice(1)),
  ...words.map((word) => word.toUpperCase()),
  ...Array.from({ length: 20 }, (_, i) => String(i)),
];
const knownFlags = spellings.flatMap((flag) => {
  const code = parseQuality(flag);
  return code === undefined ? [] : [{ flag, code }];
});

/** Position of a flag in DuckDB's type -> quality code. */
export const qualityCodes: Uint8Array = Uint8Array.from(knownFlags, ({ code }): QualityCode => code);

/** Teaches DuckDB the registry: a text that is a meter id becomes the meter's ordinal without ever being a JavaScript string. */
export async function defineReadingTypes(duck: DuckDBConnection, meterIds: readonly string[]): Promise<void> {
  await duck.run("create temp table meter_ids (id varchar)");
  const appender = await duck.createAppender("meter_ids");
  for (const id of meterIds) {
    appender.appendVarchar(id);
    appender.endRow();
  }
  appender.closeSync();
  // No ORDER BY: the rows come in the order they were put in, and that is the order of ordinals.
  await duck.run(`create type ${meterType} as enum (select id from meter_ids)`);
  await duck.run("drop table meter_ids");
  await duck.run(`create type ${qualityType} as enum (${knownFlags.map(({ flag }) => sqlText(flag)).join(",")})`);
}

interface Expressions {
  readonly source: string;
  /** Text of each cell as it stands in the file. */
  readonly meterId: string;
  readonly time: string;
  readonly kw: string;
  readonly quality: string | undefined;
  /** Interval start in ms, null where it needs a second look. */
  readonly startMs: string;
  /** Undefined: not asked for. */
  readonly kvar: string | undefined;
}

/**
 * Rows: ordinal INTEGER, interval start in ms DOUBLE, kW DOUBLE, position of the flag UTINYINT, cells VARCHAR.
 * `cells` is null in all rows DuckDB understood, and the row's cells joined by `cellSeparator` in those that need a second look: unknown
 * meter, odd time or number, odd flag. One sum finds them, since null spreads through it: asking column by column costs 3 % more time.
 * Where kvar is asked for, it is one DOUBLE more, NaN where there is none.
 */
function buildSql({ source, meterId, time, kw, quality, startMs, kvar }: Expressions): string {
  const flag = quality ?? "null::varchar";
  const cells = ["id", "time", "kw", "flag"].map((cell) => `coalesce(${cell},'')`).join(", ");
  return `
    select m, t, k, q, case when isfinite(m + t + k + q) then null else concat_ws(chr(31), ${cells}) end
           ${kvar === undefined ? "" : ", coalesce(v, 'nan'::double)"}
    from (select ${meterId} id, ${time} "time", ${kw} kw, ${flag} flag,
                 enum_code(try_cast(${meterId} as ${meterType}))::integer m, ${startMs} t, try_cast(${kw} as double) k,
                 coalesce(enum_code(try_cast(${flag} as ${qualityType})), case when ${flag} is null then 0 end)::utinyint q
                 ${kvar === undefined ? "" : `, try_cast(${kvar} as double) v`}
          from ${source})`;
}

/** The statement for a regular CSV file. Throws CliError where a column is missing. */
export function csvReadingsQuery(path: string, scan: CsvScan, wantsKvar = false): string {
  const at = columnNames(locateColumns(path, scan.header, "readings"));
  const time = at("interval_start")!;
  const source = csvSource(path, scan.header.length, maxRecordBytes);
  const kvar = wantsKvar ? (at("kvar") ?? "null") : undefined;
  return buildSql({ source, meterId: at("meter_id")!, time, kw: at("kw")!, quality: at("quality"), startMs: startMsOfText(time), kvar });
}

/**
 * Milliseconds of an instant as text, null where it needs a second look. Only what ends in Z is cast to `timestamp`: that cast drops any other
 * zone ("...T06:00:00+05:00" would be 06:00 UTC) and takes a missing one as UTC. `timestamptz`, which is slower, minds the zone.
 */
function startMsOfText(time: string): string {
  const hasOffset = `length(${time}) >= 25 and ${time}[-3] = ':' and (${time}[-6] = '+' or ${time}[-6] = '-')`;
  return `(case when ends_with(${time}, 'Z') then epoch_ms(try_cast(${time} as timestamp))
                when ${hasOffset} then epoch_ms(try_cast(${time} as timestamptz)) end)::double`;
}

function columnNames(positions: ColumnPositions): (name: string) => string | undefined {
  return (name) => (positions.has(name) ? `c${positions.get(name)}` : undefined);
}

/** The statement for a Parquet file. Throws CliError where a column is missing or of a type that holds no instant. */
export async function parquetReadingsQuery(duck: DuckDBConnection, path: string, wantsKvar = false): Promise<string> {
  const source = `read_parquet(${sqlText(escapeGlob(path))}, hive_partitioning=false)`;
  const described = (await (await duck.run(`describe select * from ${source}`)).getRows()) as [string, string][];
  const header = described.map(([name]) => name.trim());
  const positions = locateColumns(path, header, "readings");
  const column = (name: string) => (positions.has(name) ? sqlName(described[positions.get(name)!][0]) : undefined);
  const text = (name: string) => (column(name) === undefined ? undefined : `${column(name)}::varchar`);
  const timeColumn = column("interval_start")!;
  const startMs = parquetStartMs(path, timeColumn, described[positions.get("interval_start")!][1]);
  return buildSql({
    source,
    meterId: text("meter_id")!,
    time: `${timeColumn}::varchar`,
    kw: text("kw")!,
    quality: text("quality"),
    startMs,
    kvar: wantsKvar ? (text("kvar") ?? "null") : undefined,
  });
}

function parquetStartMs(path: string, column: string, type: string): string {
  if (type.startsWith("TIMESTAMP")) return `epoch_ms(${column}::timestamp)::double`;
  if (type === "VARCHAR") return startMsOfText(column);
  throw dataError(path, `column interval_start is of type ${type}; it must be TIMESTAMP (in UTC) or text`);
}
