import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Fields that never reach a log, at the top or up to two objects deep (a logged client configuration nests that far). */
const secretFields = [
  "password",
  "pass",
  "passphrase",
  "secret",
  "clientSecret",
  "token",
  "accessToken",
  "refreshToken",
  "apiKey",
  "privateKey",
  "authorization",
  "cookie",
  "sasl",
  "credentials",
  "KAFKA_SASL_PASSWORD",
  "REDIS_PASSWORD",
] as const;

const redactedPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

export interface LoggerOptions {
  /** The process's name, in every line. */
  readonly name: string;
  /** trace | debug | info | warn | error | fatal | silent. Default info. */
  readonly level?: string;
  /** Where the JSON lines go. Default stdout; a command whose result is on stdout logs to stderr. Tests give a stream. */
  readonly destination?: "stdout" | "stderr" | DestinationStream;
}

/** A pino logger of JSON lines with secrets redacted, passwords inside URLs too. Writes at once, so that the last line before an exit is kept. */
export function createLogger(options: LoggerOptions): Logger {
  const { destination = "stdout" } = options;
  const stream = typeof destination === "string" ? pino.destination({ fd: destination === "stdout" ? 1 : 2, sync: true }) : destination;
  return pino(
    {
      name: options.name,
      level: options.level ?? "info",
      redact: { paths: redactedPaths, censor: "[redacted]" },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: hideUrlPasswords },
    },
    stream,
  );
}

/** "redis://user:secret@host" -> "redis://user:[redacted]@host", in any text. */
export function hideUrlPasswords(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s/@"]+@/gi, "$1:[redacted]@");
}
