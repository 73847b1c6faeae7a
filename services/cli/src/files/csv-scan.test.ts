import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeTemporaryFolder } from "../testing/files.ts";
import { CsvShape } from "./csv-shape.ts";
import { scanCsv } from "./csv-scan.ts";
import { findInputFiles } from "./input-files.ts";

const folder = makeTemporaryFolder();

async function scan(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return scanCsv(findInputFiles([path])[0]);
}

/** The shape of bytes that are given in chunks of `size`. */
function shapeOf(bytes: Buffer, size: number, maxRecordBytes = 1_000_000) {
  const shape = new CsvShape("t", maxRecordBytes);
  for (let at = 0; at < bytes.length; at += size) shape.add(bytes.subarray(at, at + size));
  return shape.finish();
}

/** The sentence of a failing scan without the folder. */
async function sentence(name: string, content: string | Uint8Array): Promise<string> {
  try {
    await scan(name, content);
  } catch (error) {
    return (error as Error).message.replace(`${folder}/`, "");
  }
  return "no error";
}

describe("scanCsv", () => {
  it("counts records, not blank or continued lines", async () => {
    expect(await scan("a.csv", 'a,b\n1,2\n\n"x\ny",2\n"q""\n",3')).toMatchObject({
      header: ["a", "b"],
      records: 3,
      isRegular: true,
    });
  });

  it("takes CRLF, a byte order mark and quoted column names", async () => {
    expect(await scan("b.csv", '\ufeff"a","b ""c"""\r\n1,2\r\n\r\n3,4\r\n')).toMatchObject({
      header: ["a", 'b "c"'],
      records: 2,
      isRegular: true,
    });
  });

  it("notices a mix of line ends", async () => {
    expect(await scan("c.csv", "a,b\r\n1,2\n3,4\r\n")).toMatchObject({ records: 2, isRegular: false });
  });

  it("counts the same however the bytes are cut into chunks", () => {
    const text = Buffer.from(`a,b\n${'1,2\n"x\n""y",2\r\n\n3,"4"\n'.repeat(20)}`);
    const whole = shapeOf(text, text.length, 1000);
    expect(whole.records).toBe(61);
    for (const size of [1, 2, 3, 5, 7, 11, 64]) expect(shapeOf(text, size, 1000)).toEqual(whole);
  });

  it("counts lines without quotes the same as one by one, wherever a chunk begins and whatever stands in them", () => {
    for (const text of [
      "a,b\n".repeat(5000),
      "a\n".repeat(5000),
      "a,\n\nb\n".repeat(999),
      "\n\n\n",
      "\na",
      "\u010a\u0a0a,\u00fb\n0\n".repeat(700),
    ]) {
      const records = text.split("\n").filter((line) => line !== "").length;
      for (const shift of [0, 1, 2, 3]) {
        const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).subarray(shift);
        for (const size of [4, 7, 1024, 4099, bytes.length]) expect(shapeOf(bytes, size)).toEqual({ records, isRegular: true });
      }
    }
  });

  it("finds a record longer than the limit across chunks of plain text", () => {
    const shape = new CsvShape("t", 1000);
    for (const piece of ["a,b\n1,", "2".repeat(600), "3".repeat(600), "\n4,5\n6,7\n"]) shape.add(Buffer.from(piece));
    expect(shape.finish()).toEqual({ records: 4, isRegular: false });
  });

  it("tells an empty file, a blank first line, an open quote and bare carriage returns apart", async () => {
    expect(await sentence("e.csv", "")).toBe("e.csv: is empty; its first line must name the columns");
    expect(await sentence("f.csv", "\na,b\n")).toBe("f.csv:1: is blank; the first line must name the columns");
    expect(await sentence("g.csv", 'a,b\n1,2\n"3,4\n5,6\n')).toBe("g.csv:3: a quoted cell is opened here and never closed");
    expect(await sentence("h.csv", "a,b\r1,2\r")).toBe("h.csv:1: holds a carriage return without line feed; lines must end in LF or CRLF");
  });
});

describe("scanCsv of compressed files", () => {
  const rows = `a,b\n${Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 10_007},${i}\n`).join("")}`;
  const gz = gzipSync(rows);

  it("reads gzip of several members and zstd", async () => {
    expect((await scan("a.csv.gz", Buffer.concat([gz, gzipSync("1,2\n")]))).records).toBe(20_001);
    expect((await scan("a.csv.zst", zstdCompressSync(rows))).records).toBe(20_000);
  });

  it("refuses a truncated, damaged or misnamed file in one sentence", async () => {
    const damaged = Buffer.from(gz);
    damaged[gz.length >> 1] ^= 0x55;
    const zst = zstdCompressSync(rows);
    expect(await sentence("b.csv.gz", gz.subarray(0, gz.length - 100))).toBe(
      "b.csv.gz: the gzip data ends too early: the file is cut off; nothing of it was used",
    );
    expect(await sentence("c.csv.gz", gz.subarray(0, gz.length - 3))).toMatch(/ends too early/);
    expect(await sentence("d.csv.gz", damaged)).toMatch(/^d.csv.gz: the gzip data is damaged \(.*\); nothing of it was used$/);
    expect(await sentence("e.csv.gz", rows)).toBe("e.csv.gz: holds bytes that are not gzip data, against its name");
    expect(await sentence("f.csv.zst", zst.subarray(0, zst.length - 100))).toMatch(/^f.csv.zst: the zstd data ends too early/);
    expect(await sentence("g.csv.zst", rows)).toMatch(/^g.csv.zst: (holds bytes that are not zstd data|the zstd data is damaged)/);
  });
});

describe("findInputFiles", () => {
  it("expands a glob in name order and tells what is missing", () => {
    for (const name of ["m-2.csv", "m-10.csv", "m-1.csv.gz"]) writeFileSync(join(folder, name), "");
    expect(findInputFiles([join(folder, "m-*.csv*")]).map(({ path, compression }) => [path.slice(folder.length + 1), compression])).toEqual(
      [
        ["m-1.csv.gz", "gzip"],
        ["m-10.csv", "none"],
        ["m-2.csv", "none"],
      ],
    );
    expect(() => findInputFiles([join(folder, "none.csv")])).toThrow(/none.csv: there is no such file/);
    expect(() => findInputFiles([join(folder, "none*.csv")])).toThrow(/none\*.csv: matches no file/);
    expect(() => findInputFiles([folder])).toThrow(/is a folder; give its files/);
  });
});
