import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeTemporaryFolder, writeText } from "../testing/files.ts";
import { makeRegistry, type ReadAll, readAll } from "../testing/read-all.ts";
import { openDuck } from "./duck.ts";

const folder = makeTemporaryFolder();
const registry = makeRegistry("a", "b", 'meter, with "quotes"');
const header = "meter_id,interval_start,kw,kvar,quality\n";
const good = "a,2022-01-03T06:00:00Z,5,,measured\n";
const goodRow = "a 2022-01-03T06:00:00Z 5 measured";

let fileCount = 0;
/** Reads one file of the given content. */
function read(content: string | Uint8Array, extension = "csv"): Promise<ReadAll> {
  return readAll(registry, writeText(folder, `r${fileCount++}.${extension}`, content));
}

/** "line column reason detail | text" of each reject, by line: malformed rows come when they are passed. */
function told({ rejects }: ReadAll): string[] {
  const byLine = rejects.toSorted((a, b) => a.line! - b.line!);
  return byLine.map(({ line, column, reason, detail, text }) => `${line} ${column ?? "-"} ${reason}: ${detail} | ${text}`);
}

function sumOf({ counts }: ReadAll): number {
  return counts.delivered + Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
}

async function sentence(content: string | Uint8Array, extension = "csv"): Promise<string> {
  try {
    await read(content, extension);
  } catch (error) {
    return (error as Error).message.replace(/^\S*\/r\d+/, "r");
  }
  return "no error";
}

