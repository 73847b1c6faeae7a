import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS, parseInstant } from "@hashwatt/contracts";
import { Command, InvalidArgumentError } from "commander";
import { CliError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { explainPage } from "../explain/page.ts";
import { createProgress } from "../output/progress.ts";
import { makeFolder } from "../output/write-results.ts";
import { explainFiles } from "../run/explain-files.ts";
import { addFleetFileOptions, addJudgingOptions, type FleetFileOptions, type JudgingOptions, judgingSettings } from "./options.ts";

interface ExplainOptions extends FleetFileOptions, JudgingOptions {
  readonly readings: string[];
  readonly meter: string[];
  readonly at?: number;
  readonly out: string;
}

export function explainCommand(end: (code: ExitCode) => void): Command {
  const command = new Command("explain")
    .summary("a page on why a meter was flagged, or was not")
    .description(
      "Replays the readings of files and writes one HTML page for a meter: its load beside the expected load, what was added, how sure the\ndetector was on each day, and every test with its number. The page needs nothing else to be read, sent or printed.",
    )
    .requiredOption("--meter <ids...>", "the meter; several give one page each")
    .option(
      "--at <date>",
      "judge no further than this local day, 2017-01-31 (default: the day its step was raised, else the likeliest day)",
      localDay,
    )
    .requiredOption("--out <file>", "the page, or a folder for a page named after each meter")
    .addHelpText(
      "after",
      `
Examples:
  hashwatt explain --meter cd-003 --meters fleet/meters.csv --readings fleet/readings.csv.gz --out cd-003.html
  hashwatt explain --meter cd-003 --at 2017-01-20 --meters m.csv --readings r.csv.gz --events e.csv --out page.html
  hashwatt explain --meter cd-003 cd-051 --meters m.csv --readings r.csv.gz --permits p.csv --out pages`,
    )
    .action(async (options: ExplainOptions) => end(await explain(options)));
  return addJudgingOptions(addFleetFileOptions(command, true));
}

async function explain(options: ExplainOptions): Promise<ExitCode> {
  const { out, at } = options;
  const meterIds = [...new Set(options.meter)];
  const progress = createProgress("explain");
  let rejects = 0;
  const explanations = await explainFiles({
    paths: options,
    ...judgingSettings(options),
    meterIds,
    untilDay: at,
    onReject: () => void rejects++,
    progress,
  });
  const isFolder = meterIds.length > 1 || statSync(out, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder) makeFolder(out);
  for (const explanation of explanations) {
    const path = isFolder ? join(out, `${fileName(explanation.meter.meterId)}.html`) : out;
    writePage(path, explainPage(explanation));
    console.log(path);
  }
  if (rejects > 0) progress.warn(`${rejects} rows were rejected; hashwatt replay lists them`, { rejects });
  return rejects > 0 ? exitCodes.data : exitCodes.ok;
}

function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

/** An id as the name of a file on every system. */
function fileName(meterId: string): string {
  return meterId.replaceAll(/[^\w.-]/g, (character) => `%${character.codePointAt(0)!.toString(16)}`).replace(/^\./, "%2e");
}

/** Days since 1970 of "2017-01-31". */
function localDay(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError("It must be a date such as 2017-01-31.");
  return ms / DAY_MS;
}
