/** The product's own file formats: CSV (plain, .gz, .zst) or Parquet with these columns, in any order; unknown columns are ignored. */
export type ColumnKind = "text" | "number" | "instant";
export interface FileColumn {
  readonly kind: ColumnKind;
  readonly required: boolean;
}

const text = { kind: "text", required: false } as const;
const number = { kind: "number", required: false } as const;
const instant = { kind: "instant", required: false } as const;
const required = <C extends FileColumn>(column: C) => ({ ...column, required: true }) as const;

export const fileFormats = {
  meters: {
    meter_id: required(text),
    name: text,
    level: required(text),
    parent_id: text,
    area_id: required(text),
    region: text,
    time_zone: required(text),
    interval_minutes: required(number),
    rated_kw: number,
    latitude: number,
    longitude: number,
  },
  readings: { meter_id: required(text), interval_start: required(instant), kw: required(number), kvar: number, quality: text },
  permits: {
    permit_id: required(text),
    meter_id: required(text),
    max_kw: required(number),
    valid_from: required(instant),
    valid_to: instant,
    holder: text,
  },
  weather: { area_id: required(text), interval_start: required(instant), temp_c: required(number) },
  events: {
    event_id: required(text),
    kind: required(text),
    area_id: text,
    meter_id: text,
    counterpart_meter_id: text,
    from: required(instant),
    to: instant,
  },
} as const satisfies Record<string, Record<string, FileColumn>>;
export type FileFormatName = keyof typeof fileFormats;
