import type { Candidate, Estimates, EvidenceTest, Lane } from "@hashwatt/contracts";
import { type CaseDetail, type CaseState, type CaseView, openMemoryQueue, openRedisQueue, type ReviewQueue } from "@hashwatt/review-queue";
import { loadConfig } from "@hashwatt/runtime";
import { z } from "zod";
import { CliError, dataError, type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatMw } from "../output/findings-table.ts";
import { type MovedScore, movedScore } from "../output/moved-score.ts";
import { formatTable, left, right } from "../output/table.ts";
import { readPem } from "./read-pem.ts";

/** Where the queue is. */
export interface QueuePlace {
  readonly redis?: string;
  readonly journal?: string;
}

/** The same variables as the detector's. */
const RedisConfigSchema = z.object({
  REDIS_URL: z.string().optional(),
  REDIS_KEY_PREFIX: z.string().optional(),
  REDIS_TLS_CA_FILE: z.string().optional(),
});

interface ListOptions extends QueuePlace {
  readonly state?: CaseState[];
  readonly lane?: Lane;
  readonly region?: string;
  readonly limit: number;
  readonly json?: boolean;
}

async function withQueue<T>(place: QueuePlace, use: (queue: ReviewQueue) => Promise<T>): Promise<T> {
  const queue = await openQueue(place);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

async function openQueue({ redis, journal }: QueuePlace): Promise<ReviewQueue> {
  if (journal !== undefined) {
    try {
      return (await openMemoryQueue({ journalFile: journal, readOnly: true })).queue;
    } catch (error) {
      throw new CliError(exitCodes.data, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
  const { REDIS_URL, REDIS_KEY_PREFIX, REDIS_TLS_CA_FILE } = loadConfig(RedisConfigSchema, process.env);
  const url = redis ?? REDIS_URL;
  if (url === undefined) throw new CliError(exitCodes.usage, "where is the queue? Give --redis URL (or REDIS_URL) or --journal FILE.");
  const { queue } = await openRedisQueue({
    url,
    ...(REDIS_KEY_PREFIX === undefined ? {} : { prefix: REDIS_KEY_PREFIX }),
    ...(REDIS_TLS_CA_FILE === undefined ? {} : { tls: { ca: readPem("REDIS_TLS_CA_FILE", REDIS_TLS_CA_FILE) } }),
  });
  return queue;
}

export async function listQueue(options: ListOptions): Promise<ExitCode> {
  const { state, lane, region, limit, json } = options;
  const cases = await withQueue(options, async (queue) => {
    const found: CaseView[] = [];
    let cursor: string | null = null;
    do {
      const page = await queue.list(
        {
          limit: limit - found.length,
          ...(state === undefined ? {} : { states: state }),
          ...(lane === undefined ? {} : { lane }),
          ...(region === undefined ? {} : { region }),
          ...(cursor === null ? {} : { cursor }),
        },
        Date.now(),
      );
      found.push(...page.cases);
      cursor = page.nextCursor;
    } while (cursor !== null && found.length < limit);
    return found;
  });
  if (json) for (const view of cases) console.log(JSON.stringify(view));
  else if (cases.length === 0) console.log("No such case.");
  else for (const line of caseTable(cases)) console.log(line);
  return exitCodes.ok;
}

function caseTable(cases: readonly CaseView[]): string[] {
  const rows = cases.map((view) => {
    const leading = leadingCandidate(view);
    return [
      view.caseId,
      view.meterId,
      view.region,
      leading === undefined ? "" : `${leading.onset.slice(0, 16).replace("T", " ")}Z`,
      leading === undefined ? "" : formatMw(leading.stepKw),
      view.lane,
      leading === undefined ? "" : leading.score.toFixed(2),
      view.lease === null ? view.state : `${view.state} (${view.lease.by})`,
    ];
  });
  return formatTable(
    [left("Case"), left("Meter"), left("Region"), left("Onset (UTC)"), right("MW"), left("Lane"), right("Score"), left("State")],
    rows,
  );
}

function leadingCandidate(view: CaseView) {
  return view.candidates.find(({ candidateId }) => candidateId === view.leadingCandidateId);
}

export async function showCase(caseId: string, options: QueuePlace & { readonly json?: boolean }): Promise<ExitCode> {
  const detail = await withQueue(options, (queue) => queue.get(caseId, Date.now()));
  if (detail === null) throw dataError(caseId, "there is no such case");
  if (options.json) console.log(JSON.stringify(detail, null, 2));
  else for (const line of describeCase(detail)) console.log(line);
  return exitCodes.ok;
}

function describeCase({ case: view, candidates }: CaseDetail): string[] {
  const lines = [
    `Case ${view.caseId}: ${view.state}, lane ${view.lane}`,
    `Meter ${view.meterId}, area ${view.areaId}, region ${view.region}`,
  ];
  if (view.flags.length > 0) lines.push(`Note: ${view.flags.join(", ")}`);
  if (view.disposition !== null) lines.push(`Verdict: ${view.disposition.verdict} by ${view.disposition.by}: ${view.disposition.reason}`);
  for (const candidate of candidates) {
    const listed = view.candidates.find(({ candidateId }) => candidateId === candidate.candidateId);
    lines.push("", ...describeCandidate(candidate));
    if (listed !== undefined) lines.push(`  Permits: ${listed.permit.note}`);
    if (listed?.withdrawn) lines.push(`  Withdrawn at ${listed.withdrawn.at}: ${listed.withdrawn.reason}`);
    lines.push(...scoreLines(movedScore(candidate.evidence.scoreParts ?? [])), ...testTable(candidate.evidence.tests));
  }
  return lines;
}

function describeCandidate(candidate: Candidate): string[] {
  const { stepKw, stepKwLow, stepKwHigh, evidence } = candidate;
  return [
    `Candidate ${candidate.candidateId}: ${candidate.summary}`,
    `  Onset ${candidate.onset}, raised ${candidate.raisedAt}, score ${candidate.score.toFixed(2)}, signature ${candidate.signature}`,
    `  Step ${formatMw(stepKw)} MW (${formatMw(stepKwLow)} to ${formatMw(stepKwHigh)}), ${candidate.direction}`,
    ...estimateLines(evidence.estimates),
  ];
}

function estimateLines(estimates: Estimates | undefined): string[] {
  if (estimates === undefined) return [];
  const { machines, energyKwh, technicalLossKw, basis } = estimates;
  const energy =
    energyKwh && `Energy ${megawattHours(energyKwh.value)} MWh (${megawattHours(energyKwh.low)} to ${megawattHours(energyKwh.high)})`;
  const loss = technicalLossKw === null ? null : `technical loss taken off ${formatMw(technicalLossKw)} MW`;
  const count = `as much as ${machines.value} machines (${machines.low} to ${machines.high})`;
  return [`  ${[energy, count, loss].filter((part) => part !== null).join(", ")}`, `  Basis: ${basis}`];
}

/** "  For: step_share +1.20, ..." and the same against. */
function scoreLines({ inFavour, against }: MovedScore): string[] {
  return [
    { word: "For", parts: inFavour },
    { word: "Against", parts: against },
  ]
    .filter(({ parts }) => parts.length > 0)
    .map(({ word, parts }) => `  ${word} (log-odds): ${parts.map(({ name, logOdds }) => `${name} ${signed(logOdds)}`).join(", ")}`);
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** Three significant digits. */
function megawattHours(kwh: number): string {
  return String(Number((kwh / 1000).toPrecision(3)));
}

function shortNumber(value: number | null): string {
  return value === null ? "-" : String(Number(value.toPrecision(4)));
}

function testTable(tests: readonly EvidenceTest[]): string[] {
  const rows = tests.map(({ name, value, threshold, passesWhen, unit, verdict, note }) => [
    name,
    shortNumber(value),
    threshold === null ? "-" : `${passesWhen === "at_least" ? ">=" : "<="} ${shortNumber(threshold)}`,
    unit,
    verdict.replace("_", " "),
    note ?? "",
  ]);
  const table = formatTable([left("Test"), right("Value"), left("Passes"), left("Unit"), left("Verdict"), left("Note")], rows);
  return table.map((line) => `  ${line}`);
}
