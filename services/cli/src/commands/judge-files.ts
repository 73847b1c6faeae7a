import { join } from "node:path";
import type { Permit } from "@hashwatt/contracts";
import type { ReviewQueue } from "@hashwatt/review-queue";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printFindings } from "../output/findings-table.ts";
import { createJsonlFile } from "../output/jsonl-file.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { countFindings, describeAccounts, describeFindable, makeFolder, writeCandidates, writeSummary } from "../output/write-results.ts";
import { accountRows, runFiles } from "../run/run-files.ts";
import { type FleetFileOptions, type JudgingOptions, judgingSettings } from "./options.ts";

export interface JudgeFilesOptions {
  readonly label: string;
  readonly files: FleetFileOptions & { readonly readings: string[] };
  readonly judging: JudgingOptions;
  /** Folder for rejects.jsonl. */
  readonly rejectsIn: string;
  /** Folder for candidates.jsonl and summary.json; undefined = neither. */
  readonly out: string | undefined;
  readonly openQueue: (permits: readonly Permit[], progress: Progress) => Promise<ReviewQueue>;
}

/** Judges the readings of files, prints what was found and where each row went, and writes the results. */
export async function judgeFiles(options: JudgeFilesOptions): Promise<ExitCode> {
  const { label, files, judging, rejectsIn, out, openQueue } = options;
  makeFolder(rejectsIn);
  const rejects = createJsonlFile(join(rejectsIn, "rejects.jsonl"));
  const progress = createProgress(label);
  const settings = judgingSettings(judging);
  try {
    const result = await runFiles({
      paths: files,
      ...settings,
      openQueue: (permits) => openQueue(permits, progress),
      onReject: (reject) => rejects.write(reject),
      progress,
    });
    const { findings, tables, registry } = result;
    const accounts = accountRows(result);
    const counted = countFindings(findings);
    printFindings(findings, tables.meters);
    console.log(`\n${describeAccounts(accounts)}`);
    console.log(`Alarms: ${counted.alarms}; authorised by permit: ${counted.authorised}; withdrawn: ${counted.withdrawn}`);
    if (out !== undefined) {
      const counts = { meters: tables.meters.length, groups: registry.groupKeys.length, readings: accounts, rejectedRows: rejects.lines };
      const findable = settings.calibration && { findable: describeFindable(settings.calibration, tables.meters) };
      const written = [writeCandidates(out, findings), writeSummary(out, { ...counts, ...counted, ...findable }), rejects.path];
      console.log(`Written: ${written.join(", ")}`);
    }
    if (rejects.lines > 0) progress.warn(`${rejects.lines} rejects; see ${rejects.path}`, { rejects: rejects.lines });
    return rejects.lines > 0 ? exitCodes.data : exitCodes.ok;
  } finally {
    rejects.close();
  }
}