describe("openReadings", () => {
  it("delivers rows in the order of the file with columns in any order, unknown ones ignored", async () => {
    const { rows, counts } = await read(
      'voltage,QUALITY,kw,meter_id,interval_start\n230,estimated,1.5,b,2022-01-03T06:00:00Z\n,,-2e3,"meter, with ""quotes""",2022-01-03T05:00:00Z\n,revised,0,a,2022-01-03T06:00:00.000Z\n',
    );
    expect(rows).toEqual([
      "b 2022-01-03T06:00:00Z 1.5 estimated",
      'meter, with "quotes" 2022-01-03T05:00:00Z -2000 measured',
      "a 2022-01-03T06:00:00Z 0 revised",
    ]);
    expect(counts).toEqual({ records: 3, delivered: 3, rejected: {} });
  });

  it("takes CRLF, a byte order mark, blank lines, a missing last line feed and a mix of line ends", async () => {
    for (const content of [
      `\ufeff${header}${good}${good}`,
      `${header}${good}${good}`.replaceAll("\n", "\r\n"),
      `${header}\n${good}\n\n${good}\n`,
      `${header}${good}${good.trim()}`,
      `${header}${good.trim()}\r\n${good}`,
      `${header.trim()}\r\n${good}${good.trim()}\r\n`,
    ]) {
      const all = await read(content);
      expect(all.rows).toEqual([goodRow, goodRow]);
      expect(all.rejects).toEqual([]);
    }
  });

  it("reads zones other than Z, spaces and trade flags by the rules of the contracts", async () => {
    const { rows, rejects } = await read(
      `${header}a,2022-01-03T06:00:00+05:00,1,,8\n a , 2022-01-03T06:00:00Z ,\t2, , Estimated \na,2022-01-03T06:00Z,3,,0.8.1\na,2022-01-03T06:00:00Z,4,,\n`,
    );
    expect(rows).toEqual([
      "a 2022-01-03T01:00:00Z 1 estimated",
      "a 2022-01-03T06:00:00Z 2 estimated",
      "a 2022-01-03T06:00:00Z 3 estimated",
      "a 2022-01-03T06:00:00Z 4 measured",
    ]);
    expect(rejects).toEqual([]);
  });

  it("rejects bad cells with line, column, reason and text, and goes on", async () => {
    const all = await read(
      `${header}${good}zz,2022-01-03T06:00:00Z,5,,measured\na,2022-01-03 06:00,5,,\na,2022-02-30T06:00:00Z,5,,\na,2022-01-03T06:00:00Z,,,\na,2022-01-03T06:00:00Z,NaN,,\na,2022-01-03T06:00:00Z,1e400,,\na,2022-01-03T06:00:00Z,"1,5",,\na,2022-01-03T06:00:00Z,0x10,,\na,2022-01-03T06:00:00Z,1,,guess\n,2022-01-03T06:00:00Z,1,,\na,2022-01-03,1,,\n${good}`,
    );
    expect(all.rows).toEqual([goodRow, goodRow]);
    const isNone = "is not an ISO 8601 instant with zone such as 2022-01-03T06:00:00Z";
    expect(told(all)).toEqual([
      '3 meter_id unknown_meter: meter_id "zz" is not in the registry of meters | zz,2022-01-03T06:00:00Z,5,measured',
      `4 interval_start invalid_time: interval_start "2022-01-03 06:00" ${isNone} | a,2022-01-03 06:00,5,`,
      `5 interval_start invalid_time: interval_start "2022-02-30T06:00:00Z" ${isNone} | a,2022-02-30T06:00:00Z,5,`,
      "6 kw invalid_value: kw is empty | a,2022-01-03T06:00:00Z,,",
      '7 kw invalid_value: kw "NaN" is not a finite number | a,2022-01-03T06:00:00Z,NaN,',
      '8 kw invalid_value: kw "1e400" is not a finite number | a,2022-01-03T06:00:00Z,1e400,',
      '9 kw invalid_value: kw "1,5" is not a finite number | a,2022-01-03T06:00:00Z,1,5,',
      '10 kw invalid_value: kw "0x10" is not a finite number | a,2022-01-03T06:00:00Z,0x10,',
      '11 quality unknown_quality: quality "guess" is not a known quality flag | a,2022-01-03T06:00:00Z,1,guess',
      "12 meter_id unknown_meter: meter_id is empty | ,2022-01-03T06:00:00Z,1,",
      `13 interval_start invalid_time: interval_start "2022-01-03" ${isNone} | a,2022-01-03,1,`,
    ]);
    expect(all.counts).toEqual({
      records: 13,
      delivered: 2,
      rejected: { unknown_meter: 2, invalid_time: 3, invalid_value: 5, unknown_quality: 1 },
    });
  });

  it("rejects malformed rows with their lines and keeps the lines of the others right", async () => {
    const notUtf8 = Buffer.concat([Buffer.from("a"), Buffer.from([0xff, 0xfe]), Buffer.from(",2022-01-03T06:00:00Z,5,,\n")]);
    const all = await read(
      Buffer.concat([
        Buffer.from(`${header}${good}\na,2022-01-03T06:00:00Z\n"x\ny",2022-01-03T06:00:00Z,5,,\n"a"b,2022-01-03T06:00:00Z,5,,\n`),
        notUtf8,
        Buffer.from(
          `a,2022-01-03T06:00:00Z,1,5,,measured\n${"x".repeat(1_200_000)},2022-01-03T06:00:00Z,5,,\nzz,2022-01-03T06:00:00Z,5,,\n`,
        ),
      ]),
    );
    expect(all.rows).toEqual([goodRow]);
    expect(told(all).map((text) => text.replace(/ \|.*/s, ""))).toEqual([
      "4 - invalid_row: the row has fewer cells than the header (2 instead of 5)",
      '5 meter_id unknown_meter: meter_id "x\ny" is not in the registry of meters',
      "7 - invalid_row: a quoted cell does not end where its quote ends",
      "8 - invalid_row: the row holds bytes that are not UTF-8",
      "9 - invalid_row: the row has more cells than the header (6 instead of 5)",
      "10 - invalid_row: the row is 1200025 bytes long; the limit is 1000000",
      '11 meter_id unknown_meter: meter_id "zz" is not in the registry of meters',
    ]);
    expect(all.counts).toEqual({ records: 8, delivered: 1, rejected: { unknown_meter: 2, invalid_row: 5 } });
  });

  it("notices surplus cells in a file with mixed line ends", async () => {
    const all = await read(`${header.trim()}\r\n${good}a,2022-01-03T06:00:00Z,1,5,,measured\n`);
    expect(told(all)).toEqual([
      "3 - invalid_row: the row has more cells than the header (6 instead of 5) | a,2022-01-03T06:00:00Z,1,5,,measured",
    ]);
    expect(sumOf(all)).toBe(2);
  });

  it("says in one sentence why a file cannot be used", async () => {
    expect(await sentence("")).toBe("r.csv: is empty; its first line must name the columns");
    expect(await sentence("meter_id,interval_start\na,b\n")).toBe('r.csv:1: column kw missing; the header is "meter_id,interval_start"');
    expect(await sentence("meter_id;interval_start;kw\n")).toBe(
      'r.csv:1: columns meter_id, interval_start, kw missing; the header is "meter_id;interval_start;kw"; the separator must be a comma',
    );
    expect(await sentence("meter_id,interval_start,kw,kw\n")).toBe("r.csv:1: column kw appears twice (columns 3 and 4)");
    const gz = gzipSync(header + good.repeat(50_000));
    expect(await sentence(gz.subarray(0, gz.length >> 1), "csv.gz")).toBe(
      "r.csv.gz: the gzip data ends too early: the file is cut off; nothing of it was used",
    );
    expect(await sentence("PAR1 but not really", "parquet")).toMatch(/^r\.parquet: cannot be read: /);
  });

  it("takes a header without rows as no rows", async () => {
    expect((await read(header)).counts).toEqual({ records: 0, delivered: 0, rejected: {} });
  });
});

