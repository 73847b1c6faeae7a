import { QueueConfigurationError, QueueUnavailableError } from "@hashwatt/review-queue";
import { ConfigError } from "@hashwatt/runtime";
import { Command, CommanderError } from "commander";
import { explainCommand } from "./commands/explain.ts";
import { calibrateCommand } from "./commands/calibrate.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { queueCommand } from "./commands/queue.ts";
import { replayCommand } from "./commands/replay.ts";
import { sendCommand } from "./commands/send.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { startCommand } from "./commands/start.ts";
import { trainCommand } from "./commands/train.ts";
import { CliError, type ExitCode, exitCodes, exitCodesHelp } from "./exit-codes.ts";

/** Runs `hashwatt ARGS` to its end and returns the exit code. Problems that the user can mend are one sentence on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = createProgram((ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explain(error);
  }
}

function createProgram(end: (code: ExitCode) => void): Command {
  const program = new Command("hashwatt")
    .description("Finds electricity load that nobody authorised, above all crypto mines.")
    .showHelpAfterError("(hashwatt COMMAND --help shows what there is)");
  const commands = [
    startCommand,
    replayCommand,
    explainCommand,
    simulateCommand,
    sendCommand,
    queueCommand,
    evaluateCommand,
    calibrateCommand,
    trainCommand,
  ];
  for (const create of commands) program.addCommand(create(end));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.exitOverride().addHelpText("after", `\n${exitCodesHelp}`);
  }
  return program;
}

/** Says what went wrong and returns the code that belongs to it. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its sentence, or the help that was asked for.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  const code = exitCodeOf(error);
  const text = error instanceof Error ? (code === exitCodes.bug ? (error.stack ?? error.message) : error.message) : String(error);
  process.stderr.write(`hashwatt: ${text}\n`);
  return code;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ConfigError || error instanceof QueueConfigurationError) return exitCodes.usage;
  return error instanceof QueueUnavailableError ? exitCodes.unavailable : exitCodes.bug;
}
