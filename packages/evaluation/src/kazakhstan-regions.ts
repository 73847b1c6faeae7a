import type { Climate } from "./weather.ts";

/** A region of Kazakhstan as in early 2022: 14 regions and 3 cities. */
export interface Region {
  readonly name: string;
  /** Prefix of meter and area ids. */
  readonly code: string;
  readonly timeZone: string;
  /** Centre of the sites' scatter is the climate's place; half the height of the scatter in degrees. */
  readonly spreadDegrees: number;
  readonly climate: Climate;
}

type Row = readonly [
  name: string,
  code: string,
  zone: string,
  spread: number,
  latitude: number,
  longitude: number,
  meanC: number,
  amplitudeC: number,
];

/** Zones by the rules of the time; climates are rounded long-term figures. */
const rows: readonly Row[] = [
  ["Akmola", "akm", "Asia/Almaty", 1, 52, 69.5, 2.5, 18],
  ["Aktobe", "akt", "Asia/Aqtobe", 1.2, 50, 57.5, 5, 18.5],
  ["Almaty Region", "alr", "Asia/Almaty", 1, 44.6, 78, 8, 16],
  ["Almaty", "alm", "Asia/Almaty", 0.1, 43.24, 76.9, 10, 14.5],
  ["Atyrau", "aty", "Asia/Atyrau", 0.8, 47.3, 52.3, 9.5, 17],
  ["East Kazakhstan", "vko", "Asia/Almaty", 1.2, 49.6, 81.8, 3.5, 17.5],
  ["Karaganda", "kar", "Asia/Almaty", 1.2, 49.6, 72.6, 3.5, 17],
  ["Kostanay", "kos", "Asia/Qostanay", 1.2, 52.3, 63.6, 3, 18],
  ["Kyzylorda", "kzo", "Asia/Qyzylorda", 0.9, 44.9, 65.3, 10, 17.5],
  ["Mangystau", "man", "Asia/Aqtau", 0.8, 43.9, 52, 12, 13.5],
  ["North Kazakhstan", "sko", "Asia/Almaty", 0.7, 54.4, 69.2, 1.8, 18],
  ["Nur-Sultan", "nur", "Asia/Almaty", 0.12, 51.15, 71.45, 3.5, 17.5],
  ["Pavlodar", "pav", "Asia/Almaty", 0.9, 52.1, 76.6, 3, 18.5],
  ["Shymkent", "shy", "Asia/Almaty", 0.1, 42.33, 69.6, 13, 13.5],
  ["Turkistan", "tur", "Asia/Almaty", 0.8, 43, 68.6, 12.5, 14.5],
  ["West Kazakhstan", "zko", "Asia/Oral", 0.9, 50.8, 51.6, 5.5, 18],
  ["Zhambyl", "zha", "Asia/Almaty", 0.8, 43.3, 71.6, 10, 14.5],
];

export const regions: readonly Region[] = rows.map(
  ([name, code, timeZone, spreadDegrees, latitude, longitude, annualMeanC, amplitudeC]) => ({
    name,
    code,
    timeZone,
    spreadDegrees,
    climate: { latitude, longitude, annualMeanC, amplitudeC, synopticC: latitude > 47 ? 5.5 : 4 },
  }),
);

/** Public holidays of the winter 2021/22 as local days: Independence Day and its eve, New Year with its moved days, Orthodox Christmas, Women's Day. */
export const holidays: ReadonlySet<string> = new Set([
  "2021-12-01",
  "2021-12-16",
  "2021-12-17",
  "2022-01-01",
  "2022-01-02",
  "2022-01-03",
  "2022-01-04",
  "2022-01-07",
  "2022-03-07",
  "2022-03-08",
]);

const firstParts = [
  "Altyn",
  "Kumis",
  "Boz",
  "Kyzyl",
  "Jasyl",
  "Ak",
  "Kara",
  "Sary",
  "Kok",
  "Ulken",
  "Kishi",
  "Jana",
  "Eski",
  "Temir",
  "Munar",
  "Jaryk",
  "Tuman",
  "Ayaz",
  "Korkem",
  "Tereng",
  "Biyik",
  "Kulan",
];
const secondParts = [
  "jiek",
  "samal",
  "naiza",
  "dombra",
  "shanyrak",
  "kanat",
  "jebe",
  "kobyz",
  "tulpar",
  "burkit",
  "sunkar",
  "arna",
  "kerege",
  "uyik",
  "tabak",
  "kalkan",
  "sadak",
  "tuyme",
  "kilem",
  "oyu",
  "shapan",
];

/** 462 names that no map knows, in a fixed order. */
export const siteNames: readonly string[] = firstParts.flatMap((first) => secondParts.map((second) => first + second));
