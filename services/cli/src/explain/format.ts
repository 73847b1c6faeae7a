import { DAY_MS, formatDay, HOUR_MS } from "@hashwatt/contracts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Three significant digits, MW from 1000 kW on: "3.51 MW". */
export function power(kw: number): string {
  const isLarge = Math.abs(kw) >= 999.5;
  return `${significant(isLarge ? kw / 1000 : kw)} ${isLarge ? "MW" : "kW"}`;
}

/** With a sign: "+3.51 MW". */
export function signedPower(kw: number): string {
  return `${kw >= 0 ? "+" : "−"}${power(Math.abs(kw))}`;
}

/** Three significant digits without exponent and with a true minus; "–" where there is no number. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.0001))));
  const text = Math.abs(value) >= 999.5 ? String(Math.round(Math.abs(value))) : Math.abs(value).toFixed(Math.min(4, digits));
  return `${value < 0 && Number(text) !== 0 ? "−" : ""}${Number(text)}`;
}

export function percent(share: number): string {
  return `${significant(share * 100)} %`;
}

/** "31 Dec 2016" of a day counted since 1970-01-01. */
export function dayName(day: number): string {
  return `${shortDay(day)} ${formatDay(day).slice(0, 4)}`;
}

/** "31 Dec". */
export function shortDay(day: number): string {
  const { month, dayOfMonth } = dateParts(day);
  return `${dayOfMonth} ${months[month - 1]}`;
}

/** Month 1-12, day of the month, weekday 0 = Monday. */
export function dateParts(day: number): { year: number; month: number; dayOfMonth: number; weekday: number } {
  const [year, month, dayOfMonth] = formatDay(day).split("-").map(Number);
  return { year, month, dayOfMonth, weekday: (((day + 3) % 7) + 7) % 7 };
}

export function monthName(month: number): string {
  return months[month - 1];
}

/** Hours that local time is ahead of UTC at an instant. */
export type LocalTime = (ms: number) => { readonly day: number; readonly hour: number };

/** Local day and fractional hour of instants in a zone. */
export function localTimeIn(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const day = Date.UTC(parts["year"], parts["month"] - 1, parts["day"]) / DAY_MS;
    return { day, hour: parts["hour"] + parts["minute"] / 60 };
  };
}

/** "31 Dec 2016, 11:00" in local time. */
export function localName(localTime: LocalTime, utcHour: number): string {
  const { day, hour } = localTime(utcHour * HOUR_MS);
  return `${dayName(day)}, ${hourName(hour)}`;
}

/** "07:30". */
export function hourName(hour: number): string {
  const minutes = Math.round((hour % 1) * 60);
  return `${String(Math.floor(hour)).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