describe("openReadings of many rows", () => {
  const ids = ["a", "b"];
  const lines = Array.from({ length: 30_000 }, (_, i) => {
    const hour = String(i % 24).padStart(2, "0");
    return `${ids[i % 2]},2022-01-0${1 + (i % 9)}T${hour}:00:00Z,${i / 8},${i % 3 === 0 ? "" : 1},${["measured", "estimated", "revised", ""][i % 4]}\n`;
  });
  const content = header + lines.join("");

  it("gives the same batches from plain, gzip, zstd and Parquet files", async () => {
    const plain = writeText(folder, "same.csv", content);
    const gz = writeText(folder, "same.csv.gz", gzipSync(content));
    const zst = writeText(folder, "same.csv.zst", zstdCompressSync(content));
    const [texts, typed] = [join(folder, "texts.parquet"), join(folder, "typed.parquet")];
    const duck = await openDuck();
    await duck.connection.run(`copy (select * from read_csv('${plain}', all_varchar=true)) to '${texts}'`);
    await duck.connection.run(`copy (select * from read_csv('${plain}')) to '${typed}'`);
    duck.close();
    const expected = await readAll(registry, plain);
    expect(expected.rows.length).toBe(lines.length);
    expect(expected.rows[12_345]).toBe("b 2022-01-07T09:00:00Z 1543.125 estimated");
    for (const path of [gz, zst, texts, typed]) {
      const other = await readAll(registry, path);
      expect(other.rows).toEqual(expected.rows);
      expect(other.counts).toEqual(expected.counts);
    }
  });

  it("reads the files of a glob one after the other, each with its own order of columns", async () => {
    writeText(folder, "part-2.csv", `kw,meter_id,interval_start\n2,b,2022-01-03T07:00:00Z\n`);
    writeText(folder, "part-1.csv.gz", gzipSync(header + good));
    const { rows, counts } = await readAll(registry, join(folder, "part-*"));
    expect(rows).toEqual([goodRow, "b 2022-01-03T07:00:00Z 2 measured"]);
    expect(counts.records).toBe(2);
  });

  /** Faults that keep a file regular, so that DuckDB reads it, and those that do not. */
  const cellFaults: [piece: string, reason: string | null][] = [
    ["\n", null],
    ['"un\n\nknown",2022-01-03T06:00:00Z,1,,\n', "unknown_meter"],
    ['a,2022-01-03T06:00:00Z,1,"2\n",measured\n', null],
    ["a,2022-01-03T06:00:00Z,oops,,\n", "invalid_value"],
  ];
  const shapeFaults: typeof cellFaults = [
    ["a,2022-01-03T06:00:00Z\n", "invalid_row"],
    ['"a"b,2022-01-03T06:00:00Z,1,,\n', "invalid_row"],
    ["a,2022-01-03T06:00:00Z,1,2,measured,3\n", "invalid_row"],
  ];

  it.each([
    { what: "odd cells", faults: cellFaults, share: 0.5, from: 0 },
    { what: "a malformed row late in the file", faults: shapeFaults.slice(0, 1), share: 0.0001, from: 30_000 },
    { what: "malformed rows all over", faults: [...cellFaults, ...shapeFaults], share: 0.1, from: 0 },
  ])("accounts for every row and tells the right line with $what", async ({ faults, share, from }) => {
    let state = 12345;
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state / 2 ** 32;
    };
    const pieces = [header];
    const expected: string[] = [];
    let line = 2;
    let records = 0;
    for (let i = 0; i < 60_000; i++) {
      const [piece, fault] = i >= from && random() < share ? faults[Math.floor(random() * faults.length)] : [lines[i % lines.length], null];
      if (fault !== null) expected.push(`${line} ${fault}`);
      if (piece !== "\n") records++;
      line += piece.split("\n").length - 1;
      pieces.push(piece);
    }
    const all = await read(pieces.join(""));
    // Compared piece by piece: a diff of ten thousand lines helps nobody.
    const found = all.rejects.map(({ line: at, reason }) => `${at} ${reason}`);
    expect(found.length).toBe(expected.length);
    expect(found.find((text, i) => text !== expected[i])).toBeUndefined();
    expect(all.counts.records).toBe(records);
    expect(sumOf(all)).toBe(records);
    expect(all.rows.length).toBe(all.counts.delivered);
  });
});
