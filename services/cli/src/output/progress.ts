import { createLogger, type Logger } from "@hashwatt/runtime";

/** How often the line is renewed on a terminal, and a JSON line written elsewhere, ms. */
const terminalIntervalMs = 200;
const logIntervalMs = 5_000;

export interface ProgressTarget {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/**
 * What the command tells while it works, on stderr: one line that is written over on a terminal, JSON lines elsewhere. Results go to
 * stdout, so that they can be piped.
 */
export interface Progress {
  /** `rows` so far; `eventMs` = how far event time has come, NaN while it is not known. */
  update(rows: number, eventMs: number): void;
  /** A sentence that stays. */
  say(sentence: string, details?: Record<string, unknown>): void;
  warn(sentence: string, details?: Record<string, unknown>): void;
  /** Clears the line and says how many rows there were and how long they took. */
  done(rows: number): void;
}

export function createProgress(label: string, target: ProgressTarget = stderrTarget()): Progress {
  const { isTerminal, write, logger, nowMs } = target;
  const startedAt = nowMs();
  let shownAt = startedAt;
  let lineLength = 0;

  const clear = (): void => {
    if (lineLength > 0) write(`\r${" ".repeat(lineLength)}\r`);
    lineLength = 0;
  };
  const report = (rows: number, eventMs: number): void => {
    const rowsPerSecond = Math.round((rows * 1000) / Math.max(1, nowMs() - startedAt));
    const date = Number.isFinite(eventMs) ? new Date(eventMs).toISOString().slice(0, 10) : null;
    if (!isTerminal) {
      logger.info({ rows, rowsPerSecond, eventDate: date }, label);
      return;
    }
    const line = `${label}: ${date ?? "..."}  ${groupDigits(rows)} rows  ${groupDigits(rowsPerSecond)} rows/s`;
    write(`\r${line.padEnd(lineLength)}`);
    lineLength = Math.max(lineLength, line.length);
  };
  const sentence =
    (level: "info" | "warn") =>
    (text: string, details: Record<string, unknown> = {}): void => {
      clear();
      if (isTerminal) write(`${text}\n`);
      else logger[level](details, text);
    };
  return {
    update(rows, eventMs) {
      const now = nowMs();
      if (now - shownAt < (isTerminal ? terminalIntervalMs : logIntervalMs)) return;
      shownAt = now;
      report(rows, eventMs);
    },
    say: sentence("info"),
    warn: sentence("warn"),
    done(rows) {
      const seconds = (nowMs() - startedAt) / 1000;
      sentence("info")(`${label}: ${groupDigits(rows)} rows in ${seconds.toFixed(1)} s`, { rows, seconds });
    },
  };
}

/** Says nothing: for worker processes and tests. */
export const silentProgress: Progress = { update() {}, say() {}, warn() {}, done() {} };

function stderrTarget(): ProgressTarget {
  return {
    isTerminal: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    logger: createLogger({ name: "hashwatt", destination: "stderr" }),
    nowMs: () => performance.now(),
  };
}

/** 1234567 -> "1 234 567". */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}
