/** How the command ends. Printed by `hashwatt --help`. */
export const exitCodes = {
  ok: 0,
  /** A fault of the program itself: the only one that prints a stack. */
  bug: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
  /** Rows were rejected (the rest was used), or a file is broken or missing. */
  data: 3,
  /** Kafka or Redis cannot be reached or refuses. */
  unavailable: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `Exit codes:
  0  done
  1  a fault of the program itself
  2  the command line or the configuration is wrong; nothing was done
  3  rows were rejected (the others were used), or a file is missing or broken
  4  Kafka or Redis cannot be reached or refuses`;

/** What a user must know in one sentence, and the exit code. Never printed with a stack. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

/** A file that cannot be used. `place` is "path" or "path:line". */
export function dataError(place: string, sentence: string, cause?: unknown): CliError {
  return new CliError(exitCodes.data, `${place}: ${sentence}`, cause === undefined ? undefined : { cause });
}
